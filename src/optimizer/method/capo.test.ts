import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { capo } from './capo.ts';

describeOptimizer('capo', () => capo({ population: 3, steps: 2, crossovers: 2, shots: 2 }), {
  reflectionModel: ruleReflection,
});

describe('capo', () => {
  const knowing = {
    onCall: (request: { readonly messages: readonly { readonly content: unknown }[] }, draw: string) => {
      const asked = request.messages.map(({ content }) => String(content)).join('\n');
      if (!asked.includes('clearly different style') || !draw.includes('population')) return undefined;
      return JSON.stringify({
        text: `Say what to do with the parcel. ${known[Number(draw.match(/\d+$/)?.[0] ?? 0) % known.length]}`,
      });
    },
  };

  test('merges what different texts know', async () => {
    const { taught, report } = await finishRules({ optimizer: capo(), reflection: knowing });
    expect(taught).toBeGreaterThanOrEqual(4);
    expect(report.sealedTest?.winner).toBeGreaterThan(report.sealedTest?.seed ?? 1);
  });

  test('gives candidates demos, and none where none are allowed', async () => {
    const hasDemos = async (shots: number) => {
      const { taskCalls } = await finishRules({ optimizer: capo({ shots }), reflection: knowing });
      return taskCalls.some(({ request }) => request.messages.some(({ role }) => role === 'assistant'));
    };
    expect(await hasDemos(5)).toBe(true);
    expect(await hasDemos(0)).toBe(false);
  });

  test('a heavy penalty on length keeps prompts short', async () => {
    const length = async (lengthPenalty: number) =>
      (await finishRules({ optimizer: capo({ lengthPenalty, shots: 0 }), reflection: knowing })).instructions
        .length;
    expect(await length(1)).toBeLessThan(await length(0));
  });
});

const known = [
  '«brock» means hold.',
  '«calder» means ship.',
  '«dunmore» means return.',
  '«elfin» means scrap.',
  '«farrow» means hold.',
  '«gantry» means return.',
];
