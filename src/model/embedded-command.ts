import { spawn } from 'node:child_process';
import { messageOf } from '../base/errors.ts';

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the command is stopped and counts as failed. */
  readonly timeoutMs: number;
  /** Environment of the command. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
}

export type CommandResult =
  | { readonly status: 'finished' }
  | { readonly status: 'not-found' }
  /** `reason` is the last thing that the command said, with passwords of addresses removed. */
  | { readonly status: 'failed'; readonly reason: string };

/** Most characters of a command's output that are kept to explain a failure. */
const keptOutput = 4_000;

/**
 * Runs a program without a shell and without input. A failure is a result; only an abort rejects, with the
 * signal's reason and after the program has ended.
 */
export async function runCommand(
  command: string,
  commandArguments: readonly string[],
  { signal, timeoutMs, env, cwd }: CommandOptions,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const result = await new Promise<CommandResult>((resolve) => {
    const child = spawn(command, [...commandArguments], {
      cwd,
      env: env as NodeJS.ProcessEnv | undefined,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-keptOutput);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    timeout.addEventListener('abort', stop, { once: true });
    const finish = (finished: CommandResult) => {
      signal?.removeEventListener('abort', stop);
      timeout.removeEventListener('abort', stop);
      resolve(finished);
    };
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        error.code === 'ENOENT' ? { status: 'not-found' } : { status: 'failed', reason: messageOf(error) },
      ),
    );
    child.on('close', (code) => {
      if (code === 0) return finish({ status: 'finished' });
      const reason = timeout.aborted
        ? `took longer than ${Math.round(timeoutMs / 1000)} seconds`
        : lastLine(output) || `ended with code ${code}`;
      finish({ status: 'failed', reason });
    });
  });
  signal?.throwIfAborted();
  return result;
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? '';
  // Package managers quote their index, which may carry a password.
  return line.trim().replace(/:\/\/[^/\s@]+@/g, '://');
}
