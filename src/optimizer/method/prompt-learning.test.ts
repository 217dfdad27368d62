import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection, ruleSentence, rules } from '../../testing/rule-task.ts';
import { promptLearning } from './prompt-learning.ts';

describeOptimizer('promptLearning', () => promptLearning({ loops: 2, rows: 8, batch: 4 }), {
  reflectionModel: ruleReflection,
});

describe('promptLearning', () => {
  test.each(['text', 'rules'] as const)('learns from feedback into %s', async (mode) => {
    const { taught, report, instructions } = await finishRules({ optimizer: promptLearning({ mode }) });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
    expect(instructions.startsWith('Say what to do with the parcel.')).toBe(true);
  });

  test('keeps the fixed text where there was no rule yet, and shows the rules that stand', async () => {
    const { reflections } = await finishRules({
      optimizer: promptLearning({ mode: 'rules', loops: 2, rows: 20, batch: 10 }),
    });
    const texts = reflections.map(textOfCall);
    for (const text of texts) expect(text).toContain('Base: Say what to do with the parcel.');
    expect(texts[0]).toMatch(/Standing: \[\]/);
    expect(texts[1]).toMatch(/Standing: \[\s*"/);
  });

  test('a loop that makes it worse changes nothing', async () => {
    const { instructions } = await finishRules({
      optimizer: promptLearning({ loops: 1 }),
      reflection: { onCall: () => JSON.stringify({ text: allWrong }) },
    });
    expect(instructions).toBe('Say what to do with the parcel.');
  });
});

const allWrong = Object.entries(rules)
  .map(([word, action]) => ruleSentence(word, action === 'ship' ? 'hold' : 'ship'))
  .join(' ');
