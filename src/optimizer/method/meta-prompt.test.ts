import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { metaPrompt } from './meta-prompt.ts';

describeOptimizer('metaPrompt', () => metaPrompt({ drafts: 2 }), { reflectionModel: ruleReflection });

describe('metaPrompt', () => {
  test('learns from a few failures what they have in common', async () => {
    const { taught, report } = await finishRules({ optimizer: metaPrompt({ rounds: 4, failures: 12 }) });
    expect(taught).toBeGreaterThanOrEqual(5);
    expect(report.verdict).toBe('improved');
  });

  test('shows failures, and none where none is asked for', async () => {
    const shown = async (failures: number) => {
      const { reflections } = await finishRules({ optimizer: metaPrompt({ rounds: 1, failures }) });
      return reflections.map((call) => textOfCall(call).match(/"expected"/g)?.length ?? 0);
    };
    expect(await shown(3)).toEqual([3]);
    expect(await shown(0)).toEqual([0]);
  });
});
