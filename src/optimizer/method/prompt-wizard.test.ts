import { describe, expect, test } from 'vitest';
import { parameterOf } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection, ruleSentence, rules } from '../../testing/rule-task.ts';
import { promptWizard } from './prompt-wizard.ts';

describeOptimizer(
  'promptWizard',
  () => promptWizard({ iterations: 1, rounds: 1, styles: 3, refinements: 2 }),
  {
    reflectionModel: ruleReflection,
  },
);

const kindsOf = (reflections: Awaited<ReturnType<typeof finishRules>>['reflections']) =>
  reflections.map(({ draw }) => /\/(mix|critique|refine|choose|persona)\//.exec(draw)?.[1] ?? '?');

describe('promptWizard', () => {
  test('learns what only instructions can teach', async () => {
    const { taught, report } = await finishRules({ optimizer: promptWizard({ iterations: 6, passes: 6 }) });
    expect(taught).toBeGreaterThanOrEqual(4);
    expect(report.verdict).toBe('improved');
  });

  test('asks for variants, criticizes and refines the best, then refines text or examples, then describes an expert', async () => {
    const { reflections } = await finishRules({
      optimizer: promptWizard({ iterations: 2, rounds: 2, refinements: 2 }),
    });
    const kinds = kindsOf(reflections);
    expect(kinds.slice(0, 4)).toEqual(['mix', 'mix', 'critique', 'refine']);
    expect(kinds.slice(4, 8)).toEqual(['mix', 'mix', 'critique', 'refine']);
    expect(kinds.at(-1)).toBe('persona');
  });

  test('tries all variants on the same rows, each until its first failure', async () => {
    const { taskCalls } = await finishRules({
      optimizer: promptWizard({
        iterations: 1,
        rounds: 1,
        styles: 5,
        passes: 3,
        refinements: 0,
        persona: false,
      }),
    });
    const rowsByPrompt = new Map<string, string[]>();
    for (const call of taskCalls) {
      const text = textOfCall(call);
      const [, row = ''] = [...text.matchAll(/#(\d{3})/g)].at(-1) ?? [];
      const prompt = text.replace(/#\d{3} [a-z ]+/g, '');
      rowsByPrompt.set(prompt, [...(rowsByPrompt.get(prompt) ?? []), row]);
    }
    const short = [...rowsByPrompt.values()].filter((rows) => rows.length <= 3);
    expect(short.length).toBeGreaterThan(1);
    const firsts = new Set(short.map(([first]) => first));
    expect(firsts.size).toBe(1);
  });

  test('shows training rows that the reflection model chose, and none without shots', async () => {
    const pathTo = async (shots: number) => {
      const { report, reflections } = await finishRules({
        optimizer: promptWizard({ iterations: 1, refinements: 6, shots }),
      });
      const sets = parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets ?? [];
      return { asked: kindsOf(reflections).includes('choose'), demos: sets.flatMap(({ demos }) => demos) };
    };
    expect((await pathTo(4)).asked).toBe(true);
    expect((await pathTo(4)).demos.length).toBeLessThanOrEqual(4);
    expect(await pathTo(0)).toEqual({ asked: false, demos: [] });
  });

  test('keeps a good variant whose refinement is worse', async () => {
    const taughtAll = Object.entries(rules).map(([word, action]) => ruleSentence(word, action));
    const { taught } = await finishRules({
      optimizer: promptWizard({ iterations: 1, refinements: 0, persona: false, passes: 6 }),
      reflection: {
        onCall: ({ responseSchema }) => {
          const asked = Object.keys((responseSchema as { properties: object }).properties);
          if (asked.includes('texts')) return JSON.stringify({ texts: [taughtAll.join(' ')] });
          if (asked.includes('text')) return JSON.stringify({ text: 'Guess what to do with the parcel.' });
          return undefined;
        },
      },
    });
    expect(taught).toBe(taughtAll.length);
  });
});
