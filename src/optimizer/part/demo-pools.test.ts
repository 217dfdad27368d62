import { describe, expect, test } from 'vitest';
import { pipeline } from '../../program/pipeline.ts';
import { predict } from '../../program/predict.ts';
import type { Candidate, Demo } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triageExamples } from '../../testing/triage-task.ts';
import { auto } from '../method/auto.ts';
import { bootstrapFewShot } from '../method/bootstrap-few-shot.ts';
import { demoSetRace } from '../method/demo-set-race.ts';
import { labeledFewShot } from '../method/labeled-few-shot.ts';
import { isInner, rowsForPools } from './demo-pools.ts';

const search = predict(signature('question -> query'), { name: 'search' });
const answer = predict(signature('question, passages: string[] -> answer'), { name: 'answer' });
const { shape } = pipeline([search, predict(signature('question, query -> answer'), { name: 'reply' })]);

describe('a step is inner', () => {
  test('when it takes what other steps give, or gives what only they take', () => {
    expect(shape.steps.map((step) => isInner(step, shape))).toEqual([true, true]);
    const [last] = answer.shape.steps;
    expect(last && isInner(last, { ...shape, inputs: answer.shape.inputs })).toBe(false);
  });

  test('and answering rows is counted only where there is one', () => {
    expect(rowsForPools(shape, { train: 100, demos: 8 })).toBe(24);
    expect(rowsForPools(shape, { train: 10, demos: 8 })).toBe(10);
    expect(rowsForPools(answer.shape, { train: 100, demos: 8 })).toBe(0);
  });
});

const labels = new Map(triageExamples().map(({ id, expected }) => [id, expected?.queue]));
const demosOf = (candidate: Candidate, name: string): readonly Demo[] => {
  const parameter = candidate[name];
  return parameter?.kind === 'demos' ? parameter.sets.flatMap(({ demos }) => demos) : [];
};

describe('demos of a step that takes what another gives', () => {
  test.each([
    { method: 'demoSetRace', optimizer: demoSetRace({ sets: 3, demos: 6 }) },
    { method: 'bootstrapFewShot', optimizer: bootstrapFewShot({ bootstrapped: 2, demos: 6 }) },
    { method: 'auto', optimizer: auto({ sets: 3, demos: 6 }) },
  ])('of $method hold what it took, with the label of the row', async ({ optimizer }) => {
    const { report } = await finishTriage({ optimizer, task: 'two steps', choiceScores: false });
    const demos = demosOf(report.best.candidate, 'sort.demos');
    expect(demos.length).toBeGreaterThanOrEqual(6);
    for (const { inputs, outputs, source = '' } of demos) {
      expect(inputs.note).toMatch(/^about .* and .*; about/);
      expect(outputs.queue).toBe(labels.get(source));
    }
  });

  test('of labeledFewShot come from rows that the seed answered', async () => {
    const { events, report } = await finishTriage({ optimizer: labeledFewShot(), task: 'two steps' });
    expect(report.notices).not.toContainEqual(expect.stringContaining('No training row could become a demo'));
    expect(events.filter(({ type }) => type === 'candidate-proposed')).toHaveLength(1);
  });
});
