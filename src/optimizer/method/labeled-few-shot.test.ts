import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { splitDataset } from '../../dataset/split.ts';
import { type Candidate, type Demo, parameterOf } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { queues, triage, triageExamples } from '../../testing/triage-task.ts';
import { balancedSample, labelledDemos } from '../part/demo-sets.ts';
import { labeledFewShot } from './labeled-few-shot.ts';

describeOptimizer('labeledFewShot', () => labeledFewShot({ demos: 6 }));

function demosOf(candidate: Candidate): readonly Demo[] {
  return parameterOf(candidate, 'answer.demos', 'demos')?.sets[0]?.demos ?? [];
}

describe('labeledFewShot', () => {
  test('shows as many demos of each answer, all from training rows', async () => {
    const { report } = await finishTriage({ optimizer: labeledFewShot({ demos: 6 }) });
    const demos = demosOf(report.best.candidate);
    for (const queue of queues)
      expect(demos.filter(({ outputs }) => outputs.queue === queue)).toHaveLength(2);
    const train = splitDataset(triageExamples(), { seed: 1 }).train.map(({ id }) => id);
    for (const { source } of demos) expect(train).toContain(source);
  });

  test('asks nothing on its way', async () => {
    const { calls } = await finishTriage({ optimizer: labeledFewShot() });
    expect([...new Set(calls.map(({ phase }) => phase))]).toEqual([
      'baseline',
      'confirmation',
      'sealed test',
    ]);
  });

  test('shows other demos with another seed', async () => {
    const run = (randomSeed: number) =>
      finishTriage({ optimizer: labeledFewShot(), changes: { randomSeed } });
    const [one, two] = await Promise.all([run(1), run(2)]);
    expect(demosOf(one.report.best.candidate)).not.toEqual(demosOf(two.report.best.candidate));
  });
});

describe('demos from rows', () => {
  const [step] = triage.shape.steps;
  if (step === undefined) throw new TypeError('The task has one step.');

  test.each([
    { what: 'an input', example: { id: '1', inputs: {}, expected: { queue: 'billing' } } },
    { what: 'a label', example: { id: '1', inputs: { ticket: 'Hm' } } },
    {
      what: 'an answer in its label',
      example: { id: '1', inputs: { ticket: 'Hm' }, expected: { queue: '' } },
    },
  ])('a row without $what becomes none', ({ example }) => {
    expect(labelledDemos([example], step)).toEqual([]);
  });

  test('a row becomes a demo of the fields of the step alone, with its source', () => {
    const example = {
      id: '7',
      inputs: { ticket: 'Hm', age: 3 },
      expected: { queue: 'billing', urgency: 'high' },
    };
    expect(labelledDemos([example], step)).toEqual([
      { inputs: { ticket: 'Hm' }, outputs: { queue: 'billing' }, source: '7' },
    ]);
  });

  test.each([
    { pool: { a: 50, b: 50, c: 50 }, size: 9, counts: { a: 3, b: 3, c: 3 } },
    { pool: { a: 97, b: 2, c: 1 }, size: 6, counts: { a: 3, b: 2, c: 1 } },
    { pool: { a: 2, b: 1 }, size: 9, counts: { a: 2, b: 1 } },
  ])('a sample of $size from $pool is as even as it can be: $counts', ({ pool, size, counts }) => {
    const demos = Object.entries(pool).flatMap(([answer, count]) =>
      Array.from({ length: count }, (_, index) => ({ inputs: { index }, outputs: { queue: answer } })),
    );
    const sample = balancedSample(demos, size, createRandom(1));
    expect(new Set(sample).size).toBe(sample.length);
    const found = Object.keys(pool).map((answer) => [
      answer,
      sample.filter(({ outputs }) => outputs.queue === answer).length,
    ]);
    expect(Object.fromEntries(found)).toEqual(counts);
  });

  test('shows demos on every step of a program, those of inner steps from rows that were answered', async () => {
    const { report } = await finishTriage({
      optimizer: labeledFewShot({ demos: 3 }),
      task: 'two steps',
      choiceScores: false,
    });
    for (const step of ['note', 'sort']) {
      const sets = parameterOf(report.best.candidate, `${step}.demos`, 'demos')?.sets ?? [];
      expect(sets[0]?.demos.length).toBeGreaterThan(0);
    }
  });
});
