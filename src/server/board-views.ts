import type { Bounds, Evidence, FieldView, ReasonView, RowStatus, SpanView } from './views.ts';

/** A row of the train split, as a person reads it. */
export interface BoardRow {
  readonly id: string;
  /** Rows with one key are nearly the same and count once. */
  readonly cluster: string;
  readonly inputs: readonly { readonly name: string; readonly value: string }[];
  readonly expected: readonly { readonly name: string; readonly value: string }[];
}

/** The rows of a board, drawn from what an optimization would train on. */
export interface BoardSample {
  readonly rows: readonly BoardRow[];
  /** Of all rows of the table: how many each side has. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Whether an optimization keeps rows for a sealed test. */
  readonly isTestKept: boolean;
  readonly notices: readonly string[];
}

export interface FaultText {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What running a variant on rows would take. Nothing is called for it. */
export interface VariantPlan {
  readonly model?: string | undefined;
  /** By name; the first counts. */
  readonly scorers: readonly { readonly name: string; readonly passFail: boolean }[];
  /** What is wrong with the text or the model, before anything is asked. */
  readonly fault?: FaultText | undefined;
  /** Of one row, when every answer can be read. */
  readonly calls: number;
  /** Of one call, counted without asking the model. */
  readonly inputTokens: number;
  /** US dollars of one row; undefined when the price is unknown. */
  readonly costUsd?: number | undefined;
  readonly isLocal: boolean;
}

/** What came of one row under one variant. */
export interface CellView {
  readonly status: RowStatus;
  /** By the first scorer; null where there is none. */
  readonly value: number | null;
  readonly fields: readonly FieldView[];
  readonly reasons: readonly ReasonView[];
  /** The raw answer, where nothing could be read from it. */
  readonly raw?: string | undefined;
  /** Why it was lost. */
  readonly fault?: FaultText | undefined;
  readonly calls: number;
  readonly cachedCalls: number;
  readonly retries: number;
  readonly latencyMs: number;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** US dollars, of stored answers at their original price; undefined when the price is unknown. */
  readonly costUsd?: number | undefined;
  /** What was paid now. */
  readonly spentUsd?: number | undefined;
  readonly spans: readonly SpanView[];
}

/** One line of a run's answer. */
export type BoardEvent =
  | { readonly type: 'begun'; readonly variant: string; readonly row: string }
  | { readonly type: 'done'; readonly variant: string; readonly row: string; readonly cell: CellView }
  /** Not asked, because a limit was reached. */
  | { readonly type: 'held'; readonly variant: string; readonly row: string; readonly reason: string }
  /** The run as a whole came to an end that it should not have. */
  | { readonly type: 'fault'; readonly fault: FaultText }
  | { readonly type: 'end'; readonly calls: number; readonly spentUsd?: number | undefined };

/** A column as a whole. */
export interface BoardColumn {
  readonly variant: string;
  readonly mean?: number | undefined;
  readonly interval: Bounds;
  /** Rows with a score. */
  readonly rows: number;
  readonly failed: number;
  readonly lost: number;
  readonly unscored: number;
  /** To the first column, on the rows that both answered. Never decided: see `sentence`. */
  readonly evidence?: Evidence | undefined;
  readonly fixed: readonly string[];
  readonly broken: readonly string[];
  /** What the rows can and cannot show of the two. */
  readonly sentence?: { readonly head: string; readonly rest: string } | undefined;
}
