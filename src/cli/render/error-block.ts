import { HoneError, messageOf } from '../../base/errors.ts';
import type { Style } from './style.ts';

/** How an error is shown. */
export interface ErrorBlockOptions {
  readonly style: Style;
  /** Whether the stack and the causes are shown. */
  readonly verbose: boolean;
}

/** An error as one block: what happened and where, then what to do about it. */
export function renderError(thrown: unknown, { style, verbose }: ErrorBlockOptions): string {
  const code = HoneError.isInstance(thrown) ? thrown.code : 'HONE_INTERNAL';
  const lines = [`${style.bad('error')} ${style.bold(code)}: ${withoutControls(messageOf(thrown))}`];
  const hint = HoneError.isInstance(thrown) ? thrown.hint : hintForUnexpected(verbose);
  if (hint !== undefined) lines.push(`${style.accent('fix:')} ${withoutControls(hint)}`);
  if (verbose) lines.push(...causesOf(thrown).map((cause) => style.dim(cause)));
  return lines.join('\n');
}

/** What a server or a file says must not steer the terminal; line breaks may stay. */
function withoutControls(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, ' ');
}

function hintForUnexpected(verbose: boolean): string | undefined {
  return verbose ? undefined : 'Run the same command with --verbose to see where it comes from.';
}

/** The stacks of the error and of everything that caused it, outermost first. */
function causesOf(thrown: unknown): readonly string[] {
  const stacks: string[] = [];
  let current = thrown;
  while (current instanceof Error && stacks.length < 8) {
    stacks.push(`${stacks.length === 0 ? '' : 'caused by '}${current.stack ?? current.message}`);
    current = current.cause;
  }
  return stacks;
}
