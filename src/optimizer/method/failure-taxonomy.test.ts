import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection, ruleSentence, rules } from '../../testing/rule-task.ts';
import { failureTaxonomy } from './failure-taxonomy.ts';

describeOptimizer('failureTaxonomy', () => failureTaxonomy({ runs: 2, classes: 2 }), {
  reflectionModel: ruleReflection,
  skip: [
    {
      test: 'works on the second step where that is the one at fault',
      reason: 'which step is at fault is what its reflection model says, and the scripted one says none',
    },
  ],
});

/** Places every failure by its deciding word, and guides by the rule of the word. */
function careful(text: string): string | undefined {
  if (text.includes('earliest point')) {
    const placements = [...text.matchAll(/"id":\s*"(note-\d+)"[\s\S]*?"note":\s*"#\d+ ([a-z ]+)"/g)].map(
      ([, row = '', words = '']) => {
        const word = words.split(' ').find((each) => each in rules) ?? 'none';
        return { row, step: 'anywhere', class: word, description: `Does not know ${word}.` };
      },
    );
    return JSON.stringify({ placements });
  }
  const word = /"class":\s*"(\w+)"/.exec(text)?.[1] ?? '';
  return JSON.stringify({ guidance: ruleSentence(word, rules[word] ?? 'ship') });
}

const carefully = {
  onCall: ({ messages }: { readonly messages: readonly { readonly content: unknown }[] }) =>
    careful(messages.map(({ content }) => String(content)).join('\n')),
};

describe('failureTaxonomy', () => {
  test('adds guidance against the most frequent kinds of error', async () => {
    const { taught, report } = await finishRules({
      optimizer: failureTaxonomy({ classes: 8 }),
      reflection: carefully,
    });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
  });

  test('answers each row of train as often as it is told', async () => {
    const calls = async (runs: number) =>
      (await finishRules({ optimizer: failureTaxonomy({ runs, classes: 1 }) })).taskCalls.length;
    expect((await calls(3)) - (await calls(1))).toBe(2 * 48);
  });

  test('shows later failures the classes of the earlier', async () => {
    const { reflections } = await finishRules({
      optimizer: failureTaxonomy({ runs: 1, batch: 6 }),
      reflection: carefully,
    });
    const asked = reflections.map(textOfCall).filter((text) => text.includes('earliest point'));
    expect(asked[0]).toMatch(/Classes: \[\]/);
    expect(asked[1]).toMatch(/Classes: \[\s*\{/);
  });
});
