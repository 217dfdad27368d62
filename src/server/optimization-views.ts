import type { DiffView } from './compare-views.ts';
import type { Bounds, Evidence, ParameterView, RunLine } from './views.ts';

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
