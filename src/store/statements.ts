import type { CompiledQuery, Kysely } from 'kysely';
import { chunkSizes } from './batches.ts';
import type { StoreTables } from './schema.ts';
import type { RunOwner } from './store.ts';
import type { Steps } from './transaction.ts';

/** The columns of rows that are written once and never changed, in the order of the parameters. */
const columns = {
  answers: ['key', 'model_id', 'answer'],
  candidates: ['hash', 'parameters'],
  outcomes: ['run_id', 'effect', 'candidate', 'example', 'trial', 'scorer', 'outcome'],
  events: ['run_id', 'number', 'event', 'stored_at'],
} as const satisfies Partial<Record<keyof StoreTables, readonly string[]>>;

type AppendTable = keyof typeof columns;

/** The order in which one transaction writes: an answer comes before what rests on it. */
const tables: readonly AppendTable[] = ['answers', 'candidates', 'outcomes', 'events'];

/** A row to append: its table, and its values in the order of the columns. */
export interface AppendedRow {
  readonly table: AppendTable;
  readonly values: readonly (string | number)[];
  /** The claim it is written with, where it belongs to a run. */
  readonly owner?: RunOwner | undefined;
}

/**
 * Makes what inserts any number of rows with few statements, each compiled once for each size. A row that exists
 * already is left as it is.
 */
export function compileStatements(db: Kysely<StoreTables>): (rows: readonly AppendedRow[]) => Steps<void> {
  const compiled = new Map<string, CompiledQuery>();
  const insertOf = (table: AppendTable, size: number): CompiledQuery => {
    const name = `${table} ${size}`;
    const known = compiled.get(name) ?? compileInsert(db, table, size);
    compiled.set(name, known);
    return known;
  };

  return function* insert(rows) {
    for (const table of tables) {
      const ofTable = rows.filter((row) => row.table === table);
      let start = 0;
      for (const size of chunkSizes(ofTable.length)) {
        const parameters: (string | number)[] = [];
        for (const row of ofTable.slice(start, start + size)) parameters.push(...row.values);
        yield { ...insertOf(table, size), parameters };
        start += size;
      }
    }
  };
}

function compileInsert(db: Kysely<StoreTables>, table: AppendTable, size: number): CompiledQuery {
  const row = Object.fromEntries(columns[table].map((column) => [column, '']));
  return db
    .insertInto(table)
    .values(Array.from({ length: size }, () => row) as never)
    .onConflict((conflict) => conflict.doNothing())
    .compile();
}

/** The sizes in which lookups are asked: three prepared statements serve every number of keys up to 64. */
export function paddedKeys<Key>(keys: readonly Key[]): Key[] {
  const size = keys.length === 1 ? 1 : keys.length <= 8 ? 8 : 64;
  // Padded with a key that is asked for anyway.
  return Array.from({ length: size }, (_, index) => keys[Math.min(index, keys.length - 1)] as Key);
}
