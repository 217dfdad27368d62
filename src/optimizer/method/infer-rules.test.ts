import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { inferRules } from './infer-rules.ts';

describeOptimizer('inferRules', () => inferRules({ candidates: 3, examples: 6 }), {
  reflectionModel: ruleReflection,
});

describe('inferRules', () => {
  test('appends the rules that rows give away, and keeps the text', async () => {
    const { taught, instructions, report } = await finishRules({ optimizer: inferRules() });
    expect(instructions.startsWith('Say what to do with the parcel.\n\n- ')).toBe(true);
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });

  test('each set of rules is a candidate of its own, and the winner carries its own rules', async () => {
    let count = 0;
    const { report, instructions } = await finishRules({
      optimizer: inferRules({ candidates: 3 }),
      reflection: {
        onCall: () => {
          count += 1;
          return JSON.stringify({ rules: [sets[count - 1] ?? ''] });
        },
      },
      changes: { concurrency: 1 },
    });
    expect(report.candidates.filter(({ origin }) => origin.startsWith('rules'))).toHaveLength(3);
    expect(instructions).toContain('«brock»');
    expect(instructions).not.toContain('Think of the sea');
  });
});

const sets = [
  '«brock» means hold. «calder» means ship. «dunmore» means return. «elfin» means scrap.',
  'Think of the mountains.',
  'Think of the sea.',
];
