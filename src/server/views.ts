import type { JsonObject } from '../base/json.ts';
import type { RunKind, RunStatus } from '../store/store.ts';

/**
 * What the studio gets: plain JSON. All evidence is computed on this side; the page only draws it.
 */

/** A 95 % interval. */
export type Bounds = readonly [low: number, high: number];

/**
 * - `improved`, `regressed`: shown by test and interval.
 * - `same`: the whole interval lies within one point of 0.
 * - `inconclusive`: anything else that can be compared.
 * - `not-comparable`: other rows or another measure; no difference is given.
 */
export type EvidenceState = 'improved' | 'regressed' | 'same' | 'inconclusive' | 'not-comparable';

/** A paired difference with all that may be said of it. */
export interface Evidence {
  readonly state: EvidenceState;
  /** Challenger − baseline, from −1 to 1. */
  readonly difference?: number | undefined;
  readonly interval?: Bounds | undefined;
  /** Such as `exact McNemar`. */
  readonly test?: string | undefined;
  /** After Holm where several were compared. */
  readonly pValue?: number | undefined;
  /** Paired rows. */
  readonly rows: number;
  /** Why nothing can be said. */
  readonly reason?: string | undefined;
  /** The state in words, for those who do not see the mark. */
  readonly spoken: string;
}

/** A run in a list. */
export interface RunLine {
  readonly id: string;
  readonly kind: RunKind;
  /** The task: runs of one name stand together. */
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly elapsedMs: number;
  /** Answers stored so far. */
  readonly answers?: number | undefined;
  readonly scorer?: string | undefined;
  readonly score?: number | undefined;
  readonly interval?: Bounds | undefined;
  readonly rows?: number | undefined;
  readonly trials?: number | undefined;
  /** Rows lost to the infrastructure. */
  readonly errors: number;
  readonly model?: string | undefined;
  readonly dataset?: string | undefined;
  readonly datasetVersion?: string | undefined;
  readonly commit?: string | undefined;
  readonly branch?: string | undefined;
  readonly isDirty?: boolean | undefined;
  readonly latencyP50Ms?: number | undefined;
  readonly latencyP95Ms?: number | undefined;
  readonly costUsd?: number | undefined;
  /** Of the cost, what was not paid because answers were stored. */
  readonly savedUsd?: number | undefined;
  /** Of an evaluation: the start of its candidate's hash. */
  readonly candidate?: string | undefined;
  /** Of an optimization. */
  readonly optimizer?: string | undefined;
  readonly verdict?: string | undefined;
  /** Seed and winner on the sealed test. */
  readonly evidence?: Evidence | undefined;
  /** Channels of prompts that point to this candidate. */
  readonly channels: readonly string[];
  /** Whether this process runs it, and can stop it. */
  readonly isOwn: boolean;
}

export interface RunList {
  readonly runs: readonly RunLine[];
  /** Runs beyond those that are listed. */
  readonly isCut: boolean;
}

export interface WorkspaceView {
  readonly name: string;
  readonly folder: string;
  readonly store: string;
  readonly storeBytes: number;
  readonly answers: number;
  readonly answersByModel: readonly { readonly modelId: string; readonly answers: number }[];
  readonly version: string;
  /** Providers whose key is there. Never the key. */
  readonly keys: readonly { readonly variable: string; readonly isPresent: boolean }[];
  readonly model: string;
  readonly prompts: number;
  readonly datasets: number;
  readonly node: string;
}

/** One scorer's figures. */
export interface ScoreView {
  readonly name: string;
  readonly passFail: boolean;
  readonly mean?: number | undefined;
  readonly interval: Bounds;
  readonly rows: number;
  readonly failed: number;
  readonly unscored: number;
  readonly lost: number;
  readonly note?: string | undefined;
}

/** Rows of one value of a field. */
export interface SliceView {
  readonly value: string;
  readonly rows: number;
  readonly mean?: number | undefined;
  readonly interval?: Bounds | undefined;
}

export interface SlicedField {
  readonly field: string;
  readonly slices: readonly SliceView[];
}

export const rowStatuses = ['wrong', 'partial', 'right', 'failed', 'lost', 'unscored'] as const;
/** `wrong`: 0. `partial`: between 0 and 1. `right`: 1. `failed`: the answer could not be used. */
export type RowStatus = (typeof rowStatuses)[number];

export interface ExperimentView {
  readonly run: RunLine;
  /** In plain words, to be pasted. */
  readonly sentence: string;
  readonly scores: readonly ScoreView[];
  readonly fields: readonly SlicedField[];
  readonly counts: Readonly<Record<RowStatus, number>>;
  readonly total: number;
  readonly usage?: JsonObject | undefined;
  readonly parameters?: readonly ParameterView[] | undefined;
  readonly models: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** A parameter as people read it. */
export interface ParameterView {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

/** A row in a table. */
export interface RowLine {
  readonly id: string;
  readonly status: RowStatus;
  /** By the first scorer, one a trial; null where there is none. */
  readonly trials: readonly (number | null)[];
  /** By each scorer, trials averaged; null where there is none. */
  readonly scores: readonly (number | null)[];
  readonly input: string;
  readonly output: string;
  readonly expected: string;
  readonly latencyMs: number;
  readonly costUsd?: number | undefined;
  readonly isCached: boolean;
}

export interface RowPage {
  readonly total: number;
  /** Rows that pass the filters. */
  readonly matched: number;
  readonly from: number;
  readonly rows: readonly RowLine[];
}

export interface MessageView {
  readonly role: string;
  readonly text: string;
}

/** One thing that happened while a row was answered. */
export interface SpanView {
  readonly id: string;
  readonly kind: 'predict' | 'tool' | 'retrieve';
  readonly name: string;
  readonly messages: readonly MessageView[];
  readonly reply?: string | undefined;
  readonly choices?: readonly (readonly number[])[] | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly outputs?: JsonObject | undefined;
  readonly error?: string | undefined;
  readonly latencyMs: number;
  readonly costUsd?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly isCached: boolean;
  readonly retries: number;
}

export interface ReasonView {
  readonly scorer: string;
  readonly status: string;
  readonly value?: number | undefined;
  readonly feedback?: string | undefined;
}

/** A field that was asked for, with what came and what was expected. */
export interface FieldView {
  readonly name: string;
  readonly output?: string | undefined;
  readonly expected?: string | undefined;
  readonly isRight?: boolean | undefined;
}

export interface RowView {
  readonly id: string;
  readonly trial: number;
  readonly trials: number;
  readonly status: RowStatus;
  readonly inputs: readonly { readonly name: string; readonly value: string }[];
  readonly fields: readonly FieldView[];
  /** The raw answer, where nothing could be read from it. */
  readonly raw?: string | undefined;
  readonly reasons: readonly ReasonView[];
  /** Empty where traces were not kept; `traceNote` says so. */
  readonly spans: readonly SpanView[];
  readonly traceNote?: string | undefined;
  readonly latencyMs: number;
  readonly costUsd?: number | undefined;
  readonly calls: number;
  readonly cachedCalls: number;
  readonly retries: number;
  readonly keys: readonly string[];
}

/** What went wrong, and what to do about it. */
export interface FaultView {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
}
