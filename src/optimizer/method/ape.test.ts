import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { ape } from './ape.ts';

describeOptimizer('ape', () => ape({ subsets: 2, perSubset: 2, resampling: 1 }), {
  reflectionModel: ruleReflection,
});

describe('ape', () => {
  test.each(['race', 'ucb'] as const)(
    'induces the rules of a task from its rows, by %s',
    async (selection) => {
      const { report, taught } = await finishRules({ optimizer: ape({ examples: 12, selection }) });
      expect(taught).toBeGreaterThanOrEqual(5);
      expect(report.sealedTest?.winner).toBeGreaterThan((report.sealedTest?.seed ?? 1) + 0.2);
    },
  );

  test('induces from as many sets of rows as it is told, with as many rows', async () => {
    const { reflections } = await finishRules({
      optimizer: ape({ subsets: 3, perSubset: 2, examples: 4, resampling: 0 }),
    });
    expect(reflections).toHaveLength(6);
    const texts = reflections.map(textOfCall);
    expect(new Set(texts).size).toBe(3);
    for (const text of texts) expect(text.match(/"expected"/g)).toHaveLength(4);
  });

  test('with ucb asks only for rows that a pull is for', async () => {
    const options = { subsets: 3, perSubset: 6, resampling: 0, selection: 'ucb', kept: 0.01 } as const;
    const one = await finishRules({ optimizer: ape({ ...options, pulls: 2, pullRows: 4 }) });
    const more = await finishRules({ optimizer: ape({ ...options, pulls: 9, pullRows: 4 }) });
    expect(more.taskCalls.length).toBeGreaterThan(one.taskCalls.length);
  });
});
