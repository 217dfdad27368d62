import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { highest, upperBounds } from '../part/bandit.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { labelledRecord } from '../part/row-records.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { describeTarget, type TextTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const apePrompts = {
  induce: signature(
    { inputs: { place: 'string', examples: 'json' }, outputs: { text: 'string' } },
    {
      instructions:
        'Somebody was given one instruction and, following it, answered these rows. Work out what the instruction ' +
        'must have said, so that whoever follows it answers rows like these, and others, the same way. Write only ' +
        'that instruction: general, without naming any of the rows. Where the place has a {{slot}}, keep it.',
      descriptions: {
        place: 'where the instruction is used',
        examples: 'rows with their answers',
        text: 'the instruction',
      },
    },
  ),
  vary: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions:
        'Say the same instruction in other words. Its meaning, its conditions and every {{slot}} stay; the wording ' +
        'and the order may change.',
      descriptions: {
        place: 'where the instruction is used',
        current: 'the instruction',
        text: 'the same instruction in other words',
      },
    },
  ),
};

/** What the options are checked by. */
export const apeSchema = z.strictObject({
  subsets: z.int().min(1).max(100).default(5).describe('Sets of rows from which instructions are induced.'),
  perSubset: z.int().min(1).max(100).default(6).describe('Instructions induced from each set.'),
  examples: z.int().min(1).max(256).default(5).describe('Rows in a set.'),
  resampling: z.int().min(0).max(20).default(2).describe('Rounds of variations around the best.'),
  kept: z.number().gt(0).lt(1).default(0.2).describe('Share that is kept in a round of variations.'),
  selection: z
    .enum(['race', 'ucb'])
    .default('race')
    .describe('How they are scored: on nested prefixes with elimination, or by upper confidence bounds.'),
  pulls: z.int().min(1).max(1_000).default(20).describe('Rounds of pulls, with ucb.'),
  pullRows: z.int().min(1).max(1_000).default(5).describe('Rows of a pull, with ucb.'),
  exploration: z.number().min(0).max(10).default(1).describe('Weight of what is not known, with ucb.'),
  temperature: z.number().min(0).max(2).default(0.9).describe('Of the proposals.'),
  prompts: promptsOption(apePrompts),
});

export interface ApeOptions {
  /** Sets of rows from which instructions are induced. @default 5 */
  readonly subsets?: number | undefined;
  /** Instructions induced from each set. @default 6 */
  readonly perSubset?: number | undefined;
  /** Rows in a set. @default 5 */
  readonly examples?: number | undefined;
  /** Rounds of variations around the best. @default 2 */
  readonly resampling?: number | undefined;
  /** Share that is kept in a round of variations, between 0 and 1. @default 0.2 */
  readonly kept?: number | undefined;
  /** On nested prefixes with elimination, or by upper confidence bounds. @default 'race' */
  readonly selection?: 'race' | 'ucb' | undefined;
  /** Rounds of pulls, with ucb. @default 20 */
  readonly pulls?: number | undefined;
  /** Rows of a pull, with ucb. @default 5 */
  readonly pullRows?: number | undefined;
  /** Weight of what is not known, with ucb. @default 1 */
  readonly exploration?: number | undefined;
  /** Of the proposals. @default 0.9 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly induce?: string | undefined; readonly vary?: string | undefined } | undefined;
}

/**
 * Induces instructions from rows with their answers, scores all, and says the best in other words. The steps of a
 * program follow each other.
 *
 * @see Zhou et al. 2022, "Large Language Models Are Human-Level Prompt Engineers",
 *   https://arxiv.org/abs/2211.01910. Deviations: 30 instead of 50 proposals; accuracy instead of log-probability;
 *   every instruction is scored on the same rows in the same order; one that was never scored ranks last.
 */
export function ape(options: ApeOptions = {}): Optimizer {
  const resolved = resolveOptions(apeSchema, options, { of: 'ape' });
  const { subsets, perSubset, examples, resampling, kept, temperature } = resolved;
  const prompts = withReplaced(apePrompts, resolved.prompts);
  const proposals = subsets * perSubset;
  const survivors = Math.max(1, Math.round(kept * proposals));
  return {
    name: 'ape',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Induces instructions from rows with their answers, scores all of them, and says the best in other words.',
      when: 'There are rows but no prompt yet, or the one that is there is vague.',
      cost: {
        task: 'validation + texts * (1 + resampling) * scoring',
        reflection: '2 * texts * (proposals + resampling * (proposals - survivors))',
        where: {
          proposals: 'subsets * perSubset',
          survivors: 'max(1, round(kept * proposals))',
          scoring:
            "selection == 'race' ? race(proposals, survivors) : min(pulls * max(1, ceil(proposals / 3)) * pullRows, proposals * validation) + survivors * validation",
        },
      },
    },
    fresh: () => ape(options),
    estimate: ({ validation, callsPerRow, program }) => {
      const targets = textTargets(program).length;
      const scorings = targets * (1 + resampling);
      return {
        task:
          (validation + scorings * rowsOfScoring(resolved, { proposals, survivors, validation })) *
          callsPerRow,
        reflection: reflectionCalls(targets * (proposals + resampling * (proposals - survivors))),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, random, ask, admit, evaluate } = context;
      let best = await evaluate(seed, validation);
      for (const target of textTargets(program)) {
        const { name } = target.parameter;
        const scope = random.fork(name);
        const propose = async (origin: string, asks: readonly Proposal[]) => {
          const requests = asks.map(({ signature: asked, label, sample, inputs }) => ({
            label: `${name}/${label}`,
            sample,
            temperature,
            signature: asked,
            inputs: { place: describeTarget(target, textOf(seed, target)), ...inputs },
          }));
          const answers = await ask(requests);
          const made = {
            target,
            parent: best.candidate,
            origin,
            textsOf: ({ text }: { text: string }) => [text],
          };
          return newCandidates(admit(rewrites(answers, made)));
        };

        let population = await propose(
          'induced from rows',
          Array.from({ length: proposals }, (_, index) => {
            const subset = Math.floor(index / perSubset);
            return {
              signature: prompts.induce,
              label: `subset-${subset}`,
              sample: index % perSubset,
              inputs: {
                examples: exampleSet(train, { count: examples, random: scope.fork(`subset-${subset}`) }),
              },
            };
          }),
        );
        for (let round = 0; round <= resampling; round += 1) {
          if (population.length === 0) break;
          const label = `${name}/round-${round}`;
          const finalists = await score(context, population, { ...resolved, survivors, label });
          const [first] = finalists;
          if (isBetter(first, best)) {
            best = first;
            yield accepted(best, round === 0 ? 'induced' : `variation ${round}`);
          }
          if (round === resampling || finalists.length === 0) break;
          population = await propose(
            `variation ${round + 1}`,
            Array.from({ length: proposals - survivors }, (_, index) => ({
              signature: prompts.vary,
              label: `variation-${round}`,
              sample: index,
              inputs: { current: currentText(finalists, target, index) },
            })),
          );
        }
      }
      return best.candidate;
    },
  };
}

interface Proposal {
  readonly signature: (typeof apePrompts)['induce'] | (typeof apePrompts)['vary'];
  readonly label: string;
  readonly sample: number;
  readonly inputs: Readonly<Record<string, string | ReturnType<typeof exampleSet>>>;
}

type Resolved = z.output<typeof apeSchema>;

function exampleSet(
  train: readonly Example[],
  { count, random }: { readonly count: number; readonly random: OptimizationContext['random'] },
) {
  return random.sample(train, count).map((example) => labelledRecord(example));
}

function currentText(finalists: readonly CandidateEvaluation[], target: TextTarget, index: number): string {
  const finalist = finalists[index % finalists.length];
  return finalist === undefined ? '' : textOf(finalist.candidate, target);
}

/** The best, scored on the same rows in the same order. */
async function score(
  context: OptimizationContext,
  population: readonly Candidate[],
  {
    selection,
    survivors,
    label,
    ...options
  }: Resolved & { readonly survivors: number; readonly label: string },
): Promise<readonly CandidateEvaluation[]> {
  if (selection === 'race') return raceOnValidation(context, population, { label, keep: survivors });
  const { evaluate, random, validation } = context;
  const order = random.fork(`order/${label}`).shuffle(validation);
  const { pulls, pullRows, exploration } = options;
  const arms = population.map((candidate) => ({ candidate, pulls: 0, mean: 0 }));
  const width = Math.max(1, Math.ceil(arms.length / 3));
  for (let pull = 0; pull < pulls; pull += 1) {
    // An arm that has seen all rows has nothing to learn.
    const bounds = upperBounds(arms, exploration).map((bound, index) =>
      (arms[index]?.pulls ?? 0) * pullRows >= order.length ? Number.NEGATIVE_INFINITY : bound,
    );
    const chosen = highest(bounds, width).flatMap((index) => {
      const arm = arms[index];
      return arm === undefined || bounds[index] === Number.NEGATIVE_INFINITY ? [] : [arm];
    });
    if (chosen.length === 0) break;
    // Rows that it has seen cost nothing, so the whole prefix is asked for and its mean is that of all.
    const seen = await Promise.all(
      chosen.map((arm) => evaluate(arm.candidate, order.slice(0, (arm.pulls + 1) * pullRows))),
    );
    for (const [index, arm] of chosen.entries()) {
      arm.pulls += 1;
      arm.mean = seen[index]?.mean ?? 0;
    }
  }
  const values = arms.map(({ pulls: count, mean }) => (count === 0 ? Number.NEGATIVE_INFINITY : mean));
  const best = highest(values, survivors).flatMap((index) => {
    const candidate = population[index];
    return candidate === undefined ? [] : [candidate];
  });
  const finalists = await Promise.all(best.map((candidate) => evaluate(candidate, order)));
  return bestFirst(finalists, (each) => each);
}

function rowsOfScoring(
  { selection, pulls, pullRows }: Resolved,
  size: { readonly proposals: number; readonly survivors: number; readonly validation: number },
): number {
  const { proposals, survivors, validation } = size;
  if (selection === 'race') return rowsOfValidationRace(proposals, { validation, keep: survivors });
  const pulled = pulls * Math.max(1, Math.ceil(proposals / 3)) * pullRows;
  return Math.min(pulled, proposals * validation) + survivors * validation;
}
