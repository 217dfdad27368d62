import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { simba } from './simba.ts';

describeOptimizer('simba', () => simba({ steps: 2, batch: 6, samples: 2, candidates: 2 }), {
  reflectionModel: ruleReflection,
});

describe('simba', () => {
  test('makes rules of contrasts, step after step', async () => {
    const { taught, report } = await finishRules({
      optimizer: simba({ demos: 0, steps: 12 }),
      task: { slip: 0.05 },
    });
    expect(taught).toBeGreaterThanOrEqual(3);
    expect(report.sealedTest?.winner).toBeGreaterThan((report.sealedTest?.seed ?? 1) + 0.1);
  });

  test('makes demos of good answers where demos are allowed', async () => {
    const origins = async (demos: number) =>
      (await finishRules({ optimizer: simba({ demos, steps: 3 }) })).report.candidates.map(
        ({ origin }) => origin,
      );
    expect((await origins(4)).some((origin) => origin.startsWith('demo of row'))).toBe(true);
    expect((await origins(0)).some((origin) => origin.startsWith('demo of row'))).toBe(false);
  });

  test('answers each row as often as it is told', async () => {
    const calls = async (samples: number) =>
      (await finishRules({ optimizer: simba({ steps: 1, batch: 10, samples, candidates: 1 }) })).taskCalls
        .length;
    expect((await calls(6)) - (await calls(2))).toBe(4 * 10);
  });

  test('shows a contrast where the answers differ', async () => {
    const { reflections } = await finishRules({
      optimizer: simba({ demos: 0, steps: 4 }),
      task: { slip: 0.3 },
    });
    const texts = reflections.map(textOfCall);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).toContain('answered twice');
  });
});

test('answers each row several times at a temperature at which answers differ, the first as it is', async () => {
  const { taskCalls } = await finishRules({ optimizer: simba({ steps: 1, candidates: 2 }) });
  const temperatures = new Map<string, Set<number | undefined>>();
  for (const { request, draw } of taskCalls) {
    const kind = draw === '0' ? 'first' : 'further';
    temperatures.set(kind, (temperatures.get(kind) ?? new Set()).add(request.temperature));
  }
  expect(Object.fromEntries(temperatures)).toEqual({ first: new Set([0]), further: new Set([1]) });
});
