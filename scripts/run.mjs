// Running other programs: one at a time, with an end, and with Ctrl-C going to whoever does the work.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a program to its end, with this terminal as its own.
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ limitMinutes?: number, env?: Record<string, string | undefined> }} options `limitMinutes` left
 *   out: as long as it takes.
 * @returns {Promise<number>} Its exit code: 128 + n when signal n ended it, 124 when its time was over.
 */
export function runToEnd(command, parameters, { limitMinutes, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command === 'npm';
    const child = spawn(command, parameters, { cwd: root, stdio: 'inherit', env, shell });
    let isOverTime = false;
    const timer =
      limitMinutes &&
      setTimeout(() => {
        isOverTime = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
      }, limitMinutes * 60_000);
    // A terminal sends Ctrl-C to both; this process waits for the other's orderly end.
    const stay = () => {};
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', stay);
    process.on('SIGTERM', forward);
    const settle = () => {
      clearTimeout(timer);
      process.off('SIGINT', stay);
      process.off('SIGTERM', forward);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(isOverTime ? 124 : (code ?? 128 + constants.signals[signal]));
    });
  });
}
