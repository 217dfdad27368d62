import type { JsonObject } from '../base/json.ts';
import type { Comparison } from '../evaluation/compare.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Snapshot } from '../evaluation/snapshot.ts';
import type { Interval } from '../evaluation/statistics/sample.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { ParameterDiff } from '../prompt/diff.ts';

/** A finished evaluation with what it measured: an immutable record. */
export interface Experiment {
  /** The id of its run; of a file, the id that it had. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Content hash of the candidate. */
  readonly candidate: string;
  /** Undefined where it was not kept. */
  readonly parameters?: Candidate | undefined;
  readonly snapshot: Snapshot;
  readonly summaries: Evaluation['summaries'];
  readonly usage: Evaluation['usage'];
  /** Rows in the order of storing; each reading starts anew. */
  rows(options?: RowOptions): AsyncIterable<ExperimentRow>;
  /** The stored row with what was asked and answered; undefined where it is not kept. */
  detail(id: string, trial?: number): Promise<RowDetail | undefined>;
}

export interface RowOptions {
  /** An input, expected or metadata field whose value becomes the row's `slice`. @default none */
  readonly by?: string | undefined;
  /** Whether `input` is worked out; else it is empty. @default true */
  readonly hashInputs?: boolean | undefined;
}

/** One answer to one row: what a comparison needs of it. */
export interface ExperimentRow {
  readonly id: string;
  readonly trial: number;
  /** Canonical hash of the inputs, sixteen hexadecimal digits; empty where it was not asked for. */
  readonly input: string;
  readonly group?: string | undefined;
  readonly slice?: string | undefined;
  /** By each scorer in the order of the snapshot. */
  readonly scores: readonly RowScore[];
  /** Whether the answer could not be used: it has the fail value. */
  readonly failed: boolean;
  /** Undefined when the price is unknown. */
  readonly costUsd?: number | undefined;
  readonly latencyMs: number;
}

/** A score from 0 to 1; or why there is none: lost to the infrastructure, or not applicable. */
export type RowScore = number | 'lost' | 'unscored';

/** A row as people read it. */
export interface RowDetail {
  readonly inputs?: JsonObject | undefined;
  readonly expected?: JsonObject | undefined;
  readonly outputs?: JsonObject | undefined;
  /** The scorer's words, or the fault. */
  readonly feedback?: string | undefined;
}

/** What became of a row: by the first scorer, trials averaged. */
export type RowChange = 'improved' | 'regressed' | 'unchanged' | 'error' | 'unscored';

/** One row that both experiments answered. */
export interface ComparedRow {
  /** Its id in the baseline. */
  readonly id: string;
  /** Its id in the challenger, where that is another one: the rows were paired by their inputs. */
  readonly otherId?: string | undefined;
  readonly change: RowChange;
  readonly slice?: string | undefined;
  readonly baseline: SideOfRow;
  readonly challenger: SideOfRow;
  /** Challenger − baseline; undefined where either has no score. */
  readonly delta?: number | undefined;
  /**
   * `broken`: right (1) in all trials and now wrong (the fail value) in all. `fixed`: the reverse. Undefined for
   * everything between.
   */
  readonly flip?: 'fixed' | 'broken' | undefined;
}

/** A row in one experiment, trials averaged. */
export interface SideOfRow {
  /** Undefined where no trial has a score. */
  readonly score?: number | undefined;
  readonly failed: boolean;
  /** Of one answer; undefined when unknown. */
  readonly costUsd?: number | undefined;
  readonly latencyMs: number;
}

/**
 * - `improved`, `regressed`: p ≤ 0.05 (of several challengers: after Holm) and the 95 % interval on one side of 0.
 * - `no-reliable-difference`: neither is shown, which is no proof of equality.
 * - `incomplete`: too many rows lost, or the difference hangs on rows that one side lacks.
 * - `not-comparable`: the scorer, or the model that judges, is another one: figures of two measures.
 */
export type ExperimentVerdict =
  | 'improved'
  | 'regressed'
  | 'no-reliable-difference'
  | 'incomplete'
  | 'not-comparable';

/** One scorer's figures of both. */
export interface ScoreComparison {
  readonly name: string;
  readonly verdict: ExperimentVerdict;
  /** Undefined where no row has a score on both sides. */
  readonly comparison?: Comparison | undefined;
  /** Two-sided p after Holm's correction over the challengers; equal to the plain one for a single challenger. */
  readonly adjustedP?: number | undefined;
}

/** A mean paired difference of a cost or a time. */
export interface Delta {
  readonly name: 'cost' | 'latency';
  readonly unit: 'usd' | 'ms';
  /** Rows that it is known of on both sides. */
  readonly rows: number;
  readonly baseline: number;
  readonly challenger: number;
  /** Challenger − baseline, of one answer. */
  readonly difference: number;
  /** 95 %, by t over rows and groups; undefined below two. */
  readonly interval?: Interval | undefined;
}

export interface SliceComparison {
  readonly slice: string;
  readonly rows: number;
  readonly baseline: number;
  readonly challenger: number;
  readonly difference: number;
  /** 95 %; of this slice alone: of many slices one is bound to look different. */
  readonly interval: Interval;
}

/** Two experiments side by side. */
export interface ExperimentComparison {
  readonly baseline: ExperimentHead;
  readonly challenger: ExperimentHead;
  /** One a scorer that both have; the first is the one that counts. */
  readonly scores: readonly ScoreComparison[];
  readonly deltas: readonly Delta[];
  /** In the order of the baseline. */
  readonly rows: readonly ComparedRow[];
  readonly counts: Readonly<Record<RowChange, number>>;
  readonly pairedBy: { readonly id: number; readonly input: number };
  /** Ids of rows that only one of them answered. */
  readonly unmatched: { readonly baseline: readonly string[]; readonly challenger: readonly string[] };
  /** Present when a field was named. */
  readonly slices?: readonly SliceComparison[] | undefined;
  /** What changed in the prompt; undefined where a candidate was not kept. */
  readonly prompt?: readonly ParameterDiff[] | undefined;
  /** What a reader must know beside the figures. */
  readonly notes: readonly string[];
}

/** What a comparison says of each side. */
export type ExperimentHead = Pick<Experiment, 'id' | 'name' | 'createdAt' | 'candidate' | 'snapshot'>;
