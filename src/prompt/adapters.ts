import { HoneError } from '../base/errors.ts';
import type { Adapter, PromptFormat } from './adapter.ts';
import { chatAdapter } from './chat-adapter.ts';
import { completionAdapter } from './completion-adapter.ts';
import { jsonAdapter } from './json-adapter.ts';

const adapters: Readonly<Record<PromptFormat, Adapter>> = {
  chat: chatAdapter,
  json: jsonAdapter,
  completion: completionAdapter,
};

/** The names of the layouts, the default first. */
export const promptFormats = ['chat', 'json', 'completion'] as const satisfies readonly PromptFormat[];

/**
 * The adapter of a layout.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a name that is no layout.
 */
export function adapterOf(format: string): Adapter {
  const known = promptFormats.find((name) => name === format);
  if (known !== undefined) return adapters[known];
  throw new HoneError(`“${format}” is no layout of a prompt.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Use one of: ${promptFormats.join(', ')}.`,
  });
}
