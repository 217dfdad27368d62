import type { StoreAccess } from './access.ts';
import type { PromptEntry, StoredPrompts } from './store.ts';
import { rowsOf } from './transaction.ts';

/** Versions and moves of prompts: each is one row, so a change is there as a whole or not at all. */
export function createStoredPrompts({ db, read, transact }: StoreAccess): StoredPrompts {
  const entries = (rows: readonly { readonly number: number; readonly content: string }[]) =>
    rows.map(({ number, content }): PromptEntry => ({ number: Number(number), content }));

  return {
    names: () =>
      read(async () => {
        const rows = await db
          .selectFrom('prompt_versions')
          .select('name')
          .distinct()
          .orderBy('name')
          .execute();
        return rows.map(({ name }) => name);
      }),
    read: (name) =>
      read(async () => {
        // Moves first: a version that one of them points to is there when the versions are read.
        const moves = await db
          .selectFrom('prompt_moves')
          .select(['number', 'content'])
          .where('name', '=', name)
          .orderBy('number')
          .execute();
        const versions = await db
          .selectFrom('prompt_versions')
          .select(['number', 'content'])
          .where('name', '=', name)
          .orderBy('number')
          .execute();
        return { versions: entries(versions), moves: entries(moves) };
      }),
    addVersion: (name, { number, hash, content }) =>
      transact(function* () {
        const added = yield* rowsOf(
          db
            .insertInto('prompt_versions')
            .values({ name, number, hash, content })
            .onConflict((conflict) => conflict.doNothing())
            .returning('number'),
        );
        return added.length > 0;
      }),
    addMove: (name, { number, content }) =>
      transact(function* () {
        const added = yield* rowsOf(
          db
            .insertInto('prompt_moves')
            .values({ name, number, content })
            .onConflict((conflict) => conflict.doNothing())
            .returning('number'),
        );
        return added.length > 0;
      }),
  };
}
