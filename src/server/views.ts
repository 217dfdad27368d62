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

/** One scorer's figures on both sides. */
export interface ComparedScore {
  readonly name: string;
  readonly baseline?: number | undefined;
  readonly challenger?: number | undefined;
  readonly evidence: Evidence;
  /** Rows that turned; undefined where scores are graded. */
  readonly fixed: number;
  readonly broken: number;
  readonly note?: string | undefined;
}

/** A cost or a time of one answer, relative to the baseline. */
export interface ComparedDelta {
  readonly name: 'cost' | 'latency';
  readonly unit: 'usd' | 'ms';
  readonly baseline: number;
  readonly challenger: number;
  readonly evidence: Evidence;
}

export interface ComparedSlice {
  readonly value: string;
  readonly rows: number;
  readonly evidence: Evidence;
}

export interface DiffView {
  readonly name: string;
  readonly lines: readonly { readonly kind: 'same' | 'removed' | 'added'; readonly text: string }[];
}

/** One challenger beside the baseline. */
export interface ComparedPair {
  readonly challenger: string;
  readonly sentence: string;
  readonly scores: readonly ComparedScore[];
  readonly deltas: readonly ComparedDelta[];
  readonly slices: readonly ComparedSlice[];
  /** What was asked differently; undefined where a prompt was not kept. */
  readonly prompt?: readonly DiffView[] | undefined;
  readonly counts: Readonly<Record<FlipKind, number>>;
  readonly paired: number;
  readonly pairedByInput: number;
  readonly unmatched: { readonly baseline: number; readonly challenger: number };
  readonly curve?:
    | { readonly at: readonly number[]; readonly heights: readonly number[]; readonly resamples: number }
    | undefined;
  readonly notes: readonly string[];
}

export interface CompareView {
  readonly runs: readonly RunLine[];
  readonly pairs: readonly ComparedPair[];
  /** Fields by which rows can be divided. */
  readonly fields: readonly string[];
  readonly by?: string | undefined;
}

export const flipKinds = ['fixed', 'broken', 'better', 'worse', 'same', 'error', 'unscored'] as const;
/** `better`, `worse`: the score moved, and not from all wrong to all right or back. */
export type FlipKind = (typeof flipKinds)[number];

export interface FlipLine {
  readonly id: string;
  readonly otherId?: string | undefined;
  readonly kind: FlipKind;
  readonly input: string;
  readonly expected: string;
  readonly baseline: { readonly output: string; readonly trials: readonly (number | null)[] };
  readonly challenger: { readonly output: string; readonly trials: readonly (number | null)[] };
  readonly delta?: number | undefined;
}

export interface FlipPage {
  readonly matched: number;
  readonly from: number;
  readonly rows: readonly FlipLine[];
}

/** One candidate of a search. */
export interface CandidateView {
  readonly hash: string;
  /** In the order of appearance; the seed is 0. */
  readonly number: number;
  readonly origin: string;
  /** Numbers of the candidates that it comes from. */
  readonly parents: readonly number[];
  /** What led to it, in words. */
  readonly because?: string | undefined;
  /** Rows that it answers to. */
  readonly becauseRows: readonly string[];
  /** On validation; the best of many looks too good. */
  readonly mean?: number | undefined;
  readonly interval?: Bounds | undefined;
  readonly rows: number;
  readonly status: 'seed' | 'best' | 'kept' | 'eliminated' | 'tried';
  /** Against the seed, on the rows that both answered. */
  readonly fixed: number;
  readonly broken: number;
  /** Of one answer, in dollars. */
  readonly costUsd?: number | undefined;
}

/** One point of the search's curve. */
export interface CurveView {
  /** Row evaluations of the search so far. */
  readonly at: number;
  readonly candidate: number;
  readonly mean: number;
  readonly isBest: boolean;
}

/** How much of a limit is used. */
export interface BudgetView {
  readonly name: 'calls' | 'spend' | 'time';
  readonly used: number;
  readonly limit?: number | undefined;
  /** Undefined where a price is unknown. */
  readonly isKnown: boolean;
}

export interface MatrixRow {
  readonly id: string;
  readonly input: string;
  /** One a candidate of the view: the score; null where it was not asked. */
  readonly values: readonly (number | null)[];
}

export interface OptimizationView {
  readonly run: RunLine;
  /** Where it stands, in words. */
  readonly phase: string;
  readonly sentence: string;
  /** What the verdict means; absent before the end. */
  readonly verdict?:
    | {
        readonly title: string;
        readonly meaning: string;
        readonly isShown: boolean;
        readonly stopped: string;
      }
    | undefined;
  readonly sealed: {
    readonly status: 'sealed' | 'opening' | 'opened' | 'none';
    readonly rows?: number | undefined;
    readonly evidence?: Evidence | undefined;
    readonly fixed: number;
    readonly broken: number;
    readonly smallestDifference?: number | undefined;
    readonly note?: string | undefined;
  };
  readonly rowsOf?:
    | { readonly train: number; readonly validation: number; readonly test: number }
    | undefined;
  readonly budget: readonly BudgetView[];
  readonly candidates: readonly CandidateView[];
  /** Proposals that were turned down before they were evaluated, with the reason. */
  readonly rejected: readonly { readonly origin: string; readonly reason: string }[];
  readonly curve: readonly CurveView[];
  readonly matrix: {
    /** Numbers of candidates, the seed first. */
    readonly candidates: readonly number[];
    readonly rows: readonly MatrixRow[];
    /** Rows on which candidates differ, shown or not. */
    readonly separating: number;
    readonly nobodyRight: number;
    readonly total: number;
  };
  readonly notices: readonly string[];
  /** Events stored so far. */
  readonly events: number;
}

export interface CandidateDetail {
  readonly number: number;
  /** Against its first parent, or the seed. */
  readonly from: number;
  readonly diff: readonly DiffView[];
  readonly parameters: readonly ParameterView[];
  readonly turned: readonly {
    readonly id: string;
    readonly kind: 'fixed' | 'broken';
    readonly input: string;
  }[];
}

export interface PromptLine {
  readonly name: string;
  readonly versions: number;
  /** Version number by channel. */
  readonly channels: Readonly<Record<string, number>>;
}

export interface VersionLine {
  readonly version: number;
  readonly hash: string;
  readonly message: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly parents: readonly number[];
  readonly channels: readonly string[];
  readonly model?: string | undefined;
  /** The score with which it was published. */
  readonly score?: number | undefined;
  readonly interval?: Bounds | undefined;
  readonly rows?: number | undefined;
  readonly dataset?: string | undefined;
  /** The run that speaks for it. */
  readonly experiment?: string | undefined;
  readonly characters: number;
}

export interface PromotionLine {
  readonly number: number;
  readonly at: number;
  readonly channel: string;
  readonly from?: number | undefined;
  readonly to: number;
  readonly actor: string;
  readonly reason: string;
  /** What spoke for it, in words. */
  readonly evidence: string;
}

export interface PromptView extends PromptLine {
  /** Newest first. */
  readonly list: readonly VersionLine[];
  /** Newest first. */
  readonly promotions: readonly PromotionLine[];
  /** Where its file lies. */
  readonly file: string;
}

export interface VersionView {
  readonly version: number;
  /** The version that it is compared with. */
  readonly against?: number | undefined;
  readonly diff: readonly DiffView[];
  readonly parameters: readonly ParameterView[];
  /** On the rows that both were evaluated on; absent where one of them has no evaluation here. */
  readonly evidence?: Evidence | undefined;
  readonly fixed: number;
  readonly broken: number;
  /** Why there is no evidence. */
  readonly missing?: string | undefined;
  readonly runs?: { readonly a: string; readonly b: string } | undefined;
}

/** A file with rows, or with a prompt, in the folder. */
export interface FileLine {
  /** From the folder. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface FileList {
  readonly datasets: readonly FileLine[];
  readonly prompts: readonly FileLine[];
  /** Whether there are more than are listed. */
  readonly isCut: boolean;
}

/** A table as it would be read, before anything is written. */
export interface TableView {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
  readonly from: number;
  /** What to know before it is used: copies, empty cells. */
  readonly problems: readonly string[];
}

export interface JobView {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: 'running' | 'stopping' | 'ended' | 'failed';
  readonly command: readonly string[];
  readonly runId?: string | undefined;
  readonly lines: readonly string[];
}
