import { type Selectable, sql } from 'kysely';
import type { Json, JsonObject } from '../base/json.ts';
import type { RunTable } from './schema.ts';
import type { RunChange, RunKind, RunRecord, RunStatus } from './store.ts';

/** A run as it is stored → as the contract shows it. */
export function toRunRecord(row: Selectable<RunTable>): RunRecord {
  return {
    id: row.id,
    kind: row.kind as RunKind,
    name: row.name,
    identity: row.identity,
    status: row.status as RunStatus,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    elapsedMs: Number(row.elapsed_ms),
    plan: JSON.parse(row.plan) as JsonObject,
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as Json }),
    ...(row.snapshot === null ? {} : { snapshot: JSON.parse(row.snapshot) as JsonObject }),
    ...(row.stop_limit === null ? {} : { limit: JSON.parse(row.stop_limit) as Json }),
  };
}

/** The columns that a change sets; what it leaves out stays. */
export function toRunColumns(change: RunChange, now: number) {
  const text = (value: Json) => JSON.stringify(value);
  return {
    updated_at: now,
    ...(change.status === undefined ? {} : { status: change.status }),
    ...(change.elapsedMs === undefined ? {} : { elapsed_ms: Math.round(change.elapsedMs) }),
    ...(change.plan === undefined ? {} : { plan: text(change.plan as Json) }),
    ...(change.result === undefined ? {} : { result: text(change.result) }),
    // Written once: a second one would make an experiment into another one.
    ...(change.snapshot === undefined
      ? {}
      : { snapshot: sql<string>`coalesce(snapshot, ${text(change.snapshot as Json)})` }),
    ...(change.limit === undefined ? {} : { stop_limit: text(change.limit) }),
  };
}
