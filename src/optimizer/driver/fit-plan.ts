import { HoneError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { type AmountName, type Amounts, minus, plus, times, tooMuch } from './amounts.ts';
import type { RunPlan } from './plan-run.ts';
import type { RowCosts } from './row-costs.ts';

/** A plan that the budget can hold. */
export interface FittedPlan extends RunPlan {
  /** Why nothing can be proven, where the budget does not hold the proof. */
  readonly unaffordable?: string | undefined;
}

/** Fewest rows of validation that a search is run on. */
const fewestRows = 4;
/** Rows of validation that a search should have, rather than none of the proof. */
const wantedRows = 12;
/** Candidates that the budget of a search should hold on all of its validation rows, the seed among them. */
const wantedCandidates = 4;

/**
 * Fits a plan into the budget before anything is spent. The proof goes first; what is left decides on how many
 * rows of validation the search works. A budget that does not hold the proof beside a search is spent on the
 * search alone, and its best candidate is given without a proof.
 *
 * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` when it does not even hold the seed and one candidate on four rows.
 */
export function fitPlan(
  plan: RunPlan,
  {
    seed,
    left,
    costs,
    randomSeed,
  }: {
    readonly seed: Candidate;
    readonly left: Amounts;
    readonly costs: RowCosts;
    readonly randomSeed: number;
  },
): FittedPlan {
  const row = costs.typical(seed);
  const proof = times(row, 2 * plan.proofRows);
  const validation = plan.split.validation.length;
  const least = Math.min(validation, wantedRows);
  const isProvable = tooMuch(plus(proof, times(row, 2 * least)), left) === undefined;
  const forSearch = isProvable ? minus(left, proof) : left;
  const fewest = Math.min(validation, fewestRows);
  const limit = tooMuch(times(row, 2 * fewest), forSearch);
  if (limit !== undefined) throw tooSmall(limit, times(row, 2 * fewest));
  const rows = rowsThatFit(row, forSearch, { validation, least: isProvable ? least : fewest });
  const notices = [...plan.notices];
  if (rows < validation) {
    notices.push(
      `The budget is small: the search uses ${rows} of ${validation} validation rows, so that it can compare several candidates.`,
    );
  }
  const split =
    rows < validation
      ? {
          ...plan.split,
          validation: createRandom(`${randomSeed}/small budget`)
            .shuffle(plan.split.validation)
            .slice(0, rows),
        }
      : plan.split;
  if (isProvable) return { ...plan, split, notices };
  const needed = needText(plus(proof, times(row, 2 * least)), left);
  const unaffordable = `The budget cannot hold the test of ${plan.proofRows} rows beside a search, which takes at least ${needed}: the best candidate is given without a proof.`;
  return { ...plan, split, proofRows: 0, notices: [...notices, unaffordable], unaffordable };
}

function rowsThatFit(
  row: Amounts,
  left: Amounts,
  { validation, least }: { readonly validation: number; readonly least: number },
): number {
  let rows = validation;
  while (rows > least && tooMuch(times(row, wantedCandidates * rows), left) !== undefined) rows -= 1;
  return rows;
}

const flags: Readonly<Record<AmountName, string>> = {
  calls: '--max-calls',
  reflectionCalls: '--max-reflection-calls',
  tokens: '--max-tokens',
  usd: '--budget-usd',
};

function tooSmall(limit: AmountName, needed: Amounts): HoneError {
  const amount = amountText(limit, needed);
  return new HoneError(`The budget cannot hold the seed and one candidate on ${fewestRows} rows.`, {
    code: 'HONE_BUDGET_EXHAUSTED',
    hint: `Give at least ${amount} (${flags[limit]} ${amount.split(' ')[0]}), or fewer rows.`,
    facts: { reason: limit === 'usd' ? 'cost' : limit },
  });
}

function needText(needed: Amounts, left: Amounts): string {
  const limit = tooMuch(needed, left) ?? 'calls';
  return `${amountText(limit, needed)} (${flags[limit]})`;
}

function amountText(limit: AmountName, needed: Amounts): string {
  if (limit === 'usd') return `${Number(needed.usd.toPrecision(2))} dollars`;
  return `${Math.ceil(needed[limit])} ${limit === 'tokens' ? 'tokens' : 'calls'}`;
}
