import { expect, test } from 'vitest';
import { runCommand } from './embedded-command.ts';

const script = (code: string) => ['-e', code];
const node = process.execPath;

test('a program that ends well is finished', async () => {
  expect(await runCommand(node, script('0'), { timeoutMs: 20_000 })).toEqual({ status: 'finished' });
});

test('a program that does not exist is a result of its own', async () => {
  expect(await runCommand('hone-no-such-program', [], { timeoutMs: 20_000 })).toEqual({
    status: 'not-found',
  });
});

test('a failure says the last line, without the password of an address', async () => {
  const code = `console.error('first\\nno answer from https://ada:secret@index.example/simple'); process.exit(3)`;
  expect(await runCommand(node, script(code), { timeoutMs: 20_000 })).toEqual({
    status: 'failed',
    reason: 'no answer from https://index.example/simple',
  });
});

test('a failure without a word says its code', async () => {
  const result = await runCommand(node, script('process.exit(3)'), { timeoutMs: 20_000 });
  expect(result).toEqual({ status: 'failed', reason: 'ended with code 3' });
});

test('a program that takes too long is stopped and says so', async () => {
  const result = await runCommand(node, script('setInterval(() => 0, 1000)'), { timeoutMs: 1_000 });
  expect(result).toEqual({ status: 'failed', reason: 'took longer than 1 seconds' });
});

test('an abort stops the program and rejects with its reason', async () => {
  const reason = new Error('stopped by the test');
  const stop = new AbortController();
  const running = runCommand(node, script('setInterval(() => 0, 1000)'), {
    timeoutMs: 60_000,
    signal: stop.signal,
  });
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
});
