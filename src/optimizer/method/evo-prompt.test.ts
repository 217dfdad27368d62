import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { evoPrompt } from './evo-prompt.ts';

describe.each(['ga', 'de'] as const)('evoPrompt with %s', (mode) => {
  describeOptimizer(`evoPrompt ${mode}`, () => evoPrompt({ mode, population: 3, generations: 2 }), {
    reflectionModel: ruleReflection,
  });

  test('joins what different texts know', async () => {
    const { taught, report } = await finishRules({
      optimizer: evoPrompt({ mode, population: 8, generations: 8 }),
      reflection: {
        // Each rewording of the seed knows one rule; later texts only have what their parents had.
        onCall: (request, draw) => {
          if (!request.messages.some(({ content }) => String(content).includes('Say the same')))
            return undefined;
          const at = Number(draw.match(/(\d+)\D*$/)?.[1] ?? 0) % known.length;
          return JSON.stringify({ text: `Say what to do with the parcel. ${known[at]}` });
        },
      },
    });
    expect(taught).toBeGreaterThanOrEqual(4);
    expect(report.sealedTest?.winner).toBeGreaterThan(report.sealedTest?.seed ?? 1);
  });
});

describe('evoPrompt', () => {
  test('crosses two different texts, and shows differential evolution four', async () => {
    const ga = await finishRules({ optimizer: evoPrompt({ generations: 2 }) });
    for (const call of ga.reflections.filter((each) => textOfCall(each).includes('First cross them'))) {
      const [, first, second] = /First:\s*([\s\S]*?)\n+Second:\s*([\s\S]*)$/.exec(textOfCall(call)) ?? [];
      expect(first).toBeTruthy();
      expect(first?.trim()).not.toBe(second?.trim());
    }
    const de = await finishRules({ optimizer: evoPrompt({ mode: 'de', generations: 1 }) });
    const calls = de.reflections.map(textOfCall).filter((text) => text.includes('Four texts'));
    expect(calls.length).toBeGreaterThan(0);
    for (const text of calls) {
      for (const label of ['First:', 'Second:', 'Best:', 'Base:']) expect(text).toContain(label);
    }
  });

  test('goes on when every text scores nothing', async () => {
    const { report } = await finishRules({
      optimizer: evoPrompt({ population: 4, generations: 2 }),
      changes: {
        scorer: {
          name: 'never',
          version: '1',
          passFail: true,
          score: () => ({ status: 'scored', value: 0 }),
        },
      },
    });
    expect(report.stopReason).toBe('done');
    expect(report.verdict).toBe('no-reliable-improvement');
  });
});

const known = [
  '«brock» means hold.',
  '«calder» means ship.',
  '«dunmore» means return.',
  '«elfin» means scrap.',
  '«farrow» means hold.',
  '«gantry» means return.',
  '«harken» means ship.',
  '«inglet» means scrap.',
];
