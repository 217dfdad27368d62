import type { CompiledQuery, Kysely } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { type Batcher, createBatcher } from './batches.ts';
import type { Patience } from './patience.ts';
import { createRunWakes, type RunWakes } from './run-wakes.ts';
import type { StoreTables } from './schema.ts';
import { type AppendedRow, compileStatements } from './statements.ts';
import type { RunOwner } from './store.ts';
import { closedError, lostRun, toStoreError } from './store-errors.ts';
import { rowsOf, type Transact } from './transaction.ts';

/** Rows of one transaction: the drivers block the event loop, so each stays short. */
const transactionRows = 500;

/** What every noun's SQL works with. Its errors name the store and what to do. */
export interface StoreAccess {
  readonly db: Kysely<StoreTables>;
  readonly clock: Clock;
  /** Who waits for news of a run. */
  readonly wakes: RunWakes;
  /** Runs queries that need no transaction. */
  read<Result>(work: () => Promise<Result>): Promise<Result>;
  readonly transact: Transact;
  /** Adds a row that is written once; one that is there already stays. */
  append(row: AppendedRow): Promise<void>;
  /** Serves what is asked for in one turn with one query, which may be asked again: it reads, or adds what is written once. */
  batched<Item, Result>(
    limit: number,
    serve: (items: readonly Item[]) => Promise<readonly Result[]>,
  ): (item: Item) => Promise<Result>;
  /** Takes no more work, and resolves when what was taken is done. */
  close(): Promise<void>;
}

export interface AccessOptions {
  readonly db: Kysely<StoreTables>;
  readonly location: string;
  readonly clock: Clock;
  readonly transact: Transact;
  readonly patience?: Patience | undefined;
}

export function createAccess({ db, location, clock, transact, patience }: AccessOptions): StoreAccess {
  const wakes = createRunWakes();
  const insert = compileStatements(db);
  const batchers: Pick<Batcher<never, never>, 'drain'>[] = [];
  let isClosed = false;

  const told = async <Result>(
    work: () => Promise<Result>,
    { isRepeatable = true }: { readonly isRepeatable?: boolean } = {},
  ): Promise<Result> => {
    try {
      return await (patience === undefined ? work() : patience.run(work, { isRepeatable }));
    } catch (thrown) {
      throw toStoreError(thrown, location);
    }
  };
  const whileOpen = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isClosed ? Promise.reject(closedError(location)) : work();
  const batched = <Item, Result>(
    limit: number,
    serve: (items: readonly Item[]) => Promise<readonly Result[]>,
  ) => {
    const batcher = createBatcher<Item, Result>(limit, (items) => told(() => serve(items)));
    batchers.push(batcher);
    return (item: Item) => whileOpen(() => batcher.add(item));
  };

  const ownerQuery = db.selectFrom('runs').select('owner').where('id', '=', '').compile();
  const write = batched<AppendedRow, RunOwner | undefined>(transactionRows, (rows) =>
    transact(function* () {
      const lost = new Set<RunOwner['token']>();
      for (const { runId, token } of ownersOf(rows)) {
        const query: CompiledQuery<{ owner: string | null }> = { ...ownerQuery, parameters: [runId] };
        const [run] = yield* rowsOf({ compile: () => query });
        if (run?.owner !== token) lost.add(token);
      }
      const isRefused = ({ owner }: AppendedRow) => owner !== undefined && lost.has(owner.token);
      yield* insert(lost.size === 0 ? rows : rows.filter((row) => !isRefused(row)));
      return rows.map((row) => (isRefused(row) ? row.owner : undefined));
    }),
  );

  return {
    db,
    clock,
    wakes,
    batched,
    read: (work) => whileOpen(() => told(work)),
    transact: (work) => whileOpen(() => told(() => transact(work), { isRepeatable: false })),
    async append(row) {
      const refused = await write(row);
      if (refused !== undefined) throw lostRun(refused.runId);
    },
    async close() {
      isClosed = true;
      wakes.wakeAll();
      await Promise.all(batchers.map((batcher) => batcher.drain()));
    },
  };
}

/** The claims that a group of rows is written with: one query each, however many rows. */
function ownersOf(rows: readonly AppendedRow[]): Iterable<RunOwner> {
  const owners = new Map<string, RunOwner>();
  for (const { owner } of rows) if (owner !== undefined) owners.set(owner.token, owner);
  return owners.values();
}
