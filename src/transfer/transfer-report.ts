import type { Example } from '../dataset/dataset.ts';
import type { Interval } from '../evaluation/statistics/sample.ts';
import type { OptimizationReport, SealedTest, Verdict } from '../optimizer/driver/report.ts';
import type { CandidateHash } from '../prompt/candidate.ts';

/** A candidate on one model, over the rows of the sealed test. JSON. */
export interface TransferCell {
  readonly model: string;
  /** Mean score; undefined when no row has one, or the budget did not hold it. */
  readonly mean?: number | undefined;
  /** Rows that both the candidate and the seed have a score for. */
  readonly rows: number;
  /** Rows that either lost to faults. */
  readonly lost: number;
  /** From the seed on the same model; undefined for the seed itself. */
  readonly difference?: number | undefined;
  /** 95 % interval of the difference. It describes; only the winner's own model has a verdict. */
  readonly interval?: Interval | undefined;
  /** Which use of the test rows it was, from 1; undefined where nothing was answered beside the runs' own tests. */
  readonly use?: number | undefined;
}

/** One candidate on every model, in the order of the models. JSON. */
export interface TransferRow {
  /** The model that it was found for; undefined for the seed. */
  readonly winnerOf?: string | undefined;
  readonly candidate: CandidateHash;
  /** Whether it is the seed, because nothing better was proven for its model. */
  readonly isSeed: boolean;
  readonly cells: readonly TransferCell[];
}

/** What came of one model. JSON. */
export interface TransferredModel {
  readonly model: string;
  /** The run that searched for it. */
  readonly runId: string;
  readonly verdict: Verdict;
  readonly sealedTest?: SealedTest | undefined;
}

/** Every winner on every model. JSON. */
export interface TransferReport {
  readonly schemaVersion: 1;
  readonly kind: 'transfer';
  readonly runId: string;
  readonly name: string;
  readonly models: readonly TransferredModel[];
  /** Rows of the sealed test, and what counts once among them; undefined when none were kept apart. */
  readonly test?: { readonly rows: number; readonly clusters: number } | undefined;
  /** The seed first, then the winner of each model; empty without a sealed test. */
  readonly matrix: readonly TransferRow[];
  readonly notices: readonly string[];
}

/** What an optimization for several models ends with. */
export interface TransferResult {
  readonly report: TransferReport;
  /** One for each model, in their order. */
  readonly reports: readonly OptimizationReport[];
  /** The rows of the sealed test; empty when none were kept apart. */
  readonly test: readonly Example[];
}
