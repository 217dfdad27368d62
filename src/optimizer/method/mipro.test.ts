import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection, ruleRoles } from '../../testing/rule-task.ts';
import { mipro } from './mipro.ts';

describe.each([false, true])('mipro, classic: %s', (classic) => {
  describeOptimizer('mipro', () => mipro({ classic, trials: 3, minibatch: 6 }), {
    reflectionModel: ruleReflection,
  });
});

describe('mipro', () => {
  test.each([false, true])('finds instructions that know the rows, classic: %s', async (classic) => {
    const { taught, report } = await finishRules({ optimizer: mipro({ classic, size: 'medium' }) });
    expect(taught).toBeGreaterThanOrEqual(3);
    expect(report.sealedTest?.winner).toBeGreaterThan((report.sealedTest?.seed ?? 1) + 0.1);
  });

  test('tries as many combinations as the published formula says', async () => {
    const trials = async (options: Parameters<typeof mipro>[0]) => {
      const { events } = await finishRules({ optimizer: mipro({ classic: true, ...options }) });
      const origins = events.flatMap((event) => (event.type === 'candidate-proposed' ? [event.origin] : []));
      return Math.max(...origins.flatMap((origin) => Number(/^trial (\d+)/.exec(origin)?.[1] ?? 0)));
    };
    expect(await trials({ size: 'light' })).toBeLessThanOrEqual(10);
    expect(await trials({ size: 'light', trials: 4 })).toBeLessThanOrEqual(4);
  });

  test('asks for as many new instructions as it pays for, the seed’s own beside them', async () => {
    const { reflections } = await finishRules({ optimizer: mipro({ classic: true }) });
    const asked = reflections.map(textOfCall);
    const rows = ruleRoles().train.length;
    expect(asked.filter((text) => text.includes('some rows of a task'))).toHaveLength(Math.ceil(rows / 10));
    expect(asked.filter((text) => text.includes('observations on the rows'))).toHaveLength(1);
    expect(asked.filter((text) => text.includes('one step of a program'))).toHaveLength(3);
  });

  test('writes a second wave of instructions from what still goes wrong', async () => {
    const withFailures = async (classic: boolean) => {
      const { reflections } = await finishRules({ optimizer: mipro({ classic }) });
      return reflections.map(textOfCall).filter((text) => /Failures: \[\s*\{/.test(text)).length;
    };
    expect(await withFailures(false)).toBeGreaterThan(0);
    expect(await withFailures(true)).toBe(0);
  });
});
