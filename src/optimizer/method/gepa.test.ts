import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { gepa } from './gepa.ts';

describeOptimizer('gepa', () => gepa({ rounds: 3 }), { reflectionModel: ruleReflection });

describe('gepa', () => {
  test('learns the rules of a task from what became of a few rows', async () => {
    const { report, taught } = await finishRules({ optimizer: gepa() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.sealedTest?.winner).toBeGreaterThan(0.8);
    expect(report.verdict).toBe('improved');
  });

  test('shows the rejected rewritings of a parent to the next one, and none where none is asked for', async () => {
    const rejectedIn = async (remembered: number) => {
      const { reflections } = await finishRules({
        optimizer: gepa({ rounds: 6, remembered, selection: 'best' }),
        reflection: { insight: 0, error: 1 },
      });
      return reflections.filter((call) => /Rejected:?\s*\[\s*"/.test(textOfCall(call))).length;
    };
    expect(await rejectedIn(3)).toBeGreaterThan(0);
    expect(await rejectedIn(0)).toBe(0);
  });
});
