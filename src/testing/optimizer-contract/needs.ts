import type { ParameterKind } from '../../prompt/candidate.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import type { ContractCheck } from '../contract-check.ts';
import { expect } from '../test-runner.ts';
import type { TriageRunOptions } from '../triage-run.ts';
import { type triage, triageModel, triageScorer, triageWithTemperature } from '../triage-task.ts';
import type { Trial } from './trial.ts';

type Changes = NonNullable<TriageRunOptions['changes']>;

/** Everything that it says that it needs is asked for before the first call, and nothing else is. */
export function needChecks(trial: Trial): readonly ContractCheck[] {
  const { create, needs, start, finish, examples, split } = trial;
  const unlabelled = examples.map(({ id, inputs }) => ({ id, inputs }));
  const without: readonly { readonly need: string; readonly isNeeded: boolean; readonly changes: Changes }[] =
    [
      ...needs.parameters.map((kind) => ({
        need: `${kind} parameters`,
        isNeeded: true,
        changes: { program: programWithout(kind) },
      })),
      { need: 'labels', isNeeded: needs.labels, changes: { dataset: unlabelled } },
      {
        need: 'feedback',
        isNeeded: needs.feedback === true,
        changes: { scorer: { ...triageScorer, givesFeedback: false } },
      },
      {
        need: 'a reflection model',
        isNeeded: needs.reflectionModel === true,
        changes: { reflectionModel: undefined },
      },
      {
        need: 'a model that judges pairs',
        isNeeded: needs.preference === true,
        changes: { reflectionModel: undefined, models: {} },
      },
      {
        need: 'choice scores',
        isNeeded: needs.choiceScores === true,
        changes: { model: triageModel({ choiceScores: false }) },
      },
    ];
  return [
    ...without.map(
      ({ need, isNeeded, changes }): ContractCheck => ({
        title: `refuses to start without ${need}, before anything is asked`,
        skip: isNeeded ? undefined : 'it does not need that',
        check: async () => {
          await using store = await openMemoryStore();
          const { run, asked } = start({ store, changes });
          await expect(run.result()).rejects.toMatchObject({ exitCode: 2 });
          expect(asked()).toEqual([]);
        },
      }),
    ),
    {
      title: 'finishes without what it does not say that it needs',
      check: async () => {
        const { report } = await finish({
          optimizer: create(),
          choiceScores: needs.choiceScores === true,
          ...(!needs.reflectionModel && !needs.preference && { reflectionModel: undefined }),
          changes: { ...(!needs.feedback && { scorer: { ...triageScorer, givesFeedback: false } }) },
        });
        expect(report.stopReason).toBe('done');
        expect(report.sealedTest?.rows).toBe(split.test.length);
      },
    },
  ];
}

/** The task's program with no parameter of a kind. */
function programWithout(kind: ParameterKind): typeof triage {
  const { shape, seed } = triageWithTemperature;
  const parameters = shape.parameters.filter((parameter) => parameter.kind !== kind);
  return {
    ...triageWithTemperature,
    shape: { ...shape, parameters },
    seed: Object.fromEntries(Object.entries(seed).filter(([, value]) => value.kind !== kind)),
  };
}
