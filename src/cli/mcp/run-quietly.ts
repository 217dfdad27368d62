import { HoneError } from '../../base/errors.ts';
import type { CommandIo } from '../command-io.ts';
import { memoryIo } from '../memory-io.ts';

/** What a command line did. */
export interface QuietRun {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface QuietSetting {
  readonly io: CommandIo;
  /** Runs a command line with streams of its own. */
  readonly runWith: (argv: readonly string[], io: CommandIo) => Promise<number>;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the last line of progress, while it runs. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** How often a waiting client hears of a run, in milliseconds. */
const progressEveryMs = 2_000;

/** Runs a command line in this process and keeps what it writes: stdout belongs to the protocol. */
export async function runQuietly(
  argv: readonly string[],
  { io, runWith, signal, onProgress }: QuietSetting,
): Promise<QuietRun> {
  // A call that was given up while others were running is not begun.
  if (signal?.aborted === true)
    throw new HoneError('The call was cancelled; nothing was done.', { code: 'HONE_ABORTED' });
  const memory = memoryIo({ cwd: io.cwd, variables: io.variables });
  const stop = () => memory.interrupt();
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setInterval(() => {
    const last = memory.errors().trimEnd().split('\n').at(-1) ?? '';
    onProgress?.(last === '' ? 'running' : last);
  }, progressEveryMs);
  try {
    const code = await runWith(argv, memory);
    return { code, output: memory.output(), errors: memory.errors() };
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
}
