import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import { estimateTokens } from '../../model/token-count.ts';
import type { StepShape } from '../../program/program.ts';
import type { Demo } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { type AdditiveSurrogate, additiveSurrogate, type Observation } from '../part/additive-surrogate.ts';
import { candidatesOf } from '../part/admitted.ts';
import { accepted } from '../part/decisions.ts';
import { demoPools, noDemos, rowsForPools } from '../part/demo-pools.ts';
import { demoSteps } from '../part/demo-set-pool.ts';
import { balancedSample, demoChanges } from '../part/demo-sets.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What the options are checked by. */
export const fewShotBudgetSchema = z.strictObject({
  tokens: z
    .int()
    .min(16)
    .max(1_000_000)
    .default(1_000)
    .describe('Most tokens that the demos of a row take, of all steps together; an estimate.'),
  pool: z.int().min(2).max(128).default(24).describe('Demos to choose from, of each step.'),
  trials: z.int().min(1).max(1_000).default(16).describe('Choices that are tried.'),
  rows: z.int().min(1).max(10_000).default(20).describe('Validation rows of a trial.'),
});

export interface FewShotBudgetOptions {
  /** Most tokens that the demos of a row take, of all steps together; an estimate. @default 1000 */
  readonly tokens?: number | undefined;
  /** Demos to choose from, of each step. @default 24 */
  readonly pool?: number | undefined;
  /** Choices that are tried. @default 16 */
  readonly trials?: number | undefined;
  /** Validation rows of a trial. @default 20 */
  readonly rows?: number | undefined;
}

/** A demo that may be shown. */
interface Item {
  readonly step: string;
  readonly demo: Demo;
  readonly tokens: number;
}

/** Choices that go on to all of validation. */
const finalists = 3;

/**
 * Chooses which demos a prompt shows, and how many, within a number of tokens. What each demo adds is learned from
 * many choices at once: every trial shows some of them, drawn by what is known so far, and its mean is shared among
 * them by a linear model. The best choices then race on validation.
 *
 * @see Nguyen & Wong 2023, "In-context Example Selection with Influences", https://arxiv.org/abs/2302.11042, for the
 *   effect of a demo as that of its presence. Deviation: choices are drawn by Thompson sampling under the budget, not
 *   uniformly.
 */
export function fewShotBudget(options: FewShotBudgetOptions = {}): Optimizer {
  const resolved = resolveOptions(fewShotBudgetSchema, options, { of: 'fewShotBudget' });
  const { tokens, pool, trials, rows } = resolved;
  return {
    name: 'fewShotBudget',
    version: 1,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Chooses which demos to show, and how many, so that they stay within a number of tokens.',
      when: 'Prompts are paid by the token or the context is short, and demos help.',
      cost: {
        task: '(innerSteps > 0 ? min(train, 3 * pool) : 0) + validation + trials * min(rows, validation) + race(3)',
        reflection: '0',
      },
    },
    fresh: () => fewShotBudget(options),
    estimate: ({ train, validation, callsPerRow, program }) => ({
      task:
        (rowsForPools(program, { train, demos: pool }) +
          validation +
          trials * Math.min(rows, validation) +
          rowsOfValidationRace(finalists, { validation })) *
        callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { seed, program, validation, random, evaluate, admit } = context;
      const items = await itemsOf(context, resolved);
      if (items.length === 0) {
        const isTooShort = [...(await demoPools(context, pool)).values()].some((demos) => demos.length > 0);
        yield { type: 'notice', message: isTooShort ? tooLong(tokens) : noDemos };
        return seed;
      }
      const standing = await evaluate(seed, validation);
      const chosen = random.fork('rows').sample(validation, rows);
      const drafts = (choices: readonly number[], origin: string) => {
        const shown = items.filter((_, index) => choices[index] === 1);
        return admit([{ changes: changesOf(shown, program.steps, context), origin }]);
      };
      const observations: Observation[] = [];
      for (let trial = 0; trial < trials; trial += 1) {
        const stream = random.fork(`trial-${trial}`);
        const choices = draw(items, { surrogate: surrogateOf(observations, items), tokens, random: stream });
        const [candidate] = candidatesOf(drafts(choices, `demos of trial ${trial + 1}`));
        if (candidate === undefined) continue;
        const { mean, scored } = await evaluate(candidate, chosen);
        if (mean !== undefined && scored > 0) observations.push({ choices, mean, rows: scored });
      }
      const surrogate = surrogateOf(observations, items);
      const wanted = [
        fitting(items, { wants: effectsOf(items, surrogate), tokens }),
        ...[...observations]
          .sort((a, b) => surrogate.expect(b.choices) - surrogate.expect(a.choices))
          .map(({ choices }) => choices),
      ];
      const candidates = candidatesOf(wanted.flatMap((choices) => drafts(choices, 'demos that help most')));
      const [best] = await raceOnValidation(context, candidates.slice(0, finalists), { label: 'finalists' });
      if (!isBetter(best, standing)) return seed;
      yield accepted(best, `${shownBy(best)} demos`);
      return best.candidate;
    },
  };
}

/** What a person is told where every demo is longer than the budget. */
const tooLong = (tokens: number) =>
  `Every demo alone takes more than the ${tokens} tokens that demos may take, so none is shown: raise \`tokens\`.`;

/** The demos to choose from; one that is longer than the whole budget is none. */
async function itemsOf(
  context: OptimizationContext,
  { pool, tokens }: { readonly pool: number; readonly tokens: number },
): Promise<readonly Item[]> {
  const { program, random } = context;
  const pools = await demoPools(context, pool);
  return demoSteps(program).flatMap(({ name }) =>
    balancedSample(pools.get(name) ?? [], pool, random.fork(`pool/${name}`))
      .map((demo) => ({
        step: name,
        demo,
        tokens: estimateTokens(JSON.stringify([demo.inputs, demo.outputs])),
      }))
      .filter((item) => item.tokens <= tokens),
  );
}

function surrogateOf(observations: readonly Observation[], items: readonly Item[]): AdditiveSurrogate {
  return additiveSurrogate(
    observations,
    items.map(() => 2),
  );
}

interface Fit {
  readonly tokens: number;
}

/** A choice in one draw of what may be true: what seems to help, in random order, as far as it fits. */
function draw(
  items: readonly Item[],
  { surrogate, tokens, random }: Fit & { readonly surrogate: AdditiveSurrogate; readonly random: Random },
): readonly number[] {
  const suggested = surrogate.suggest(random.fork('suggestion'));
  const order = random.fork('order').shuffle(items.map((_, index) => index));
  return fitting(items, {
    tokens,
    wants: items.map((_, index) => (suggested[index] === 1 ? 1 + order.indexOf(index) / items.length : 0)),
  });
}

/** What showing a demo adds to the expected mean. */
function effectsOf(items: readonly Item[], surrogate: AdditiveSurrogate): readonly number[] {
  const none = items.map(() => 0);
  const without = surrogate.expect(none);
  return items.map((_, index) => surrogate.expect(none.map((__, at) => (at === index ? 1 : 0))) - without);
}

/** The demos that are wanted, those that are worth most for each token first, until no more fits. */
function fitting(
  items: readonly Item[],
  { wants, tokens }: Fit & { readonly wants: readonly number[] },
): readonly number[] {
  const order = items
    .map((item, index) => ({ index, item, worth: (wants[index] ?? 0) / Math.max(1, item.tokens) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth || a.index - b.index);
  let left = tokens;
  const shown = new Set<number>();
  for (const { index, item } of order) {
    if (item.tokens > left) continue;
    left -= item.tokens;
    shown.add(index);
  }
  return items.map((_, index) => (shown.has(index) ? 1 : 0));
}

function changesOf(shown: readonly Item[], steps: readonly StepShape[], { program }: OptimizationContext) {
  return demoChanges({ ...program, steps }, ({ name }) => ({
    demos: shown.filter((item) => item.step === name).map(({ demo }) => demo),
  }));
}

function shownBy({ candidate }: CandidateEvaluation): number {
  return Object.values(candidate).reduce(
    (sum, parameter) =>
      parameter.kind === 'demos'
        ? sum + parameter.sets.reduce((count, { demos }) => count + demos.length, 0)
        : sum,
    0,
  );
}
