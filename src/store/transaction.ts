import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import type { Patience } from './patience.ts';
import type { StoreTables } from './schema.ts';

/**
 * The work of one transaction: it yields each query and is given its rows. A driver that is synchronous runs it
 * from begin to commit without a turn of the event loop, one that is not waits at each query.
 */
export type Steps<Result> = Generator<CompiledQuery, Result, readonly unknown[]>;

/** Runs a query within a transaction. @returns its rows, typed */
export function* rowsOf<Row>(
  query: Compilable<Row>,
): Generator<CompiledQuery, readonly Row[], readonly unknown[]> {
  return (yield query.compile()) as readonly Row[];
}

/** Runs a transaction: all of it is committed when it returns, nothing when it throws. */
export type Transact = <Result>(work: () => Steps<Result>) => Promise<Result>;

/** An open database of any kind: Kysely for the queries, and what each kind does in its own way. */
export interface StoreDatabase {
  readonly db: Kysely<StoreTables>;
  /** Bytes of the whole database. */
  size(): number | Promise<number>;
  readonly transact: Transact;
  /** For a server, which may go away and come back. @default what fails has failed */
  readonly patience?: Patience | undefined;
  close(): Promise<void>;
}
