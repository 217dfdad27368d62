import { describe, expect, test } from 'vitest';
import { splitDataset } from '../../dataset/split.ts';
import { type Candidate, type Demo, parameterOf } from '../../prompt/candidate.ts';
import { scorer } from '../../scorer/custom-scorer.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triageExamples } from '../../testing/triage-task.ts';
import { bootstrapFewShot } from './bootstrap-few-shot.ts';

describeOptimizer('bootstrapFewShot', () => bootstrapFewShot({ bootstrapped: 3, demos: 6 }));

function demosOf(candidate: Candidate): readonly Demo[] {
  return parameterOf(candidate, 'answer.demos', 'demos')?.sets[0]?.demos ?? [];
}

const labels = new Map(triageExamples().map(({ id, expected }) => [id, expected?.queue]));
const isRight = ({ source = '', outputs }: Demo) => labels.get(source) === outputs.queue;

/** 1 for the right queue, 0.4 for a wrong one. */
const lenient = scorer<{ ticket: string }, { queue: string }, { queue: string }>(
  'lenient',
  ({ outputs, expected }) => (outputs.queue === expected.queue ? 1 : 0.4),
  { expects: ['queue'] },
);

describe('bootstrapFewShot', () => {
  test.each([
    { threshold: 0.5, wrong: false },
    { threshold: 0.4, wrong: true },
  ])('takes answers that score at least $threshold: one of 0.4 among them is $wrong', async (row) => {
    const { report } = await finishTriage({
      optimizer: bootstrapFewShot({ bootstrapped: 8, demos: 8, threshold: row.threshold }),
      changes: { scorer: lenient },
      noise: 8,
    });
    const demos = demosOf(report.best.candidate);
    expect(demos).toHaveLength(8);
    expect(demos.some((demo) => !isRight(demo))).toBe(row.wrong);
  });

  test('answers no training row with that row’s own answer in the prompt', async () => {
    const { calls } = await finishTriage({ optimizer: bootstrapFewShot({ demos: 30 }) });
    const train = new Set(splitDataset(triageExamples(), { seed: 1 }).train.map(({ id }) => id));
    const bootstrapped = calls.filter(({ phase, rowId }) => phase === 'search' && train.has(rowId));
    expect(bootstrapped.length).toBeGreaterThanOrEqual(8);
    for (const { rowId, request } of bootstrapped) {
      const number = `#${rowId.replace('row-', '').padStart(3, '0')} `;
      const prompt = request.messages.map(({ content }) => content).join('\n');
      expect(prompt.split(number)).toHaveLength(2);
    }
  });

  test('tries rows in rounds of eight until enough are good', async () => {
    const { calls } = await finishTriage({ optimizer: bootstrapFewShot({ bootstrapped: 3 }), noise: 0 });
    expect(calls.filter(({ phase }) => phase === 'search')).toHaveLength(8);
  });

  test('fills up with labelled rows that are not among the good ones', async () => {
    const optimizer = bootstrapFewShot({ bootstrapped: 2, demos: 6 });
    const { report } = await finishTriage({ optimizer, noise: 0 });
    const sources = demosOf(report.best.candidate).map(({ source }) => source);
    expect(new Set(sources).size).toBe(6);
  });

  test('keeps the labelled demos, and says so, when no answer is good', async () => {
    const never = scorer('never', () => 0, { expects: ['queue'] });
    const { report, events } = await finishTriage({
      optimizer: bootstrapFewShot({ demos: 5 }),
      changes: { scorer: never },
    });
    expect(events).toContainEqual({ type: 'notice', message: expect.stringContaining('no training row') });
    expect(demosOf(report.best.candidate)).toHaveLength(5);
  });
});
