import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { memoryIo } from './memory-io.ts';
import { createStyle } from './render/style.ts';
import { type WatchedRun, watchRun } from './watch-run.ts';

const progress = () => ({ phase: 'baseline', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 });

function watch(run: Partial<WatchedRun<string>>, io: ReturnType<typeof memoryIo>, graceMs?: number) {
  const whole = {
    id: 'opt-1',
    progress,
    cancel: () => undefined,
    result: () => Promise.resolve('done'),
    ...run,
  };
  return watchRun(whole, { io, style: createStyle(false), quiet: false, graceMs });
}

const never = () => new Promise<string>(() => undefined);

describe('a stop', () => {
  test('waits for what is in flight, then tells how to go on', async () => {
    const io = memoryIo({ cwd: '.' });
    let cancel: () => void = () => undefined;
    const result = new Promise<string>((_, reject) => {
      cancel = () => reject(new HoneError('stopped', { code: 'HONE_ABORTED' }));
    });
    const watched = watch({ cancel: () => cancel(), result: () => result }, io);
    io.interrupt();
    expect(await watched).toEqual({ status: 'interrupted' });
    expect(io.errors()).toMatch(/stopping: .*\nstopped; .* Go on with: hone resume opt-1\n$/);
    expect(io.exits).toEqual([]);
  });

  test('does not wait longer than it says, whatever is in flight', async () => {
    const io = memoryIo({ cwd: '.' });
    const left = new Promise<void>((done) => {
      const exit = (code: number) => {
        io.exit(code);
        done();
      };
      void watch({ result: never }, { ...io, exit }, 20);
    });
    io.interrupt();
    await left;
    expect(io.exits).toEqual([130]);
    expect(io.errors()).toMatch(/hone resume opt-1\n$/);
  });

  test('asked for twice ends it at once, and still tells how to go on', async () => {
    const io = memoryIo({ cwd: '.' });
    void watch({ result: never, id: Promise.resolve('opt-2') }, io);
    await Promise.resolve();
    io.interrupt();
    io.interrupt();
    expect(io.exits).toEqual([130]);
    expect(io.errors()).toMatch(/hone resume opt-2\n$/);
  });

  test('before the run has an id names the command alone', () => {
    const io = memoryIo({ cwd: '.' });
    void watch({ result: never, id: new Promise<string>(() => undefined) }, io);
    io.interrupt();
    io.interrupt();
    expect(io.errors()).toMatch(/Go on with: hone resume\n$/);
  });
});
