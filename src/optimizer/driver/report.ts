import type { JsonObject } from '../../base/json.ts';
import type { Comparison } from '../../evaluation/compare.ts';
import type { UsageSummary } from '../../evaluation/evaluation.ts';
import type { ParityComparison } from '../../evaluation/parity.ts';
import type { Candidate, CandidateHash } from '../../prompt/candidate.ts';
import type { Because, Objective, StopReason } from '../optimizer.ts';

/**
 * - `improved`: p ≤ 0.05 two-sided and the 95 % interval of the paired difference above zero.
 * - `no-reliable-improvement`: not shown; the seed stays.
 * - `incomplete`: more than 5 % of the test rows were lost to faults, or an improvement would not hold if the rows
 *   that only one side has a score for had gone against the winner.
 * - `preferred`: on rows without a score, a judge that sees the answers in both orders prefers the winner's
 *   significantly more often than the seed's: a sign test, p ≤ 0.05 two-sided. It says nothing of accuracy.
 * - `no-reliable-preference`: that is not shown; the seed stays.
 * - `too-few-rows`: not enough labelled rows to prove anything; the best candidate is a development estimate.
 */
export type Verdict =
  | 'improved'
  | 'no-reliable-improvement'
  | 'preferred'
  | 'no-reliable-preference'
  | 'incomplete'
  | 'too-few-rows';

/** A candidate that was tested beside seed and winner, to show what part of a gain has another cause. */
export interface ControlResult {
  /** For people: 'calibrated seed'. */
  readonly name: string;
  readonly hash: CandidateHash;
  /** Undefined when no row has a score. */
  readonly mean: number | undefined;
  /** Rows that have a score. */
  readonly rows: number;
}

/** The proof: seed and winner on rows that no search has seen. */
export interface SealedTest
  extends Pick<
    Comparison,
    | 'interval'
    | 'intervalMethod'
    | 'pValue'
    | 'midP'
    | 'test'
    | 'rows'
    | 'clusters'
    | 'lost'
    | 'oneSided'
    | 'against'
    | 'difference'
    | 'minimumDetectableEffect'
    | 'note'
  > {
  /** Mean score of the seed; undefined when no row has one. */
  readonly seed: number | undefined;
  /** Mean score of the winner. */
  readonly winner: number | undefined;
  readonly controls: readonly ControlResult[];
  /** Which use of these test rows this is, from 1; from the second on p is multiplied. */
  readonly use: number;
  readonly verdict: Verdict;
  /** `held-out`: rows kept apart from one search. `cross-fit`: five searches, each judged on its own fold. */
  readonly method: 'held-out' | 'cross-fit';
}

/** Seed and winner compared by a judge on rows that no search has seen: without labels, without a score. */
export interface PreferenceTest {
  readonly rows: number;
  /** What counts once among them: copies and rows of one group are one. */
  readonly clusters: number;
  /** Clusters in which the judge prefers the winner's answers more often than not, in both orders. */
  readonly winner: number;
  readonly seed: number;
  /** Clusters without a preference, those included in which the two orders disagree. */
  readonly ties: number;
  /** Rows on which the two orders disagree: how far the judge goes by the order. */
  readonly flipped: number;
  /** Rows that got no judgement. */
  readonly lost: number;
  /** Two-sided sign test over the clusters with a preference. */
  readonly pValue: number;
  readonly verdict: Verdict;
}

/** What a test could show, as told before anything was spent. */
export interface TestPlan {
  readonly method: 'held-out' | 'cross-fit' | 'development-only';
  /** What counts once among its rows. */
  readonly clusters: number;
  /** The smallest difference that it finds in four of five runs; absent without a test. */
  readonly smallestDifference?: number | undefined;
}

/** A row whose outcome the winner changed. */
export interface ChangedRow {
  readonly exampleId: string;
  readonly inputs: JsonObject;
  readonly expected?: JsonObject | undefined;
  readonly seed: {
    readonly outputs?: JsonObject | undefined;
    readonly value: number;
    readonly feedback?: string | undefined;
  };
  readonly winner: {
    readonly outputs?: JsonObject | undefined;
    readonly value: number;
    readonly feedback?: string | undefined;
  };
}

/** One candidate on the way. Means on `validation` are selection scores: the best of many looks too good. */
export interface CandidateRecord {
  readonly hash: CandidateHash;
  readonly origin: string;
  /** The candidates that it comes from. */
  readonly parents?: readonly CandidateHash[] | undefined;
  /** What led to it. */
  readonly because?: Because | undefined;
  /** Undefined when no row has a score. */
  readonly mean: number | undefined;
  /** Rows of validation that it was answered on. */
  readonly rows: number;
  /** Those that have a score. */
  readonly scored: number;
  readonly eliminated: boolean;
}

/** A candidate on the front, with its means by objective on all of validation. */
export interface FrontRecord {
  readonly hash: CandidateHash;
  readonly objectives: Readonly<Record<string, number>>;
}

/** One point of the search's curve. */
export interface CurvePoint {
  /** Row evaluations of the search so far. */
  readonly rows: number;
  /** Of the candidate evaluated here. */
  readonly mean: number;
  /** Best mean on all of validation so far. */
  readonly best: number;
}

/** The model that is replaced, with the prompt that the search began from, beside its successor. JSON. */
export interface Parity extends ParityComparison {
  readonly predecessorModel: string;
  readonly successorModel: string;
  /** What the successor answered with: what the run returned. */
  readonly candidate: CandidateHash;
  /** Which use of these test rows this is, from 1. */
  readonly use: number;
}

/** Everything about a finished optimization. JSON; written as `.hone/reports/<run>.json` and `latest.json`. */
export interface OptimizationReport {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly name: string;
  readonly optimizer: { readonly name: string; readonly version: number; readonly options: JsonObject };
  readonly model: string;
  readonly randomSeed: number;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  /** What the test was to be, before anything was spent. */
  readonly testPlan: TestPlan;
  /** Absent when there were too few rows for a proof. */
  readonly sealedTest?: SealedTest | undefined;
  /** In the place of `sealedTest` where answers are compared and not scored. */
  readonly preferenceTest?: PreferenceTest | undefined;
  readonly verdict: Verdict;
  /** Whether the model replaces another one without loss; absent where none is replaced. */
  readonly parity?: Parity | undefined;
  /** Rows that a proof would need, when there were too few. */
  readonly rowsNeeded?: number | undefined;
  /** Means on the validation rows; undefined when no row has a score. */
  readonly validation: {
    readonly seed: number | undefined;
    readonly winner: number | undefined;
    readonly rows: number;
  };
  /** What counts, the first most. */
  readonly objectives: readonly Objective[];
  /** Candidates that no other one beats on every objective, where there are several; best first by the first. */
  readonly front?: readonly FrontRecord[] | undefined;
  /** The candidate of the front from which on more of one objective costs much of another. */
  readonly knee?: CandidateHash | undefined;
  readonly seed: { readonly hash: CandidateHash; readonly candidate: Candidate };
  /** What the run returns: the winner when improved, else the seed. */
  readonly candidate: { readonly hash: CandidateHash; readonly candidate: Candidate };
  /** The best that the search found, also when it is not proven better. */
  readonly best: { readonly hash: CandidateHash; readonly candidate: Candidate };
  readonly stopReason: StopReason;
  readonly candidates: readonly CandidateRecord[];
  readonly curve: readonly CurvePoint[];
  /** Test rows that the winner got right and the seed did not, and the other way round. */
  readonly fixed: readonly ChangedRow[];
  readonly broken: readonly ChangedRow[];
  readonly notices: readonly string[];
  /** Of everything: rows, reflections and judgements. */
  readonly usage: RunUsage;
}

/** Totals of a run. Dollars and tokens hold the reflections. */
export interface RunUsage extends UsageSummary {
  /** Calls of models that the search asked itself; `calls` are those of the rows. */
  readonly reflectionCalls: number;
  /** The part of `costUsd` that they took; undefined when a price is unknown. */
  readonly reflectionCostUsd?: number | undefined;
}
