import type { CompiledQuery, Kysely } from 'kysely';
import { chunkSizes } from './batches.ts';
import type { StoreTables } from './schema.ts';

/** The tables whose rows are written once and never changed. */
export type AppendTable = 'answers' | 'outcomes' | 'events' | 'candidates';

/** The columns of such rows, in the order of the parameters. */
const columns = {
  answers: ['key', 'model_id', 'answer'],
  outcomes: ['run_id', 'candidate', 'example', 'trial', 'scorer', 'outcome'],
  events: ['run_id', 'number', 'event'],
  candidates: ['hash', 'parameters'],
} as const satisfies Record<AppendTable, readonly string[]>;

/** The order in which one transaction writes: an answer comes before what rests on it. */
const tables: readonly AppendTable[] = ['answers', 'candidates', 'outcomes', 'events'];

/** A row to append: its table, and its values in the order of the columns. */
export interface AppendedRow {
  readonly table: AppendTable;
  readonly values: readonly (string | number)[];
}

/** Runs the frequent statements, each compiled once for each size. */
export interface Statements {
  /** The statements that insert rows; a row that exists already is left as it is. */
  insert(rows: readonly AppendedRow[]): CompiledQuery[];
  /** The stored answers of at most 64 keys. */
  readAnswers(keys: readonly string[]): Promise<Map<string, string>>;
}

export function createStatements(db: Kysely<StoreTables>): Statements {
  const compiled = new Map<string, CompiledQuery>();
  const prepare = (name: string, compile: () => CompiledQuery): CompiledQuery => {
    const known = compiled.get(name) ?? compile();
    compiled.set(name, known);
    return known;
  };

  return {
    insert(rows) {
      const queries: CompiledQuery[] = [];
      for (const table of tables) {
        const ofTable = rows.filter((row) => row.table === table);
        let start = 0;
        for (const size of chunkSizes(ofTable.length)) {
          const parameters: (string | number)[] = [];
          for (const row of ofTable.slice(start, start + size)) parameters.push(...row.values);
          const query = prepare(`insert ${table} ${size}`, () => compileInsert(db, table, size));
          queries.push({ ...query, parameters });
          start += size;
        }
      }
      return queries;
    },
    async readAnswers(keys) {
      // Padded with keys that are asked for anyway, so that three sizes serve every number of keys.
      const size = keys.length === 1 ? 1 : keys.length <= 8 ? 8 : 64;
      const parameters = Array.from({ length: size }, (_, index) => keys[Math.min(index, keys.length - 1)]);
      const query = prepare(`answers ${size}`, () =>
        db.selectFrom('answers').select(['key', 'answer']).where('key', 'in', Array(size).fill('')).compile(),
      );
      const { rows } = await db.executeQuery({ ...query, parameters });
      return new Map((rows as { key: string; answer: string }[]).map(({ key, answer }) => [key, answer]));
    },
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
