import { splitDataset } from '../../dataset/split.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import type { ContractCheck } from '../contract-check.ts';
import { expect } from '../test-runner.ts';
import { courseOf } from '../triage-run.ts';
import { triageExamples } from '../triage-task.ts';
import { outOfOrder, type Trial } from './trial.ts';
import { withoutClock } from './without-clock.ts';

/** The same rows, options, answers and seed: the same decisions. */
export function decisionChecks(trial: Trial): readonly ContractCheck[] {
  const { create, finish, undisturbed, reflects, noSteps } = trial;
  return [
    {
      title: 'decides the same with the same seed, also beside another run of its kind',
      check: async () => {
        const [one, two] = await Promise.all([finish(), undisturbed()]);
        expect(courseOf(one)).toEqual(courseOf(two));
      },
    },
    {
      title: 'decides the same whatever the concurrency and whichever answer is first',
      check: async () => {
        const around = outOfOrder((call) => ((call + 1) % 3) * 2);
        const other = await finish({ changes: { concurrency: 3 }, around });
        expect(courseOf(other)).toEqual(courseOf(await undisturbed()));
      },
    },
    {
      title: 'decides the same whichever reflection is answered first',
      skip: reflects ? undefined : 'it asks no reflection model',
      check: async () => {
        const other = await finish({ aroundReflection: outOfOrder((call) => 12 - 3 * (call % 4)) });
        expect(courseOf(other)).toEqual(courseOf(await undisturbed()));
      },
    },
    {
      title: 'decides the same on a program of several steps',
      skip: noSteps,
      check: async () => {
        const around = outOfOrder((call) => ((call + 1) % 3) * 2);
        const other = await finish({ task: 'two steps', changes: { concurrency: 3 }, around });
        expect(courseOf(other)).toEqual(courseOf(await undisturbed('two steps')));
      },
    },
    {
      title: 'looks at no clock and draws no random number of its own',
      check: async () => {
        const used: string[] = [];
        await withoutClock(create(), used, (optimizer) => finish({ optimizer }));
        expect(used).toEqual([]);
      },
    },
    {
      title: 'remembers nothing of an earlier run, also of other rows',
      check: async () => {
        const optimizer = create();
        const others = splitDataset(triageExamples(160).slice(80), { seed: 7 });
        await finish({ optimizer, changes: { dataset: others, randomSeed: 7 } });
        expect(courseOf(await finish({ optimizer }))).toEqual(courseOf(await undisturbed()));
      },
    },
    {
      title: 'makes another like itself where it says that it can',
      skip: create().fresh === undefined ? 'it has no `fresh`' : undefined,
      check: async () => {
        const { name, version, options, needs } = create();
        const other = create().fresh?.();
        expect(other).toMatchObject({ name, version, options, needs });
        expect(courseOf(await finish({ optimizer: other }))).toEqual(courseOf(await undisturbed()));
      },
    },
    {
      title: 'replays from the stored answers without one model call, event for event',
      check: async () => {
        await using store = await openMemoryStore();
        const paid = await finish({ store });
        const replayed = await finish({ store });
        expect(replayed.events).toEqual(paid.events);
        expect(replayed.candidate).toEqual(paid.candidate);
        expect(replayed.asked).toEqual([]);
      },
    },
  ];
}
