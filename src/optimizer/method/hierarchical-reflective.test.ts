import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { hierarchicalReflective } from './hierarchical-reflective.ts';

describeOptimizer(
  'hierarchicalReflective',
  () => hierarchicalReflective({ rounds: 1, modes: 2, retries: 1 }),
  {
    reflectionModel: ruleReflection,
  },
);

describe('hierarchicalReflective', () => {
  test('finds the failure modes of all rows, and mends one after another', async () => {
    const { taught, report } = await finishRules({ optimizer: hierarchicalReflective() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });

  test('merges what several batches found, and does not merge one with itself', async () => {
    const merges = async (batch: number) => {
      const { reflections } = await finishRules({
        optimizer: hierarchicalReflective({ rounds: 1, batch, retries: 0 }),
      });
      return reflections.filter((call) => textOfCall(call).includes('found in separate batches')).length;
    };
    expect(await merges(10)).toBe(1);
    expect(await merges(1_000)).toBe(0);
  });

  test('tells a retry which edits did not help', async () => {
    const { reflections } = await finishRules({
      optimizer: hierarchicalReflective({ rounds: 1, modes: 1, retries: 2 }),
      reflection: { insight: 0 },
    });
    const edits = reflections.map(textOfCall).filter((text) => text.includes('the smallest edit'));
    expect(edits).toHaveLength(3);
    expect(edits[0]).toMatch(/Tried: \[\]/);
    expect(edits[2]).toMatch(/Tried: \[\s*"/);
  });
});
