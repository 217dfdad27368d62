import { HoneError } from '../base/errors.ts';
import type { Adapter } from './adapter.ts';
import { chatAdapter } from './chat-adapter.ts';
import { completionAdapter } from './completion-adapter.ts';
import { jsonAdapter } from './json-adapter.ts';
import type { PromptFormat } from './prompt-format.ts';

const adapters: Readonly<Record<PromptFormat, Adapter>> = {
  chat: chatAdapter,
  json: jsonAdapter,
  completion: completionAdapter,
  channel: { ...completionAdapter, format: 'channel' },
};

/** The names of the layouts, the default first. */
export const promptFormats = [
  'chat',
  'json',
  'completion',
  'channel',
] as const satisfies readonly PromptFormat[];

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
