import type { JsonObject } from '../base/json.ts';
import type { Usage } from '../model/model.ts';
import type { AnswerFault } from '../program/read-response.ts';
import type { Trace } from '../program/trace.ts';
import type { CandidateHash } from '../prompt/candidate.ts';
import type { Aggregates } from './aggregates.ts';

/**
 * What came of one row, whatever happened: scored; failed by the candidate's own fault (scores the fail
 * value, feedback kept); not applicable; or lost to the infrastructure, after retries (left out of every
 * figure, never a 0).
 */
export type Outcome =
  | {
      readonly status: 'scored';
      readonly value: number;
      readonly feedback?: string | undefined;
      readonly stepFeedback?: Readonly<Record<string, string>> | undefined;
      readonly objectives?: Readonly<Record<string, number>> | undefined;
    }
  | {
      readonly status: 'failed';
      readonly value: number;
      readonly feedback: string;
      /** What is wrong with the answer; absent where the program's own code failed. */
      readonly fault?: AnswerFault | undefined;
      /** The raw answer that could not be used; empty where the program's own code failed. */
      readonly text: string;
      /** The step that failed; absent where it was the program's own code. */
      readonly step?: string | undefined;
    }
  | { readonly status: 'unscored'; readonly reason: string }
  | {
      readonly status: 'infrastructure-error';
      readonly code: string;
      readonly reason: string;
      /** What to do about it. */
      readonly hint?: string | undefined;
    };

/** One answered row with its outcome, as stored. */
export interface RowResult {
  readonly candidate: CandidateHash;
  readonly exampleId: string;
  /** The group of the row: rows of one group count once in every interval. */
  readonly group?: string | undefined;
  readonly trial: number;
  /** By the first scorer: the one that optimizers follow. */
  readonly outcome: Outcome;
  /** By the name of every further scorer. */
  readonly others?: Readonly<Record<string, Outcome>> | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly outputs?: JsonObject | undefined;
  readonly expected?: JsonObject | undefined;
  /** Probability of the answer that was given, where the last step scored choices. */
  readonly confidence?: number | undefined;
  /** Kept when asked for; the choice scores and usage of the calls are always in `calls`. */
  readonly trace?: Trace | undefined;
  readonly usage: RowUsage;
}

/**
 * What one row took: everything that was asked through its models, by steps, user code and judges alike,
 * whatever became of the row. Original figures for answers from the cache.
 */
export interface RowUsage extends Usage {
  /** Calls that were answered. */
  readonly calls: number;
  /** Calls that failed after their retries; they have no cost and no tokens here. */
  readonly failedCalls: number;
  readonly cachedCalls: number;
  /** Undefined when the price of any call is unknown. */
  readonly costUsd?: number | undefined;
  /** The part of the cost that was paid now: that of the calls that were not cached. */
  readonly spentUsd?: number | undefined;
  /** Of all calls, one after another. */
  readonly latencyMs: number;
  readonly retries: number;
  /** The calls that were answered, in the order of asking. */
  readonly requests: readonly RowRequest[];
}

/** One answered call of a row, so that a request that several rows share can be counted once. */
export interface RowRequest {
  /** The beginning of the key of the stored answer; absent where no answers are kept. */
  readonly key?: string | undefined;
  /** What the model was asked as: `task`, `judge` and so on. */
  readonly role: string;
  /** Undefined when the price is unknown. */
  readonly costUsd?: number | undefined;
  readonly latencyMs: number;
  /** Input and output; undefined when either is unknown. */
  readonly tokens?: number | undefined;
}

/**
 * A mean over rows with its 95 % interval: Wilson for pass/fail, BCa bootstrap below 30 rows and t from 30 on.
 * Several trials of a row are averaged first: they are no further rows.
 */
export interface ScoreSummary {
  readonly name: string;
  /** Rows that have a value. */
  readonly rows: number;
  /** What counts once in the interval: groups, and rows that stand alone; absent where no row has a group. */
  readonly clusters?: number | undefined;
  /** Answers that have a value, failed ones among them: as many as rows, unless there were several trials. */
  readonly scored: number;
  /** Undefined when no row has a value: faults have no mean. */
  readonly mean?: number | undefined;
  /** Of the rows; 0 below two. */
  readonly standardDeviation: number;
  /** Of the rows; undefined when no row has a value. */
  readonly minimum?: number | undefined;
  /** A tenth of the rows score no higher; undefined when no row has a value. */
  readonly lowestTenth?: number | undefined;
  /** [0, 1] when no row has a value. */
  readonly interval: readonly [number, number];
  /** What a reader must know beside the interval. */
  readonly note?: string | undefined;
  /** Answers that could not be used; they count with the fail value. */
  readonly failed: number;
  /** How many of the failed ones by what is wrong with them, `code` for the program's own; absent where none failed. */
  readonly failures?: Readonly<Record<string, number>> | undefined;
  readonly unscored: number;
  readonly infrastructureErrors: number;
}

/** Totals of an evaluation. */
export interface UsageSummary {
  readonly calls: number;
  readonly cachedCalls: number;
  /** Calls that failed after their retries. */
  readonly failedCalls: number;
  /** Undefined when any answer did not say. */
  readonly inputTokens?: number | undefined;
  /** Undefined when any answer did not say. */
  readonly outputTokens?: number | undefined;
  /** Dollars of the answers, cached ones at their original cost; undefined when a price is unknown. */
  readonly costUsd?: number | undefined;
  /** Dollars paid by this evaluation: what was not cached. */
  readonly spentUsd?: number | undefined;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly retries: number;
  readonly wallMs: number;
}

/** One measure beside the score, as a mean over rows. */
export interface ObjectiveSummary {
  /** `cost`, `latency`, `tokens`, or the name that the first scorer gives it. */
  readonly name: string;
  readonly unit?: 'usd' | 'ms' | 'tokens' | undefined;
  readonly better: 'higher' | 'lower';
  /** Rows that it is known of. */
  readonly rows: number;
  /** Of one answer; undefined when it is unknown of any row that was answered, or when there is none. */
  readonly mean?: number | undefined;
}

/** Many samples → one report. The rows are in the store; in memory there is one number a scorer and row. */
export interface Evaluation {
  readonly runId: string;
  readonly candidate: CandidateHash;
  /** Independent answers for each row. */
  readonly trials: number;
  /** One a scorer, the first is the one that counts. */
  readonly summaries: readonly ScoreSummary[];
  /** What answers cost, take and are worth beside their score, judges excluded. */
  readonly objectives: readonly ObjectiveSummary[];
  /** What the rows say beyond the score of each; absent where nothing applies. */
  readonly aggregates?: Aggregates | undefined;
  readonly usage: UsageSummary;
  /** What a reader should know of the rows: ids that were renamed. */
  readonly notices: readonly string[];
  /** The rows from the store, in the order of the dataset. */
  results(): AsyncIterable<RowResult>;
}
