import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';

/** What was measured, how and where: what two experiments must share to be of one measure. Written once. JSON. */
export interface Snapshot {
  readonly schemaVersion: 1;
  readonly dataset: DatasetVersion;
  /** Which part of the data it is, for people. */
  readonly split: string;
  /** In their order: the first is the one that counts. */
  readonly scorers: readonly ScorerSnapshot[];
  /** Hash of all scorers' versions: part of the key of every row. */
  readonly scorer: string;
  /** The model of each role by its id, `task` among them; one that judges is part of the measure. */
  readonly models: Readonly<Record<string, string>>;
  readonly trials: number;
  /** Undefined where nobody said where it ran. */
  readonly origin?: Origin | undefined;
}

export interface DatasetVersion {
  readonly name: string;
  /** Hash of the rows that were answered, in their order: ids, inputs, expected answers and groups. */
  readonly version: string;
  readonly rows: number;
}

export interface ScorerSnapshot {
  readonly name: string;
  /** Name, options and version as one text. */
  readonly version: string;
  readonly passFail: boolean;
  readonly failValue: number;
}

/** Where an experiment ran. */
export interface Origin {
  /** Versions of Hone and Node, and the platform. */
  readonly hone: string;
  readonly node: string;
  readonly platform: string;
  /** The working folder's commit; undefined outside a repository. */
  readonly git?: GitState | undefined;
}

export interface GitState {
  readonly commit: string;
  /** Undefined where no branch is checked out. */
  readonly branch?: string | undefined;
  /** Whether a tracked file differed from the commit. */
  readonly isDirty: boolean;
}

/** Hashes rows as they come, in flat memory. */
export interface DatasetHasher {
  add(example: Example): void;
  finish(name: string): DatasetVersion;
}

export function createDatasetHasher(): DatasetHasher {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    add({ id, inputs, expected, group }) {
      rows += 1;
      hash.update(`${canonicalJson({ id, inputs, expected, group })}\n`);
    },
    finish: (name) => ({ name, version: hash.digest('hex').slice(0, 16), rows }),
  };
}

/** What the store keeps of a run as its snapshot; undefined where it is none of an evaluation. */
export function readSnapshot(stored: JsonObject | undefined): Snapshot | undefined {
  // The store holds what this program wrote into it.
  return stored?.schemaVersion === 1 && Array.isArray(stored.scorers)
    ? (stored as unknown as Snapshot)
    : undefined;
}
