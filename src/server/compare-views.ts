import type { Evidence, RunLine } from './views.ts';

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
