import type { Json, JsonObject } from '../base/json.ts';
import type { CallEstimate, Optimizer, OptimizerGuide, TaskSize } from '../optimizer/optimizer.ts';
import { predict } from '../program/predict.ts';
import { signature } from '../signature/shorthand.ts';
import { createOptimizer, optimizerNames } from './catalog.ts';
import { kebabCase } from './named-spec.ts';

/** What a person sees of an optimizer before choosing it. JSON. */
export interface ListedOptimizer extends Partial<OptimizerGuide> {
  /** In code. */
  readonly name: string;
  /** On the command line and in a config file, where the name in code does as well. */
  readonly flag: string;
  /** In words, each with where it comes from. */
  readonly needs: readonly string[];
  /** The options that the formulas read, with their defaults. */
  readonly defaults: JsonObject;
  /** Most calls on the task of `exampleSize`, the proof not counted. */
  readonly example: Pick<CallEstimate, 'task' | 'reflection'>;
}

/** What the examples are counted for: 200 rows, one prompt with two answers, a model behind an API. */
export const exampleSize: TaskSize = {
  train: 100,
  validation: 50,
  test: 50,
  callsPerRow: 1,
  program: predict(signature('text -> answer: "yes" | "no"', { instructions: 'Answer.' })).shape,
  choiceScores: false,
};

/** Rows of the example. */
export const exampleRows = exampleSize.train + exampleSize.validation + exampleSize.test;

/** Every optimizer that has a name, by its name. */
export function listOptimizers(): readonly ListedOptimizer[] {
  return optimizerNames().map((name) => listed(createOptimizer(name)));
}

/** What there is to know of one. */
export function listed(optimizer: Optimizer): ListedOptimizer {
  const { name, guide, options, estimate } = optimizer;
  const { task, reflection } = estimate(exampleSize);
  return {
    name,
    flag: kebabCase(name),
    ...guide,
    needs: needsInWords(optimizer),
    defaults: guide === undefined ? {} : readBy(guide, options),
    example: { task, reflection },
  };
}

/** What a formula counts with beside options, in words. */
export const countedWords: Readonly<Record<string, string>> = {
  train: 'training rows',
  validation: 'validation rows',
  texts: 'texts that may be rewritten: instructions, and descriptions where they are open',
  race: 'rows of a race of so many candidates on nested parts of validation: (candidates, how many reach its end = 1, rows of its first part = 16)',
  answers: 'answers of the closed choice',
  layouts: 'layouts that a prompt can have',
  innerSteps: 'steps whose inputs or outputs are in no row',
  stepsWithDemos: 'steps that take demos',
};

/** Whether a cost is told in words: methods that are made of others take what those take. */
export function isInWords(formula: string): boolean {
  return formula.startsWith('those of ');
}

/** The names in the formulas of a guide, each once. */
export function namesIn({ cost }: Pick<OptimizerGuide, 'cost'>): readonly string[] {
  const formulas = [cost.task, cost.reflection, ...Object.values(cost.where ?? {})];
  const names = formulas.flatMap((formula) =>
    isInWords(formula)
      ? [...formula.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
      : (formula.replace(/'[^']*'/g, '').match(/[a-zA-Z]\w*/g) ?? []),
  );
  return [...new Set(names)];
}

function readBy(guide: OptimizerGuide, options: JsonObject): JsonObject {
  const own = namesIn(guide).filter((name) => Object.hasOwn(options, name) && isPlain(options[name]));
  return Object.fromEntries(own.map((name) => [name, options[name] ?? null]));
}

function needsInWords({ needs }: Optimizer): readonly string[] {
  const kinds: Readonly<Record<string, string>> = {
    text: 'a text to rewrite',
    demos: 'a step that takes demos',
    choice: 'a choice, such as the layout',
    calibration: 'an output with a closed choice',
    number: 'a number, such as a temperature',
  };
  return [
    ...needs.parameters.map((kind) => kinds[kind] ?? `a parameter of the kind ${kind}`),
    ...(needs.oneOf === undefined
      ? []
      : [
          needs.oneOf
            .map(
              ({ parameter, reflectionModel }) =>
                `${kinds[parameter] ?? `a parameter of the kind ${parameter}`}${reflectionModel ? ' with a reflection model' : ''}`,
            )
            .join(', or '),
        ]),
    ...(needs.labels ? ['rows with the right answer'] : []),
    ...(needs.feedback ? ['a scorer that says why'] : []),
    ...(needs.reflectionModel ? ['a reflection model'] : []),
    ...(needs.preference ? ['a model that judges pairs of answers'] : []),
    ...(needs.choiceScores ? ['a model that scores choices, such as a local one'] : []),
  ];
}

/** Whether a value can be shown in a line: optimizers within others have sections of their own. */
function isPlain(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.every(isPlain) : typeof value !== 'object' || value === null;
}
