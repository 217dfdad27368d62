import { Kysely, PostgresDialect } from 'kysely';
import { HoneError } from '../base/errors.ts';
import { createPatience, type Patience } from './patience.ts';
import type { StoreTables } from './schema.ts';
import type { StoreDatabase, Transact } from './transaction.ts';

/** Connections of one process. */
const mostConnections = 8;
/** Longest wait for a connection, in milliseconds. */
const connectTimeoutMs = 10_000;
/** How often a transaction that met another one is tried before it fails. */
const mostAttempts = 40;
/** Longest pause before it is tried again, in milliseconds. */
const longestPauseMs = 50;
/** What Postgres says when two transactions met: serialization failure, deadlock. */
const conflicts = new Set(['40001', '40P01']);
/** Object id of `int8`, which would arrive as text: times in milliseconds are exact as numbers. */
const int8 = 20;

/** The part of `pg` that is used. */
interface PostgresLibrary {
  readonly Pool: new (
    options: object,
  ) => ConstructorParameters<typeof PostgresDialect>[0]['pool'] & {
    on(event: 'error', listener: () => void): void;
    on(
      event: 'connect',
      listener: (client: { on(event: 'error', listener: () => void): void }) => void,
    ): void;
  };
  readonly types: { getTypeParser(type: number, format?: string): (text: string) => unknown };
}

/**
 * Opens a Postgres database for a team. Transactions are serializable, so what holds of the one writer of SQLite holds
 * here too; one that met another is run again.
 *
 * @param address `postgres://user:password@host:port/database`; TLS as `sslmode` in it says.
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` without the package `pg`.
 */
export async function openPostgres(address: string): Promise<StoreDatabase> {
  const { Pool, types } = await importPostgres();
  const pool = new Pool({
    connectionString: address,
    max: mostConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    types: {
      getTypeParser: (type: number, format?: string) =>
        type === int8 ? Number : types.getTypeParser(type, format),
    },
  });
  // A connection that breaks while nobody uses it is replaced by the pool; unheard, the event would end the process.
  pool.on('error', () => undefined);
  // So would that of one which breaks between two queries of a transaction: the next query is told of it.
  let wasReached = false;
  pool.on('connect', (client) => {
    wasReached = true;
    client.on('error', () => undefined);
  });
  const patience = createPatience(() => wasReached);
  const db = new Kysely<StoreTables>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    transact: serializable(db, patience),
    patience,
    async size() {
      const sized = db.selectNoFrom((select) =>
        select.fn<number>('pg_database_size', [select.fn('current_database')]).as('bytes'),
      );
      return Number((await sized.executeTakeFirstOrThrow()).bytes);
    },
    close: () => db.destroy(),
  };
}

function serializable(db: Kysely<StoreTables>, patience: Patience): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      let isCommitting = false;
      try {
        return await db
          .transaction()
          .setIsolationLevel('serializable')
          .execute(async (transaction) => {
            const steps = work();
            let step = steps.next([]);
            while (!step.done) step = steps.next((await transaction.executeQuery(step.value)).rows);
            isCommitting = true;
            return step.value;
          });
      } catch (thrown) {
        if (isCommitting) patience.mayHaveEnded(thrown);
        const { code } = Object(thrown) as { readonly code?: unknown };
        if (typeof code !== 'string' || !conflicts.has(code) || attempt === mostAttempts) throw thrown;
        await pause(Math.random() * Math.min(longestPauseMs, 2 ** attempt));
      }
    }
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function importPostgres(): Promise<PostgresLibrary> {
  try {
    const { default: library } = await import('pg');
    return library as unknown as PostgresLibrary;
  } catch (cause) {
    throw new HoneError('A store on Postgres needs the package "pg".', {
      code: 'HONE_MISSING_DEPENDENCY',
      hint: 'Install it: npm install pg',
      cause,
    });
  }
}
