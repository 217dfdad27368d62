import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { type Amounts, largest, minus, nothing, plus, times } from './amounts.ts';
import type { Ledger, Scored } from './ledger.ts';
import { type EffectKey, textOf } from './record.ts';
import type { RowCosts } from './row-costs.ts';

export interface ReserveSetting {
  readonly seed: Candidate;
  readonly validation: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly testRows: number;
  /** Whether a judge compares the answers of the test, in both orders. @default false */
  readonly judged?: boolean | undefined;
}

/** Candidates that are confirmed on all of validation before one is chosen. */
export const confirmedCandidates = 3;

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
  /** Whether a candidate was answered on a row, in a round under way too. */
  readonly isAnswered: (candidate: Candidate, row: Example) => boolean;
  /** Candidates whose rows of validation are being answered now, in the order of asking. */
  readonly underWay: ReadonlySet<Candidate>;
}

/**
 * Keeps back the rows of validation that the leading candidates were not scored on, and the test rows of the seed
 * and of the dearest that may be its winner. While nobody leads, half of the rows of one candidate are kept: of the
 * first that is asked about.
 */
export function createReserve(
  { seed, validation, testRows, judged = false }: ReserveSetting,
  parts: ReserveParts,
): Reserve {
  const { ledger, costs, isAnswered, underWay } = parts;
  const inValidation = new Set(validation.map(({ id }) => id));
  const hashOfSeed = hashCandidate(seed);
  const half = Math.ceil(validation.length / 2);
  const missing = (candidate: Candidate) => validation.filter((row) => !isAnswered(candidate, row));
  const first = () => [...underWay].find((candidate) => hashCandidate(candidate) !== hashOfSeed);
  /** Rows that are kept for the first candidate: as many as it lacks of its half. */
  const keptOfFirst = (candidate: Candidate) =>
    Math.max(0, half - (validation.length - missing(candidate).length));
  return {
    total: () => {
      const leaders = leadersOf(ledger, seed);
      const next = first();
      const unscored =
        leaders.length === 0
          ? times(costs.usual(seed), next === undefined ? half : keptOfFirst(next))
          : leaders
              .map(({ candidate }) => costs.besideSeed(candidate, missing(candidate).length))
              .reduce(plus, nothing);
      const proof = plus(costs.safely(seed, testRows), dearestTest(leaders, { seed, testRows, costs }));
      return judged ? plus(proof, times(costs.ask(), 2 * testRows)) : plus(unscored, proof);
    },
    of: (keys) => {
      const own = keys.filter(
        ({ effect, example, trial }) => effect === 'row' && trial === 0 && inValidation.has(example),
      );
      if (own.length === 0) return new Map();
      const leaders = leadersOf(ledger, seed);
      const next = first();
      const kept = new Map<string, Amounts>();
      const keep = (rows: readonly EffectKey[], amounts: Amounts) => {
        for (const key of rows) kept.set(textOf(key), amounts);
      };
      if (leaders.length === 0 && next !== undefined) {
        const hash = hashCandidate(next);
        keep(own.filter((key) => key.candidate === hash).slice(0, keptOfFirst(next)), costs.usual(seed));
      }
      for (const { hash, candidate } of leaders) {
        keep(
          own.filter((key) => key.candidate === hash),
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
  { seed, testRows }: Pick<ReserveSetting, 'seed' | 'testRows'>,
  { ledger, costs }: { readonly ledger: Ledger; readonly costs: RowCosts },
): Amounts {
  const dearest = dearestTest(leadersOf(ledger, seed), { seed, testRows, costs });
  return minus(largest(dearest, costs.besideSeed(candidate, testRows)), dearest);
}

function leadersOf(ledger: Ledger, seed: Candidate): readonly Scored[] {
  return ledger.ranking().filter(notSeed(seed)).slice(0, confirmedCandidates);
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
