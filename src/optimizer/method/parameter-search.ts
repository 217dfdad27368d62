import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { ParameterSpec } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Optimizer } from '../optimizer.ts';
import { suggestByTpe, type Trial } from '../part/categorical-tpe.ts';
import { accepted } from '../part/decisions.ts';
import { isBetter } from '../part/validation-race.ts';

/** What the options are checked by. */
export const parameterSearchSchema = z.strictObject({
  trials: z.int().min(1).max(10_000).default(20).describe('Combinations that are tried.'),
  atOnce: z.int().min(1).max(64).default(4).describe('Combinations that are tried together.'),
  rows: z
    .int()
    .min(1)
    .max(10_000)
    .default(60)
    .describe('Most rows of validation that a combination is scored on.'),
  levels: z.int().min(2).max(100).default(7).describe('Values that a number may take within its bounds.'),
  localShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('Share of the trials, the last ones, that change one value of the best a little.'),
  startup: z.int().min(1).max(1_000).default(8).describe('Trials at random before the search learns.'),
});

export interface ParameterSearchOptions {
  /** Combinations that are tried. @default 20 */
  readonly trials?: number | undefined;
  /** Combinations that are tried together. @default 4 */
  readonly atOnce?: number | undefined;
  /** Most rows of validation that a combination is scored on. @default 60 */
  readonly rows?: number | undefined;
  /** Values that a number may take within its bounds. @default 7 */
  readonly levels?: number | undefined;
  /** Share of the trials, the last ones, that change one value of the best a little. @default 0.3 */
  readonly localShare?: number | undefined;
  /** Trials at random before the search learns. @default 8 */
  readonly startup?: number | undefined;
}

/** A choice or a number of the program, with the values that it may take. */
interface Knob {
  readonly name: string;
  readonly values: readonly Candidate[string][];
  /** Whether neighbouring values are alike. */
  readonly isOrdered: boolean;
}

/**
 * Searches the choices and numbers of a program, such as the layout, the temperature or which model answers a step,
 * by a tree-structured Parzen estimator; the last trials look around the best. Texts and demos stay.
 *
 * @see Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization". Deviation: numbers take evenly spaced
 *   values within their bounds.
 */
export function parameterSearch(options: ParameterSearchOptions = {}): Optimizer {
  const resolved = resolveOptions(parameterSearchSchema, options, { of: 'parameterSearch' });
  const { trials, atOnce, rows: mostRows, levels, localShare, startup } = resolved;
  return {
    name: 'parameterSearch',
    version: 1,
    options: resolved,
    needs: { parameters: [], labels: true },
    guide: {
      does: 'Searches choices and numbers (layout, temperature, which model answers a step) by a Parzen estimator.',
      when: 'The prompt may stay as it is, and its settings are to be found.',
      cost: {
        task: '(1 + trials) * min(rows, validation)',
        reflection: '0',
      },
    },
    fresh: () => parameterSearch(options),
    estimate: ({ validation, callsPerRow }) => ({
      task: (1 + trials) * Math.min(validation, mostRows) * callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { seed, program, validation, random, admit, evaluate } = context;
      const rows = random.fork('rows').sample(validation, mostRows);
      const knobs = program.parameters.flatMap((spec) => knobOf(spec, { seed, levels }) ?? []);
      if (knobs.length === 0) {
        yield { type: 'notice', message: 'The program has no choice and no number to search.' };
        return seed;
      }
      const sizes = knobs.map(({ values }) => values.length);
      const combinations = sizes.reduce((product, size) => product * size, 1);
      let best = await evaluate(seed, rows);
      let bestChoices = knobs.map(({ values, name }) =>
        Math.max(
          0,
          values.findIndex((value) => isSame(value, seed[name])),
        ),
      );
      const seen: Trial[] = [{ choices: bestChoices, value: best.mean ?? 0 }];
      const tried = new Set([bestChoices.join()]);
      for (let from = 0; from < trials && tried.size < combinations; from += atOnce) {
        const isLocal = from >= trials * (1 - localShare);
        const drafts: { readonly choices: readonly number[] }[] = [];
        for (let attempt = 0; attempt < 20 * atOnce; attempt += 1) {
          if (drafts.length === Math.min(atOnce, trials - from)) break;
          const stream = random.fork(`trial-${from}/${attempt}`);
          const choices = isLocal
            ? neighbour(bestChoices, { knobs, random: stream })
            : suggestByTpe(seen, sizes, { random: stream, startup });
          if (tried.has(choices.join())) continue;
          tried.add(choices.join());
          drafts.push({ choices });
        }
        const admissions = admit(
          drafts.map(({ choices }) => ({
            changes: Object.fromEntries(
              knobs.flatMap(({ name, values }, index) => {
                const value = values[choices[index] ?? 0];
                return value === undefined ? [] : [[name, value]];
              }),
            ),
            origin: knobs
              .map(({ name, values }, index) => `${name} ${valueText(values[choices[index] ?? 0])}`)
              .join(', '),
          })),
        );
        const candidates = admissions.flatMap((admission, index) =>
          admission.status === 'rejected'
            ? []
            : [{ candidate: admission.candidate, choices: drafts[index]?.choices ?? [] }],
        );
        const evaluations = await Promise.all(candidates.map(({ candidate }) => evaluate(candidate, rows)));
        for (const [index, evaluation] of evaluations.entries()) {
          const { choices = [] } = candidates[index] ?? {};
          if (evaluation.mean !== undefined) seen.push({ choices, value: evaluation.mean });
          if (!isBetter(evaluation, best)) continue;
          best = evaluation;
          bestChoices = [...choices];
          yield accepted(best, isLocal ? 'around the best' : `trial ${from + index + 1}`);
        }
      }
      return best.candidate;
    },
  };
}

function knobOf(
  spec: ParameterSpec,
  { seed, levels }: { readonly seed: Candidate; readonly levels: number },
): Knob | undefined {
  const { name, kind, options, bounds } = spec;
  if (kind === 'choice' && options !== undefined && options.length > 1) {
    return { name, values: options.map((value) => ({ kind: 'choice', value })), isOrdered: false };
  }
  const own = seed[name];
  if (kind !== 'number' || bounds === undefined || own?.kind !== 'number') return undefined;
  const [least, most] = bounds;
  const grid = Array.from({ length: levels }, (_, index) => least + ((most - least) * index) / (levels - 1));
  // What the program starts with is always among the values.
  const values = [...new Set([...grid, own.value])].sort((a, b) => a - b);
  return { name, values: values.map((value) => ({ kind: 'number', value })), isOrdered: true };
}

/** The same with one value changed: of a number to the next one, of a choice to any other. */
function neighbour(
  choices: readonly number[],
  { knobs, random }: { readonly knobs: readonly Knob[]; readonly random: Random },
): readonly number[] {
  const at = random.integer(knobs.length);
  const knob = knobs[at];
  const own = choices[at] ?? 0;
  if (knob === undefined) return choices;
  const last = knob.values.length - 1;
  const next = knob.isOrdered
    ? Math.min(last, Math.max(0, own + (random.integer(2) === 0 ? -1 : 1)))
    : (own + 1 + random.integer(Math.max(1, last))) % knob.values.length;
  return choices.map((choice, index) => (index === at ? next : choice));
}

function isSame(one: Candidate[string], other: Candidate[string] | undefined): boolean {
  return valueText(one) === valueText(other);
}

function valueText(parameter: Candidate[string] | undefined): string {
  if (parameter?.kind === 'number') return String(Number(parameter.value.toPrecision(4)));
  return parameter?.kind === 'choice' ? parameter.value : '';
}
