import { describe, expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { signature } from '../../signature/shorthand.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleSentence, rules } from '../../testing/rule-task.ts';
import { structure } from './structure.ts';

describeOptimizer('structure', () => structure({ depth: 2, mutations: 4, width: 2 }));

const lessons = Object.entries(rules).map(([word, action]) => ruleSentence(word, action));
const chatter = ['The depot was founded in 1931.', 'Nobody works here on Sundays.', 'The coffee is fine.'];
const wrong = [ruleSentence('brock', 'scrap'), ruleSentence('calder', 'scrap')];

const program = (instructions: string) =>
  predict(signature('note -> action: "ship" | "hold" | "return" | "scrap"', { instructions }));

describe('structure', () => {
  test('leaves out what misleads, without any reflection model', async () => {
    // Of two rules for a word the last one counts.
    const grown = ['Say what to do.', ...lessons, ...chatter, ...wrong].join('\n\n');
    const { instructions, report } = await finishRules({
      optimizer: structure({ depth: 8, mutations: 12, words: false }),
      changes: { program: program(grown), reflectionModel: undefined },
    });
    expect(report.validation.winner ?? 0).toBeGreaterThan(report.validation.seed ?? 1);
    expect(instructions).not.toContain(wrong[0]);
  });

  test('makes a prompt shorter that is as good, and keeps what it needs', async () => {
    const long = ['Say what to do.', ...chatter, ...lessons].join('\n\n');
    const { events } = await finishRules({
      optimizer: structure({ depth: 8, mutations: 12, words: false }),
      task: { slip: 0 },
      changes: { program: program(long), reflectionModel: undefined, evenIfSaturated: true },
    });
    expect(events.some((event) => event.type === 'candidate-accepted')).toBe(true);
  });

  test('asks a reflection model to reword where one is there, and does not when told not to', async () => {
    const asked = async (words: boolean) => {
      const { reflections } = await finishRules({ optimizer: structure({ depth: 1, words }) });
      return reflections.length;
    };
    expect(await asked(true)).toBeGreaterThan(0);
    expect(await asked(false)).toBe(0);
  });
});
