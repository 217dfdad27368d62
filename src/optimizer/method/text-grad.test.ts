import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { textGrad } from './text-grad.ts';

describeOptimizer('textGrad', () => textGrad({ steps: 4 }), { reflectionModel: ruleReflection });

const kindsOf = (reflections: Awaited<ReturnType<typeof finishRules>>['reflections']) =>
  reflections.map(({ draw }) => /step-\d+\/(\w+)/.exec(draw)?.[1] ?? '');

describe('textGrad', () => {
  test('learns what only instructions can teach', async () => {
    const { taught, report } = await finishRules({ optimizer: textGrad({ steps: 10, batch: 6 }) });
    expect(taught).toBeGreaterThanOrEqual(4);
    expect(report.verdict).toBe('improved');
  });

  test('criticizes the answer, carries it back to the text, then updates it: 2 m + 1 requests a step', async () => {
    const { reflections } = await finishRules({ optimizer: textGrad({ steps: 1, batch: 6 }) });
    const kinds = kindsOf(reflections);
    const failures = kinds.filter((kind) => kind === 'loss').length;
    expect(failures).toBeGreaterThan(0);
    expect(kinds).toEqual([
      ...Array.from({ length: failures }, () => 'loss'),
      ...Array.from({ length: failures }, () => 'backward'),
      'update',
    ]);
  });

  test('sums critiques up with mean, and shows each with sum', async () => {
    const { reflections } = await finishRules({
      optimizer: textGrad({ steps: 1, batch: 6, reduce: 'mean' }),
    });
    expect(kindsOf(reflections).filter((kind) => kind === 'mean')).toHaveLength(1);
  });

  test('shows constraints, earlier values and remembered critiques where they are asked for', async () => {
    const updatesOf = async (options: Parameters<typeof textGrad>[0]) => {
      const { reflections } = await finishRules({ optimizer: textGrad({ steps: 6, batch: 6, ...options }) });
      return reflections.filter(({ draw }) => /update/.test(draw)).map(textOfCall);
    };
    const plain = await updatesOf({});
    const constrained = await updatesOf({ constraints: ['Write no more than ninety words.'] });
    expect(constrained.every((text) => text.includes('no more than ninety words'))).toBe(true);
    expect(plain.some((text) => text.includes('no more than ninety words'))).toBe(false);
    expect(await updatesOf({ momentum: 3 })).not.toEqual(plain);
    expect(await updatesOf({ memory: 2 })).not.toEqual(plain);
  });

  test('takes back a step that lowers validation, unless it is told not to', async () => {
    // Reflections that teach wrong rules only.
    const reflection = { insight: 0, error: 1 };
    const parentsOf = async (revert: boolean) => {
      const { report } = await finishRules({
        optimizer: textGrad({ steps: 6, batch: 6, revert }),
        reflection,
      });
      const proposed = report.candidates.filter(({ parents }) => parents !== undefined);
      return new Set(proposed.flatMap(({ parents = [] }) => parents)).size;
    };
    expect(await parentsOf(false)).toBeGreaterThan(await parentsOf(true));
  });

  test('criticizes the step at fault of a program of several steps', async () => {
    const { reflections } = await finishTriage({
      optimizer: textGrad({ steps: 2, batch: 6 }),
      task: 'two steps',
      reflectionModel: ruleReflection(),
    });
    expect(reflections.length).toBeGreaterThan(4);
  });

  test('says nothing to a step whose answers the next step finds nothing wrong with', async () => {
    const saysOfGiven = async (given: string) => {
      const { reflections } = await finishTriage({
        optimizer: textGrad({ steps: 1, batch: 6 }),
        task: 'two steps',
        reflectionModel: scriptedModel({
          respond: ({ responseSchema }) =>
            JSON.stringify(
              Object.fromEntries(
                Object.keys((responseSchema as { properties: object }).properties).map((name) => [
                  name,
                  name === 'given_critique' ? given : `Say more of the ${name}.`,
                ]),
              ),
            ),
        }),
      });
      const asked = reflections.map(({ messages }) => messages.map(({ content }) => content).join('\n'));
      return {
        updatesOfNote: asked.filter((text) => text.includes('of the step "note"')).length,
        wishesOfNote: asked.filter((text) => text.includes(`Wish: ${given}`)).length,
      };
    };
    expect(await saysOfGiven('none')).toEqual({ updatesOfNote: 0, wishesOfNote: 0 });
    const told = await saysOfGiven('The notes are too short.');
    expect(told.updatesOfNote).toBe(1);
    expect(told.wishesOfNote).toBeGreaterThan(0);
  });
});
