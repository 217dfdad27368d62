import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { promptBreeder } from './prompt-breeder.ts';

describeOptimizer('promptBreeder', () => promptBreeder({ population: 4, generations: 2, batch: 6 }), {
  reflectionModel: ruleReflection,
});

describe('promptBreeder', () => {
  test('breeds texts that know the rules of a task', async () => {
    const { taught, report } = await finishRules({
      optimizer: promptBreeder({ population: 12, generations: 14 }),
    });
    expect(taught).toBeGreaterThanOrEqual(4);
    expect(report.sealedTest?.winner).toBeGreaterThan((report.sealedTest?.seed ?? 1) + 0.1);
  });

  test('uses every kind of mutation, and recombines', async () => {
    const { events, reflections } = await finishRules({
      optimizer: promptBreeder({ population: 16, generations: 12, recombination: 0.5, demos: 4 }),
    });
    const origins = events.flatMap((event) => (event.type === 'candidate-proposed' ? [event.origin] : []));
    const kinds = ['zeroOrder', 'firstOrder', 'distribution', 'rankedDistribution', 'lineage'];
    for (const kind of [...kinds, 'zeroOrderHyper', 'firstOrderHyper', 'lamarckian', 'crossover', 'demos']) {
      expect(
        origins.some((origin) => origin.includes(kind)),
        kind,
      ).toBe(true);
    }
    const asked = reflections.map(textOfCall);
    for (const words of ['Write a better one', 'Which instruction did', 'Write the next one', 'List hints']) {
      expect(
        asked.some((each) => each.includes(words)),
        words,
      ).toBe(true);
    }
  });

  test('gives each unit its own fitness, whichever answer comes first', async () => {
    const run = (concurrency: number) =>
      finishRules({ optimizer: promptBreeder({ generations: 3 }), changes: { concurrency } });
    const [one, many] = [await run(1), await run(32)];
    expect(many.events).toEqual(one.events);
  });
});
