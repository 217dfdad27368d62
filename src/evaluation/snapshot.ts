import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { Model } from '../model/model.ts';
import type { Scorer } from '../scorer/scorer.ts';

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

/** Of an optimization: what its sealed test measured. Each side is an experiment of its own. */
export interface ProofSnapshot extends Snapshot {
  /** Content hashes of the two that were tested. */
  readonly sides: { readonly seed: string; readonly winner: string };
  /** Ids of the rows that both were asked. */
  readonly tested: readonly string[];
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

/** What is measured, put together. */
export function snapshotOf({
  dataset,
  split = 'all',
  scorers,
  model,
  models = {},
  trials = 1,
  origin,
}: {
  readonly dataset: DatasetVersion;
  readonly split?: string | undefined;
  readonly scorers: readonly Scorer[];
  readonly model: Pick<Model, 'id'>;
  readonly models?: Readonly<Record<string, Pick<Model, 'id'>>> | undefined;
  readonly trials?: number | undefined;
  readonly origin?: Origin | undefined;
}): Snapshot {
  return {
    schemaVersion: 1,
    dataset,
    split,
    scorers: scorers.map(({ name, version, passFail, failValue = 0 }) => ({
      name,
      version,
      passFail,
      failValue,
    })),
    scorer: scorersHash(scorers),
    models: {
      ...Object.fromEntries(Object.entries(models).map(([role, { id }]) => [role, id])),
      task: model.id,
    },
    trials,
    ...(origin !== undefined && { origin }),
  };
}

/** Names, options and versions of all scorers as one hash. */
export function scorersHash(scorers: readonly Scorer[]): string {
  return hashJson(scorers.map(({ version }) => version)).slice(0, 16);
}

/** What an optimization keeps of its sealed test; undefined where it had none. */
export function readProofSnapshot(stored: JsonObject | undefined): ProofSnapshot | undefined {
  const snapshot = readSnapshot(stored) as ProofSnapshot | undefined;
  return snapshot?.sides === undefined ? undefined : snapshot;
}

/** What the store keeps of a run as its snapshot; undefined where it is none of an evaluation. */
export function readSnapshot(stored: JsonObject | undefined): Snapshot | undefined {
  // The store holds what this program wrote into it.
  return stored?.schemaVersion === 1 && Array.isArray(stored.scorers)
    ? (stored as unknown as Snapshot)
    : undefined;
}
