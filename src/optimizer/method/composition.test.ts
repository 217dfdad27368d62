import { describe, expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { parameterOf } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import type { Optimizer } from '../optimizer.ts';
import { bestOf } from './best-of.ts';
import { betterTogether } from './better-together.ts';
import { bootstrapFewShot } from './bootstrap-few-shot.ts';
import { gepa } from './gepa.ts';
import { labeledFewShot } from './labeled-few-shot.ts';
import { metaPrompt } from './meta-prompt.ts';
import { onPlateau } from './on-plateau.ts';
import { restarts } from './restarts.ts';
import { sequence } from './sequence.ts';

const small = () => gepa({ rounds: 1, patience: 1 });
const reflectionModel = ruleReflection;

describeOptimizer('sequence', () => sequence({ stages: [labeledFewShot({ demos: 4 }), small()] }), {
  reflectionModel,
});
describeOptimizer('bestOf', () => bestOf({ of: [labeledFewShot({ demos: 4 }), small()] }), {
  reflectionModel,
});
describeOptimizer('onPlateau', () => onPlateau({ stages: [small(), metaPrompt({ rounds: 1 })], runs: 2 }), {
  reflectionModel,
});
describeOptimizer('restarts', () => restarts({ optimizer: small(), times: 2 }), { reflectionModel });
describeOptimizer(
  'betterTogether',
  () =>
    betterTogether({
      optimizers: { p: bootstrapFewShot(), q: labeledFewShot({ demos: 4 }) },
      strategy: 'p -> q -> p',
    }),
  {},
);

/** An optimizer that tells what it was given and returns what it is told to. */
function spy(
  name: string,
  seen: { name: string; seed: string; train: string; calls: number }[],
  text?: string,
) {
  const optimizer: Optimizer = {
    name,
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true },
    fresh: () => spy(name, seen, text),
    estimate: () => ({ task: 0, reflection: 0 }),
    async *optimize({ seed, train, budget, admit, program }) {
      const [parameter = ''] = program.parameters.flatMap((each) =>
        each.kind === 'text' ? [each.name] : [],
      );
      seen.push({
        name,
        seed: parameterOf(seed, parameter, 'text')?.text ?? '',
        train: train.map(({ id }) => id).join(),
        calls: budget.calls(),
      });
      if (text === undefined) return seed;
      const [admission] = admit([{ changes: { [parameter]: { kind: 'text', text } }, origin: name }]);
      return admission !== undefined && admission.status !== 'rejected' ? admission.candidate : seed;
    },
  };
  return optimizer;
}

type Seen = Parameters<typeof spy>[1];

describe('a sequence', () => {
  test('starts each stage from the best so far and shares what is left', async () => {
    const seen: Seen = [];
    await finishRules({
      optimizer: sequence({ stages: [spy('first', seen), spy('second', seen), spy('third', seen)] }),
      changes: { budget: { calls: 1_000 } },
    });
    expect(seen.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
    const [first, second, third] = seen.map(({ calls }) => calls);
    expect(second ?? 0).toBeGreaterThan(1.4 * (first ?? 0));
    expect(third ?? 0).toBeGreaterThan(1.8 * (second ?? 0));
  });

  test('improves instructions after demos, on a task where only instructions help', async () => {
    const { taught: learned, report } = await finishRules({
      optimizer: sequence({ stages: [labeledFewShot({ demos: 2 }), gepa({ rounds: 6 })] }),
    });
    expect(learned).toBeGreaterThan(0);
    expect(report.verdict).toBe('improved');
  });

  test('needs what its stages need, and shows their prompts', () => {
    const { needs, prompts } = sequence({ stages: [labeledFewShot(), gepa(), gepa({ rounds: 2 })] });
    expect(needs).toMatchObject({ parameters: ['demos', 'text'], labels: true, reflectionModel: true });
    expect(Object.keys(prompts ?? {})).toEqual(
      Object.keys(gepa().prompts ?? {}).map((name) => `gepa.${name}`),
    );
  });
});

test('onPlateau goes on with what helps, and ends when each has stalled in turn', async () => {
  const seen: Seen = [];
  const { events } = await finishRules({
    optimizer: onPlateau({ stages: [spy('idle', seen), spy('lazy', seen)] }),
  });
  expect(seen.map(({ name }) => name)).toEqual(['idle', 'lazy']);
  expect(events).toContainEqual({
    type: 'notice',
    message: 'idle no longer helps: lazy goes on from there.',
  });
});

test('restarts begin every second run from a prompt that says nothing', async () => {
  const seen: Seen = [];
  await finishRules({ optimizer: restarts({ optimizer: spy('again', seen), times: 4 }) });
  const [first, second, third, fourth] = seen.map(({ seed }) => seed);
  expect(second).toMatch(/^From note, work out action\.$/);
  expect([third, fourth]).toEqual([first, second]);
  const plain: Seen = [];
  await finishRules({ optimizer: restarts({ optimizer: spy('again', plain), times: 2, blank: false }) });
  expect(plain[1]?.seed).toBe(plain[0]?.seed);
});

test('restarts keep the slots of the prompt in one that says nothing', async () => {
  const seen: Seen = [];
  const program = predict(
    signature('note -> action: "ship" | "hold" | "return" | "scrap"', {
      instructions: 'Say what to do with {{note}}. Be brief.',
    }),
  );
  const { events } = await finishRules({
    optimizer: restarts({ optimizer: spy('again', seen), times: 2 }),
    changes: { program },
  });
  expect(seen[1]?.seed).toBe('From note, work out action.\n\n{{note}}');
  expect(events.filter(({ type }) => type === 'candidate-rejected')).toEqual([]);
});

describe('betterTogether', () => {
  test('runs its strategy, the training rows shuffled for each step', async () => {
    const seen: Seen = [];
    await finishRules({
      optimizer: betterTogether({
        optimizers: { p: spy('prompts', seen), w: spy('weights', seen) },
        strategy: 'p -> w->p',
      }),
    });
    expect(seen.map(({ name }) => name)).toEqual(['prompts', 'weights', 'prompts']);
    expect(new Set(seen.map(({ train }) => train)).size).toBe(3);
    expect(new Set(seen.map(({ train }) => train.split(',').sort().join())).size).toBe(1);
  });

  test('refuses a strategy that names nobody', () => {
    const optimizers = { p: labeledFewShot() };
    expect(() => betterTogether({ optimizers, strategy: 'p -> x' })).toThrow('"x"');
    expect(() => betterTogether({ optimizers, strategy: '' })).toThrow(/strategy/);
    const two = { ...optimizers, w: labeledFewShot({ demos: 2 }) };
    expect(() => betterTogether({ optimizers: two, strategy: 'p -> p' })).toThrow(/never names w/);
  });
});
