import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { type Amounts, largest, minus, nothing, plus, times, tooMuch } from './amounts.ts';
import type { Ledger, Scored } from './ledger.ts';
import { type EffectKey, textOf } from './record.ts';
import type { RowCosts } from './row-costs.ts';
import { withinReach } from './within-reach.ts';

export interface ReserveSetting {
  readonly seed: Candidate;
  readonly validation: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly testRows: number;
  /** Whether a judge compares the answers of the test, in both orders. @default false */
  readonly judged?: boolean | undefined;
}

/** Most candidates that are confirmed on all of validation before one is chosen. */
export const confirmedCandidates = 3;
/** The share of a budget that confirming several may take: what they cost, the search lacks. */
const shareOfConfirmation = 0.2;

/**
 * How many candidates are confirmed: from 1, the leader alone, to {@link confirmedCandidates}, as many as a fifth of
 * the budget holds.
 */
export function confirmedOf(
  most: Amounts,
  { seed, validation, costs }: Pick<ReserveSetting, 'seed' | 'validation'> & { readonly costs: RowCosts },
): number {
  const one = times(costs.usual(seed), validation.length);
  let count = 1;
  while (
    count < confirmedCandidates &&
    tooMuch(times(one, count + 1), times(most, shareOfConfirmation)) === undefined
  ) {
    count += 1;
  }
  return count;
}

/** What is kept back from a search, as it shrinks. */
export interface Reserve {
  /** What the confirmation and the proof still need. */
  total(): Amounts;
  /** The part of it that is there for just these rows, by `textOf`: having them answered spends nothing else. */
  of(keys: readonly EffectKey[]): ReadonlyMap<string, Amounts>;
}

export interface ReserveParts {
  readonly ledger: Ledger;
  readonly costs: RowCosts;
  /** The limits of the run. */
  readonly most: Amounts;
  /** Whether a candidate was answered on a row, in a round under way too. */
  readonly isAnswered: (candidate: Candidate, row: Example) => boolean;
  /** Candidates whose rows of validation are being answered now, in the order of asking. */
  readonly underWay: ReadonlySet<Candidate>;
}

/**
 * Keeps back the rows of validation that the leading candidates were not scored on (of one that leads alone half of
 * them: there is nothing to choose), and the test rows of the seed and of the dearest that may be its winner. While nobody leads, half of the rows of one candidate are kept: of the
 * first that is asked about.
 */
export function createReserve(
  { seed, validation, testRows, judged = false }: ReserveSetting,
  parts: ReserveParts,
): Reserve {
  const { ledger, costs, most, isAnswered, underWay } = parts;
  const confirmed = () => confirmedOf(most, { seed, validation, costs });
  const leaders = () => leadersOf(ledger, { seed, confirmed: confirmed() });
  const inValidation = new Set(validation.map(({ id }) => id));
  const hashOfSeed = hashCandidate(seed);
  const half = Math.ceil(validation.length / 2);
  const missing = (candidate: Candidate) => validation.filter((row) => !isAnswered(candidate, row));
  const first = () => [...underWay].find((candidate) => hashCandidate(candidate) !== hashOfSeed);
  /** Rows that a candidate lacks of its half: what is kept for the first one, and for one that leads alone. */
  const missingOfHalf = (candidate: Candidate) =>
    Math.max(0, half - (validation.length - missing(candidate).length));
  return {
    total: () => {
      const leading = leaders();
      const next = first();
      const unscored =
        leading.length === 0
          ? times(costs.usual(seed), next === undefined ? half : missingOfHalf(next))
          : leading
              .map(({ candidate }) =>
                costs.besideSeed(
                  candidate,
                  confirmed() === 1 ? missingOfHalf(candidate) : missing(candidate).length,
                ),
              )
              .reduce(plus, nothing);
      const proof = plus(costs.safely(seed, testRows), dearestTest(leading, { seed, testRows, costs }));
      return judged ? plus(proof, times(costs.ask(), 2 * testRows)) : plus(unscored, proof);
    },
    of: (keys) => {
      const own = keys.filter(
        ({ effect, example, trial }) => effect === 'row' && trial === 0 && inValidation.has(example),
      );
      if (own.length === 0) return new Map();
      const leading = leaders();
      const next = first();
      const kept = new Map<string, Amounts>();
      const keep = (rows: readonly EffectKey[], amounts: Amounts) => {
        for (const key of rows) kept.set(textOf(key), amounts);
      };
      if (leading.length === 0 && next !== undefined) {
        const hash = hashCandidate(next);
        keep(own.filter((key) => key.candidate === hash).slice(0, missingOfHalf(next)), costs.usual(seed));
      }
      for (const { hash, candidate } of leading) {
        const ownRows = own.filter((key) => key.candidate === hash);
        keep(
          confirmed() === 1 ? ownRows.slice(0, missingOfHalf(candidate)) : ownRows,
          costs.besideSeed(candidate, 1),
        );
      }
      return kept;
    },
  };
}

/** What more the proof would need if this candidate were to win: its rows may be dearer than those of all before. */
export function furtherReserveOf(
  candidate: Candidate,
  { seed, validation, testRows }: Pick<ReserveSetting, 'seed' | 'validation' | 'testRows'>,
  { ledger, costs, most }: Pick<ReserveParts, 'ledger' | 'costs' | 'most'>,
): Amounts {
  const confirmed = confirmedOf(most, { seed, validation, costs });
  const dearest = dearestTest(leadersOf(ledger, { seed, confirmed }), { seed, testRows, costs });
  return minus(largest(dearest, costs.besideSeed(candidate, testRows)), dearest);
}

function leadersOf(
  ledger: Ledger,
  { seed, confirmed }: Pick<ReserveSetting, 'seed'> & { readonly confirmed: number },
): readonly Scored[] {
  const ranking = ledger.ranking().filter(notSeed(seed));
  return withinReach(ranking, ranking[0]).slice(0, confirmed);
}

/** The test rows of the dearest that may win, beside those of the seed; while nobody leads, as dear as the seed. */
function dearestTest(
  leaders: readonly Scored[],
  { seed, testRows, costs }: Pick<ReserveSetting, 'seed' | 'testRows'> & { readonly costs: RowCosts },
): Amounts {
  if (leaders.length === 0) return costs.safely(seed, testRows);
  return leaders.map(({ candidate }) => costs.besideSeed(candidate, testRows)).reduce(largest, nothing);
}

function notSeed(seed: Candidate): (scored: Scored) => boolean {
  const hash = hashCandidate(seed);
  return (scored) => scored.hash !== hash;
}
