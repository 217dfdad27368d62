import { describe, expect, test } from 'vitest';
import { createOptimizer, optimizerNames } from '../../src/config/catalog.ts';
import { countedWords, exampleSize, isInWords, namesIn } from '../../src/config/list-optimizers.ts';
import type { Optimizer, OptimizerGuide, TaskSize } from '../../src/optimizer/optimizer.ts';
import { findClosedStep } from '../../src/optimizer/part/calibration.ts';
import { isInner } from '../../src/optimizer/part/demo-pools.ts';
import { demoSteps } from '../../src/optimizer/part/demo-set-pool.ts';
import { nestedRungs, rowsOfRace } from '../../src/optimizer/part/rungs.ts';
import { textTargets } from '../../src/optimizer/part/text-parameters.ts';
import { triageInSteps } from '../../src/testing/steps-task.ts';
import { optimizersWithOptions } from '../options/options-page.ts';
import { optimizersPage } from './optimizers-page.ts';

test('the reference of optimizers is what they say of themselves', async () => {
  await expect(optimizersPage()).toMatchFileSnapshot('../../docs/reference/optimizers.md');
});

const sizes: readonly TaskSize[] = [
  exampleSize,
  { ...exampleSize, train: 9, validation: 5, test: 5 },
  { ...exampleSize, train: 700, validation: 1_200, callsPerRow: 3 },
  { ...exampleSize, train: 40, validation: 90, callsPerRow: 2, program: triageInSteps.shape },
];

/** Those with their defaults, and others whose options lead into the branches of their formulas. */
const optimizers: readonly (readonly [string, Optimizer])[] = [
  ...optimizerNames(),
  'ape: {selection: ucb, pulls: 3, kept: 0.4}',
  'choiceEnsemble: {channelDemos: 0}',
  'choiceEnsemble: {words: 0}',
  'demoSetRace: {votes: 1}',
  'gepa: {component: all, children: 2}',
  'metaPrompt: {failures: 0}',
  'mipro: {size: medium}',
  'mipro: {size: heavy, classic: true, trials: 7}',
  'mipro: {demos: 0}',
  'promptBreeder: {population: 5}',
].map((spec) => [spec, createOptimizer(spec)] as const);

/** The names of the options of each, also of those without a default. */
const optionNames = new Map(
  (await optimizersWithOptions()).map(({ name, schema }) => [name, Object.keys(schema.properties ?? {})]),
);

describe.each(optimizers)('%s', (spec, { name, guide, options, estimate }) => {
  test('has a guide: what it does, when to take it, what it costs', () => {
    expect(
      guide,
      `${name} must say guide: { does, when, cost } for \`hone optimize --list\`; see another method`,
    ).toBeDefined();
    expect(guide?.does).toMatch(/^[A-Z].*[^.]\.$/);
    expect(guide?.when).toMatch(/^[A-Z].*\.$/);
  });

  const formulas = guide === undefined || isInWords(guide.cost.task) ? [] : sizes;

  test.each(formulas)(`${spec} costs what its formulas say: $train rows, $callsPerRow calls`, (size) => {
    const unset = Object.fromEntries((optionNames.get(name) ?? []).map((option) => [option, undefined]));
    const { task, reflection } = costOf(guide, { options: { ...unset, ...options }, size });
    expect(estimate(size)).toMatchObject({ task: task * size.callsPerRow, reflection });
  });

  test('counts with options and with words that are explained', () => {
    if (guide === undefined || isInWords(guide.cost.task)) return;
    const known = new Set([
      ...Object.keys(countedWords),
      ...Object.keys(guide.cost.where ?? {}),
      ...(optionNames.get(name) ?? []),
      ...mathematics,
    ]);
    expect(namesIn(guide).filter((word) => !known.has(word))).toEqual([]);
  });
});

const mathematics = [
  'min',
  'max',
  'ceil',
  'floor',
  'round',
  'log2',
  'undefined',
  'true',
  'false',
  'length',
] as const;

/** What the formulas of a guide come to. */
function costOf(
  guide: OptimizerGuide | undefined,
  { options, size }: { readonly options: Readonly<Record<string, unknown>>; readonly size: TaskSize },
): { readonly task: number; readonly reflection: number } {
  if (guide === undefined) throw new Error('There is no guide.');
  const { min, max, ceil, floor, round, log2 } = Math;
  const { program, train, validation } = size;
  const words: Record<string, unknown> = {
    ...{ min, max, ceil, floor, round, log2 },
    ...options,
    train,
    validation,
    texts: textTargets(program).length,
    answers: findClosedStep(program)?.choice.choices.length ?? 1,
    layouts: Math.max(
      0,
      ...program.parameters.map(({ part, options: of }) => (part === 'format' ? (of?.length ?? 0) : 0)),
    ),
    innerSteps: program.steps.filter((step) => isInner(step, program)).length,
    stepsWithDemos: demoSteps(program).length,
    race: (candidates: number, keep = 1, first = 16) =>
      rowsOfRace(candidates, { rungs: nestedRungs(validation, first), keep }),
  };
  for (const [name, formula] of Object.entries(guide.cost.where ?? {}))
    words[name] = resultOf(formula, words);
  return {
    task: resultOf(guide.cost.task, words) as number,
    reflection: resultOf(guide.cost.reflection, words) as number,
  };
}

function resultOf(formula: string, words: Readonly<Record<string, unknown>>): unknown {
  // The formulas are those of the project itself.
  return new Function(...Object.keys(words), `'use strict'; return (${formula});`)(...Object.values(words));
}
