import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { longestStopMs } from './stop-guard.ts';

/** A process that hears a stop on its main thread and computes for ever. */
const busy = `
import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))};
const { openStopGuard } = await createJiti(import.meta.url).import(${JSON.stringify(resolve('src/cli/stop-guard.ts'))});
openStopGuard();
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
setTimeout(() => { console.log('busy'); for (;;); }, 300);
`;

test.each([
  ['twice', ['SIGTERM', 'SIGTERM'], 5_000],
  ['twice, each in its way', ['SIGINT', 'SIGTERM'], 5_000],
] as const)(
  'a process that is too busy to hear a stop is ended when asked %s',
  async (_, signals, withinMs) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', busy], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child.stdout, 'data');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    const [first, second] = signals;
    child.kill(first);
    const ended = once(child, 'close');
    setTimeout(() => child.kill(second), 200);
    const hung = setTimeout(() => child.kill('SIGKILL'), withinMs + longestStopMs);
    const [, signal] = await ended;
    clearTimeout(hung);
    expect(signal).toBe('SIGKILL');
    expect(said).toContain('killed; what was answered is kept. Go on with: hone resume');
  },
);
