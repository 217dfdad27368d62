import { openMemoryStore } from '../../store/open-store.ts';
import type { ContractCheck } from '../contract-check.ts';
import { callsOfSteps } from '../steps-task.ts';
import { expect } from '../test-runner.ts';
import { courseOf, type FinishedTriageRun } from '../triage-run.ts';
import { createTill, setAsideUsd } from './till.ts';
import type { Trial } from './trial.ts';

/** Sums of dollars that should be equal differ in their last digit. */
const roundingUsd = 1e-9;

/** Limits hold, and lose nothing. */
export function limitChecks(trial: Trial): readonly ContractCheck[] {
  const { create, finish, start, undisturbed, sizeOf, choiceScores, noSteps } = trial;
  const { validation, test } = sizeOf('one step');
  /** Where the seed is tested with calibrated answers too, it is tested twice. */
  const proofRows = 3 * validation + (choiceScores ? 3 : 2) * test;
  const isProof = (phase: string) => ['baseline', 'confirmation', 'sealed test'].includes(phase);
  const checkEstimate = async (task: 'one step' | 'two steps') => {
    const { calls, asked } = await undisturbed(task);
    const estimate = create().estimate(sizeOf(task));
    expect(calls.filter(({ phase }) => !isProof(phase)).length).toBeLessThanOrEqual(
      // An answer that cannot be read is asked for once more.
      task === 'two steps' && !choiceScores ? 2 * estimate.task : estimate.task,
    );
    expect(asked.length - calls.length).toBeLessThanOrEqual(estimate.reflection);
  };

  return [
    {
      title: 'stays within a budget of calls and leaves enough for the proof',
      check: async () => {
        const calls = validation + proofRows + 25;
        const { asked, calls: ofTask, report } = await finish({ changes: { budget: { calls } } });
        expect(ofTask.length).toBeLessThanOrEqual(calls);
        expect(asked.length - ofTask.length).toBeLessThanOrEqual(report.usage.reflectionCalls);
        expect(report.usage.calls - report.usage.cachedCalls).toBeLessThanOrEqual(calls);
        expect(report.sealedTest?.rows).toBe(test);
      },
    },
    {
      title: 'stays within a budget of calls where a row takes several',
      skip: noSteps,
      check: async () => {
        const calls = callsOfSteps * (validation + proofRows + 15);
        const finished = await finish({ task: 'two steps', changes: { budget: { calls } } });
        expect(finished.calls.length).toBeLessThanOrEqual(calls);
        const { calls: counted, cachedCalls } = finished.report.usage;
        expect(counted - cachedCalls).toBeLessThanOrEqual(calls);
        expect(finished.report.sealedTest?.rows).toBe(test);
      },
    },
    {
      title: 'ends when its budget is spent, and asks for nothing more',
      check: async () => {
        const calls = validation + 2 * test + 30;
        const { report, events } = await finish({
          changes: { budget: { calls, reflectionCalls: 3 }, evenIfSaturated: true },
        });
        expect(report.notices).not.toContainEqual(expect.stringContaining('went on asking'));
        expect(events.filter(({ type }) => type === 'budget-exhausted').length).toBeLessThanOrEqual(1);
      },
    },
    {
      title: 'makes no more calls than it estimates',
      check: () => checkEstimate('one step'),
    },
    {
      title: 'makes no more calls than it estimates where a row takes several',
      skip: noSteps,
      check: () => checkEstimate('two steps'),
    },
    {
      title:
        'stays within a limit of dollars with paid reflections, and killed twice pays nothing again and decides the same',
      check: async () => {
        const unlimited = createTill();
        const free = await finish(unlimited.at());
        const limited = async (share: number) => {
          const limit = { budget: { usd: share * unlimited.paidUsd() + setAsideUsd } };
          const whole = createTill();
          return { limit, whole, expected: await finish({ changes: limit, ...whole.at() }) };
        };
        const reflects = ({ report }: FinishedTriageRun) => report.usage.reflectionCalls > 0;
        const tight = await limited(0.9);
        // One whose first reflection comes late has a limit that holds it.
        const { limit, whole, expected } =
          reflects(free) && !reflects(tight.expected) ? await limited(1.2) : tight;
        expect(reflects(expected)).toBe(reflects(free));
        expect(whole.paidUsd()).toBeLessThanOrEqual(limit.budget.usd + roundingUsd);
        expect(expected.report.usage.spentUsd).toBeCloseTo(whole.paidUsd(), 9);

        await using store = await openMemoryStore();
        const till = createTill();
        const concurrency = 4;
        const kills = [0.35, 0.5];
        for (const part of kills) {
          const controller = new AbortController();
          const cut = Math.ceil(part * expected.asked.length);
          const { run } = start({
            store,
            changes: { ...limit, concurrency, signal: controller.signal },
            ...till.at({ store, onPaid: (paid) => paid === cut && controller.abort() }),
          });
          await expect(run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
        }
        const resumed = await finish({ store, changes: limit, ...till.at({ store }) });
        expect(courseOf(resumed)).toEqual(courseOf(expected));
        expect(till.paidAlthoughStored()).toEqual([]);
        const inFlight = kills.length * concurrency;
        expect(till.paidTwice()).toBeLessThanOrEqual(inFlight);
        expect(till.paidUsd()).toBeLessThanOrEqual(
          limit.budget.usd + inFlight * till.dearestUsd() + roundingUsd,
        );
      },
    },
  ];
}
