import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { openStore } from '../../store/open-store.ts';
import { courseOf, type FinishedTriageRun, finishTriage, startTriage } from '../../testing/triage-run.ts';
import { auto } from '../method/auto.ts';
import { bootstrapRandomSearch } from '../method/bootstrap-random-search.ts';

const optimizers = {
  auto: () => auto({ sets: 2, channelDemos: 2 }),
  bootstrapRandomSearch: () => bootstrapRandomSearch({ candidates: 4, demos: 4 }),
};
/** Ends the search of either optimizer before it is done. */
const budget = { calls: 21 + 3 * 21 + 3 * 20 + 70 };

function storeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hone-resume-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'hone.db');
}

const points = (calls: number) => [0.02, 0.35, 0.65, 0.9].map((share) => Math.ceil(share * calls));

describe.each(Object.entries(optimizers))('a run of %s under a call budget', (_, create) => {
  const settings = () => ({ optimizer: create(), changes: { budget, concurrency: 4 } });

  let first: Promise<FinishedTriageRun> | undefined;
  const undisturbed = () => {
    first ??= finishTriage(settings());
    return first;
  };

  test('that was killed at any point goes on to the same result, asking no stored answer again', async () => {
    const whole = await undisturbed();
    const file = storeFile();
    const asked: string[] = [];
    // Each process gets a little further than the one before and dies of an error in the middle of its work.
    for (let death = 1; death <= 3; death += 1) {
      await using store = await openStore({ file });
      const { run, asked: ofProcess } = startTriage({
        ...settings(),
        store,
        onCall: ({ count }) => {
          if (count === 1 + Math.ceil(whole.calls.length / 8))
            throw new HoneError('Killed.', { code: 'HONE_INTERNAL' });
        },
      });
      await expect(run.result()).rejects.toThrow('Killed.');
      // The call that died was not answered.
      asked.push(...ofProcess());
    }
    await using store = await openStore({ file });
    const resumed = await finishTriage({ ...settings(), store });
    expect(courseOf(resumed)).toEqual(courseOf(whole));
    const times = new Map<string, number>();
    for (const key of [...asked, ...resumed.asked]) times.set(key, (times.get(key) ?? 0) + 1);
    const repeats = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    // Each death leaves one call without an answer: nothing else is repeated.
    expect(repeats).toBe(3);
    expect(new Set(times.keys())).toEqual(new Set(whole.asked));
  });

  test('that was cancelled at any point goes on to the same result, asking nothing twice', async () => {
    const whole = await undisturbed();
    for (const point of points(whole.calls.length)) {
      const file = storeFile();
      const before: string[] = [];
      {
        await using store = await openStore({ file });
        const started = startTriage({
          ...settings(),
          store,
          onCall: ({ count, cancel }) => count === point && cancel(),
        });
        await started.run.result().catch(() => undefined);
        before.push(...started.asked());
      }
      await using store = await openStore({ file });
      const resumed = await finishTriage({ ...settings(), store });
      expect(courseOf(resumed)).toEqual(courseOf(whole));
      expect([...before, ...resumed.asked].sort()).toEqual([...whole.asked].sort());
      expect(resumed.report.usage.calls).toBe(whole.report.usage.calls);
    }
  });
});

test('a completed run is not resumed: the same call is a new run that reads the stored answers', async () => {
  await using store = await openStore({ file: storeFile() });
  const optimizer = auto({ sets: 2, channelDemos: 2 });
  const first = await finishTriage({ optimizer, store });
  const second = await finishTriage({ optimizer, store });
  expect(second.report.runId).not.toBe(first.report.runId);
  expect(second.asked).toEqual([]);
});

test.each([
  { what: 'another seed', changes: { randomSeed: 2 } },
  { what: 'another budget', changes: { budget: { calls: 500 } } },
  { what: 'another limit on candidates', changes: { maxCandidates: 3 } },
])('$what is another run, an unfinished one left as it is', async ({ changes }) => {
  await using store = await openStore({ file: storeFile() });
  const optimizer = auto({ sets: 2, channelDemos: 0 });
  const { run } = startTriage({ optimizer, store, onCall: ({ count, cancel }) => count === 5 && cancel() });
  await run.result().catch(() => undefined);
  const other = await finishTriage({ optimizer, store, changes });
  expect(other.report.runId).not.toBe(await run.id);
  expect((await store.runs.read(await run.id))?.status).toBe('interrupted');
});
