import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { promptAgent } from './prompt-agent.ts';

describeOptimizer('promptAgent', () => promptAgent({ iterations: 2, depth: 2, width: 2 }), {
  reflectionModel: ruleReflection,
});

describe('promptAgent', () => {
  test('plans edits that teach the rules of a task', async () => {
    const { taught, report } = await finishRules({ optimizer: promptAgent() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });

  test('shows an edit the texts that led to it, oldest first', async () => {
    const { reflections } = await finishRules({ optimizer: promptAgent({ iterations: 3 }) });
    const paths = reflections
      .map(textOfCall)
      .flatMap((text) => /Path: (\[[\s\S]*?\])\n/.exec(`${text}\n`)?.[1] ?? [])
      .map((path) => (JSON.parse(path) as string[]).length);
    expect(Math.min(...paths)).toBe(0);
    expect(Math.max(...paths)).toBeGreaterThanOrEqual(2);
  });

  test('learns from what went well where nothing went wrong', async () => {
    const { reflections } = await finishRules({
      optimizer: promptAgent({ iterations: 1, depth: 1 }),
      changes: {
        evenIfSaturated: true,
        scorer: {
          name: 'always',
          version: '1',
          passFail: true,
          score: () => ({ status: 'scored', value: 1 }),
        },
      },
    });
    const texts = reflections.map(textOfCall);
    expect(texts.some((text) => text.includes('answered these rows well'))).toBe(true);
    expect(texts.some((text) => text.includes('answered these rows wrongly'))).toBe(false);
  });
});
