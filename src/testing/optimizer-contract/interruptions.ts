import { openMemoryStore } from '../../store/open-store.ts';
import type { ContractCheck } from '../contract-check.ts';
import { expect } from '../test-runner.ts';
import { courseOf, serverError } from '../triage-run.ts';
import type { Trial } from './trial.ts';

/** Stops, aborts and faults of the infrastructure. */
export function interruptionChecks(trial: Trial): readonly ContractCheck[] {
  const { finish, start, undisturbed, split, mostCallsPerRow } = trial;
  return [
    {
      title: 'starts nothing after a cancel, and goes on to the same result without asking anything twice',
      check: async () => {
        await using store = await openMemoryStore();
        const whole = await undisturbed();
        const cut = Math.ceil(whole.calls.length / 2);
        const cancelled = start({
          store,
          changes: { concurrency: 4 },
          onCall: ({ count, cancel }) => count === cut && cancel(),
        });
        await expect(cancelled.run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
        expect(cancelled.calls.length).toBeLessThanOrEqual(cut + 4 * mostCallsPerRow);
        const resumed = await finish({ store });
        expect(courseOf(resumed)).toEqual(courseOf(whole));
        expect([...cancelled.asked(), ...resumed.asked].sort()).toEqual([...whole.asked].sort());
      },
    },
    {
      title: 'stops when its signal aborts, and goes on to the same result',
      check: async () => {
        await using store = await openMemoryStore();
        const controller = new AbortController();
        const whole = await undisturbed();
        const cut = Math.ceil(whole.calls.length / 3);
        const { run, calls } = start({
          store,
          changes: { signal: controller.signal, concurrency: 4 },
          onCall: ({ count }) => count === cut && controller.abort(),
        });
        await expect(run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
        expect(calls.length).toBeLessThanOrEqual(cut + 4);
        expect(courseOf(await finish({ store }))).toEqual(courseOf(whole));
      },
    },
    {
      title: 'leaves rows that the infrastructure lost out in pairs, and never counts them as 0',
      check: async () => {
        await using store = await openMemoryStore();
        const lost = [split.train[0]?.id, split.validation[1]?.id, split.test[2]?.id];
        const { report } = await finish({
          store,
          onCall: ({ rowId }) => {
            if (lost.includes(rowId)) throw serverError();
          },
        });
        expect(report.sealedTest).toMatchObject({ rows: split.test.length - 1, lost: 1 });
        for await (const { example, outcome } of store.outcomes.read(report.runId)) {
          if (lost.includes(example)) expect(JSON.parse(outcome).outcome.status).toBe('infrastructure-error');
        }
      },
    },
    {
      title: 'ends with the error of the model when every row is lost',
      check: async () => {
        await using store = await openMemoryStore();
        const { run } = start({
          store,
          onCall: () => {
            throw serverError();
          },
        });
        await expect(run.result()).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
        expect((await store.runs.read(await run.id))?.status).toBe('interrupted');
      },
    },
    {
      title: 'asks about no test row before the sealed test',
      check: async () => {
        const { calls } = await undisturbed();
        const test = new Set(split.test.map(({ id }) => id));
        const phases = new Set(calls.filter(({ rowId }) => test.has(rowId)).map(({ phase }) => phase));
        expect([...phases]).toEqual(['sealed test']);
      },
    },
  ];
}
