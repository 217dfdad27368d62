import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { reflectiveClimb } from './reflective-climb.ts';

describeOptimizer('reflectiveClimb', () => reflectiveClimb({ rounds: 3 }), {
  reflectionModel: ruleReflection,
});

describe('reflectiveClimb', () => {
  test('learns what only instructions can teach', async () => {
    const { taught, report } = await finishRules({ optimizer: reflectiveClimb() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });
});
