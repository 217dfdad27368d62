import type { JsonObject } from '../base/json.ts';

/** One row: what goes in, what a good answer is, and what else is known about it. */
export interface Example {
  /** Stable: from the row's own id column, else from its content (and its ordinal among equal rows). */
  readonly id: string;
  readonly inputs: JsonObject;
  /** The expected outputs by field name; absent for a row without a label. */
  readonly expected?: JsonObject | undefined;
  readonly metadata?: JsonObject | undefined;
  /**
   * What the row belongs to: a customer, a document, a template. Rows of one group share a side of every split and
   * count once in every interval and test. Absent: the row stands alone.
   */
  readonly group?: string | undefined;
}

/** Rows, read as often as they are iterated, never held in memory as a whole by the engine. */
export interface Dataset extends AsyncIterable<Example> {
  /** For people: the file's name, or what the caller said. */
  readonly name: string;
  /** Where it is read from, as a full path, where that is a file. */
  readonly file?: string | undefined;
  /** Names of the columns, where the source declares them; in the source's order. */
  readonly inputColumns: readonly string[];
  readonly expectedColumns: readonly string[];
  /** What a reader should know of how the source was read. @default nothing */
  readonly notices?: readonly string[] | undefined;
}

/** Rows whose roles the caller decides; nothing is split. */
export interface RowRoles {
  /** Rows that may be shown to models: proposals and demos. */
  readonly train: Dataset | Iterable<Example>;
  /** Rows that select. */
  readonly validation: Dataset | Iterable<Example>;
  /** Rows that prove; touched once, for the seed and the winner. */
  readonly test: Dataset | Iterable<Example>;
  /**
   * Whether the test may hold copies, near-duplicates or rows of the same group as train or validation. Then they are
   * named in a notice; else they are refused. @default false
   */
  readonly allowLeaks?: boolean | undefined;
}

/** The three roles of rows. Optimizers see `train` and `validation`; `test` stays sealed until the end. */
export interface DatasetSplit {
  /** Rows that may be shown to models: proposals and demos. */
  readonly train: readonly Example[];
  /** Rows that select. */
  readonly validation: readonly Example[];
  /** Rows that prove; touched once, for the seed and the winner. */
  readonly test: readonly Example[];
  /**
   * Id of a row → key of its cluster, for every row. Rows of one cluster (equal and nearly equal ones, rows of one
   * group) are on one side and count once; the key of a row that stands alone is its own id.
   */
  readonly clusters: ReadonlyMap<string, string>;
  /** What a reader should know: rows left out, duplicates kept together. */
  readonly notices: readonly string[];
}
