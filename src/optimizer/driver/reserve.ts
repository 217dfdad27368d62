import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { type Amounts, largest, minus, nothing, plus, times } from './amounts.ts';
import type { Ledger, Scored } from './ledger.ts';
import type { RowCosts } from './row-costs.ts';

export interface ReserveSetting {
  readonly seed: Candidate;
  readonly validation: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly testRows: number;
}

/** Candidates that are confirmed on all of validation before one is chosen. */
export const confirmedCandidates = 3;

/**
 * What the confirmation and the proof still need: the rows of validation that the leading candidates were not
 * scored on, and the test rows of the seed and of the dearest that may be its winner.
 */
export function reserveOf(
  { seed, validation, testRows }: ReserveSetting,
  { ledger, costs }: { readonly ledger: Ledger; readonly costs: RowCosts },
): Amounts {
  const seedRow = costs.usual(seed);
  const leaders = leadersOf(ledger, seed);
  const unscored =
    leaders.length === 0
      ? times(seedRow, validation.length)
      : leaders
          .map(({ candidate }) => times(costs.usual(candidate), ledger.missing(candidate)))
          .reduce(plus, nothing);
  return plus(unscored, times(plus(seedRow, dearestRow(leaders, { seed, costs })), testRows));
}

/** What more the proof would need if this candidate were to win: its rows may be dearer than those of all before. */
export function furtherReserveOf(
  candidate: Candidate,
  { seed, testRows }: Pick<ReserveSetting, 'seed' | 'testRows'>,
  { ledger, costs }: { readonly ledger: Ledger; readonly costs: RowCosts },
): Amounts {
  const dearest = dearestRow(leadersOf(ledger, seed), { seed, costs });
  return times(minus(largest(dearest, costs.usual(candidate)), dearest), testRows);
}

function leadersOf(ledger: Ledger, seed: Candidate): readonly Scored[] {
  return ledger.ranking().filter(notSeed(seed)).slice(0, confirmedCandidates);
}

function dearestRow(
  leaders: readonly Scored[],
  { seed, costs }: { readonly seed: Candidate; readonly costs: RowCosts },
): Amounts {
  return leaders.map(({ candidate }) => costs.usual(candidate)).reduce(largest, costs.usual(seed));
}

function notSeed(seed: Candidate): (scored: Scored) => boolean {
  const hash = hashCandidate(seed);
  return (scored) => scored.hash !== hash;
}
