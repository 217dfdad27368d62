import { describe, expect, test } from 'vitest';
import { parameterOf } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { bootstrapFewShot } from './bootstrap-few-shot.ts';
import { ensemble } from './ensemble.ts';
import { labeledFewShot } from './labeled-few-shot.ts';

describeOptimizer('ensemble', () => ensemble({ optimizer: bootstrapFewShot({ demos: 4 }), runs: 3 }));

describe('ensemble', () => {
  test('lets several demo sets vote where that is better, and answers a row with one call each', async () => {
    const { report, calls } = await finishTriage({
      optimizer: ensemble({ optimizer: labeledFewShot({ demos: 8 }), runs: 6, size: 3 }),
      choiceScores: false,
      noise: 4,
    });
    const sets = parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets ?? [];
    expect(sets.length).toBeGreaterThan(1);
    const tested = calls.filter(({ phase }) => phase === 'sealed test').length;
    expect(tested).toBeGreaterThanOrEqual((report.sealedTest?.rows ?? 0) * (1 + sets.length));
  });

  test('keeps the best alone where no second one helps', async () => {
    const { report, events } = await finishTriage({
      optimizer: ensemble({ optimizer: bootstrapFewShot(), runs: 1, size: 2 }),
    });
    expect(events).toContainEqual(expect.objectContaining({ note: 'the best alone' }));
    expect(parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets.length).toBeLessThanOrEqual(1);
  });

  test('never has more members than it may', async () => {
    const { report } = await finishTriage({
      optimizer: ensemble({ optimizer: labeledFewShot({ demos: 2 }), runs: 6, size: 2 }),
      choiceScores: false,
    });
    expect(parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets.length).toBeLessThanOrEqual(2);
  });
});
