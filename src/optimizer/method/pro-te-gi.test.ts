import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { proTeGi } from './pro-te-gi.ts';

describeOptimizer('proTeGi', () => proTeGi({ rounds: 2, beam: 2, gradients: 2, successors: 3 }), {
  reflectionModel: ruleReflection,
});

describe('proTeGi', () => {
  test('learns the rules of a task from criticism of its errors', async () => {
    const { report, taught } = await finishRules({ optimizer: proTeGi() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });

  test('criticizes no text that made no error', async () => {
    const { reflections } = await finishRules({
      optimizer: proTeGi({ rounds: 3 }),
      changes: {
        evenIfSaturated: true,
        scorer: { ...always, score: () => ({ status: 'scored', value: 1 }) },
      },
    });
    expect(reflections.filter((call) => textOfCall(call).includes('got these rows wrong'))).toEqual([]);
  });

  test('edits against every criticism, and rewords every edit and its parent', async () => {
    const { reflections } = await finishRules({
      optimizer: proTeGi({ rounds: 1, gradients: 3, reasons: 1, variations: 2 }),
    });
    const counted = (words: string) => reflections.filter((call) => textOfCall(call).includes(words)).length;
    expect(counted('Give distinct reasons')).toBe(3);
    expect(counted('for the reason that is given')).toBe(3);
    expect(counted('Say the same in other words')).toBeGreaterThanOrEqual(4);
  });
});

const always = { name: 'always', version: '1', passFail: true };
