import { createInterface } from 'node:readline/promises';
import { HoneError } from '../base/errors.ts';
import { processVariables } from '../config/environment.ts';
import type { CommandIo } from './command-io.ts';
import { exitCodes } from './exit-codes.ts';
import { openStopGuard } from './stop-guard.ts';

/** The real terminal, folder and environment. */
export function processIo(): CommandIo {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that leaves early (`hone report | head`) is a normal end.
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    process.stderr.write(
      `error HONE_FOLDER_READ_ONLY: stdout cannot be written: ${error.message}.\nfix: Make room, or send the output elsewhere; what was answered is kept.\n`,
      () => process.exit(exitCodes.error),
    );
  });
  // Progress that nobody can read must not end the run.
  process.stderr.on('error', () => undefined);
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    cwd: process.cwd(),
    variables: processVariables(),
    async ask(question) {
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      // Ctrl-C and Ctrl-D are no answer, and without one the process would wait for nothing.
      const left = new Promise<never>((_, reject) => {
        const leave = () => {
          process.stderr.write('\n');
          reject(new HoneError('There was no answer; nothing was done.', { code: 'HONE_ABORTED' }));
        };
        reader.once('SIGINT', leave);
        reader.once('close', leave);
      });
      try {
        return await Promise.race([reader.question(question), left]);
      } finally {
        left.catch(() => undefined);
        reader.removeAllListeners('close');
        reader.close();
      }
    },
    onInterrupt(listener) {
      const guard = openStopGuard();
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        guard.close();
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
    exit: (code) => process.exit(code),
  };
}
