import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { Trace } from '../program/program.ts';

/** What a scorer sees of one answered row. */
export interface Sample {
  readonly example: Example;
  readonly outputs: JsonObject;
  readonly trace: Trace;
  readonly signal?: AbortSignal | undefined;
}

/** The judgement of one sample. */
export type Score =
  | {
      readonly status: 'scored';
      /** 0 (worst) to 1 (best). */
      readonly value: number;
      /** Why, in words: what a reflecting optimizer learns from. */
      readonly feedback?: string | undefined;
      /** Further measures by name, higher is better, each 0 to 1. */
      readonly objectives?: Readonly<Record<string, number>> | undefined;
    }
  /** Not applicable: kept in the report, out of the mean. */
  | { readonly status: 'unscored'; readonly reason: string };

/** One sample → one score. Deterministic scorers are pure; judges throw `HONE_MODEL_…` when they cannot ask. */
export interface Scorer {
  readonly name: string;
  /** Name, options and version as one text: a change makes earlier outcomes another scorer's. */
  readonly version: string;
  /** Whether every score is 0 or 1: which paired test applies. */
  readonly passFail: boolean;
  /** The value of a row whose answer could not be used. @default 0 */
  readonly failValue?: number | undefined;
  /** The expected fields that it compares with, for the check that the dataset has them. */
  readonly expects?: readonly string[] | undefined;
  score(sample: Sample): Score | Promise<Score>;
}
