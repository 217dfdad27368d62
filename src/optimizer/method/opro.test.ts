import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { opro } from './opro.ts';

describeOptimizer('opro', () => opro({ steps: 2, perStep: 3 }), { reflectionModel: ruleReflection });

describe('opro', () => {
  test('learns the rules of a task from scored attempts and hard rows', async () => {
    const { report, taught } = await finishRules({ optimizer: opro({ steps: 12, exemplars: 24 }) });
    expect(report.sealedTest?.seed).toBeLessThan(0.5);
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.sealedTest?.winner).toBeGreaterThan(0.7);
  });

  test('shows attempts from worst to best, each text once, and no more than asked for', async () => {
    const { reflections } = await finishRules({ optimizer: opro({ steps: 6, shown: 2 }) });
    const scores = reflections.map((call) =>
      [...textOfCall(call).matchAll(/"score":\s*(\d+)/g)].map(([, score]) => Number(score)),
    );
    for (const shown of scores) {
      expect(shown.length).toBeLessThanOrEqual(2);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
    }
    expect(scores.some(({ length }) => length === 2)).toBe(true);
  });
});
