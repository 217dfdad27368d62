import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { CallRecord, Model } from '../model/model.ts';
import type { Trace } from '../program/trace.ts';

/** What a scorer sees of one answered row. */
export interface Sample {
  readonly example: Example;
  readonly outputs: JsonObject;
  readonly trace: Trace;
  readonly signal?: AbortSignal | undefined;
  /** What answering took. Absent when a scorer is called outside an evaluation. */
  readonly usage?: SampleUsage | undefined;
  /** What a judge may ask with. Absent when a scorer is called outside an evaluation. */
  readonly runtime?: ScorerRuntime | undefined;
}

/** What the answer of one row took, judges excluded. Figures of an answer from the cache are the original ones. */
export interface SampleUsage {
  /** US dollars; undefined when the price of any call is unknown. */
  readonly costUsd?: number | undefined;
  /** Input and output; undefined when any call did not say. */
  readonly tokens?: number | undefined;
  /** Of all calls, one after another. */
  readonly latencyMs: number;
}

/** What a scorer that asks a model asks with: counted, stored, limited and replayed as the row itself. */
export interface ScorerRuntime {
  /** Models by role; judges ask `judge`. */
  readonly models: Readonly<Record<string, Model>>;
  /** Which independent answer to ask for: to be handed to each call. */
  readonly draw: string;
  readonly signal?: AbortSignal | undefined;
  /** Counts a call with the row that was not made through `models`, such as that of an embedding model. */
  count?(call: { readonly role: string; readonly modelId: string; readonly record: CallRecord }): void;
}

/** The judgement of one sample. */
export type Score =
  | {
      readonly status: 'scored';
      /** 0 (worst) to 1 (best). */
      readonly value: number;
      /** Why, in words: what a reflecting optimizer learns from. */
      readonly feedback?: string | undefined;
      /** The same for single steps, by their names, where the scorer can tell them apart. */
      readonly stepFeedback?: Readonly<Record<string, string>> | undefined;
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
  /** Whether every score below 1 says why: what optimizers that learn from feedback need. @default false */
  readonly givesFeedback?: boolean | undefined;
  /** The expected fields that it compares with, for the check that the dataset has them. */
  readonly expects?: readonly string[] | undefined;
  score(sample: Sample): Score | Promise<Score>;
}
