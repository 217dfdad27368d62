import type { JsonObject } from '../base/json.ts';

/** One row: what goes in, what a good answer is, and what else is known about it. */
export interface Example {
  /** Stable: from the row's own id column, else from its content (and its ordinal among equal rows). */
  readonly id: string;
  readonly inputs: JsonObject;
  /** The expected outputs by field name; absent for a row without a label. */
  readonly expected?: JsonObject | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** Rows, read as often as they are iterated, never held in memory as a whole by the engine. */
export interface Dataset extends AsyncIterable<Example> {
  /** For people: the file's name, or what the caller said. */
  readonly name: string;
  /** Names of the columns, where the source declares them; in the source's order. */
  readonly inputColumns: readonly string[];
  readonly expectedColumns: readonly string[];
}

/** The three roles of rows. Optimizers see `train` and `validation`; `test` stays sealed until the end. */
export interface DatasetSplit {
  /** Rows that may be shown to models: proposals and demos. */
  readonly train: readonly Example[];
  /** Rows that select. */
  readonly validation: readonly Example[];
  /** Rows that prove; touched once, for the seed and the winner. */
  readonly test: readonly Example[];
  /** What a reader should know: rows left out, duplicates kept together. */
  readonly notices: readonly string[];
}
