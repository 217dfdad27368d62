import type { CompiledQuery } from 'kysely';
import type { StoreAccess } from './access.ts';
import { paddedKeys } from './statements.ts';
import type { Answers } from './store.ts';
import type { StoreDatabase } from './transaction.ts';

/** @param size Bytes of the whole database. */
export function createAnswers(
  { db, append, batched, read }: StoreAccess,
  size: StoreDatabase['size'],
): Answers {
  const compiled = new Map<number, CompiledQuery<{ key: string; answer: string }>>();
  const queryOf = (keys: number) => {
    const query =
      compiled.get(keys) ??
      db.selectFrom('answers').select(['key', 'answer']).where('key', 'in', Array(keys).fill('')).compile();
    compiled.set(keys, query);
    return query;
  };

  return {
    read: batched<string, string | undefined>(64, async (keys) => {
      const parameters = paddedKeys(keys);
      const { rows } = await db.executeQuery<{ key: string; answer: string }>({
        ...queryOf(parameters.length),
        parameters,
      });
      const found = new Map(rows.map(({ key, answer }) => [key, answer]));
      return keys.map((key) => found.get(key));
    }),
    write: ({ key, modelId, answer }) => append({ table: 'answers', values: [key, modelId, answer] }),
    count: () =>
      read(async () => {
        const rows = await db
          .selectFrom('answers')
          .select((select) => ['model_id as modelId', select.fn.countAll<number>().as('answers')])
          .groupBy('model_id')
          .orderBy('model_id')
          .execute();
        const byModel = rows.map(({ modelId, answers }) => ({ modelId, answers: Number(answers) }));
        const answers = byModel.reduce((sum, model) => sum + model.answers, 0);
        return { answers, bytes: await size(), byModel };
      }),
    clear: () =>
      read(async () => {
        const { numDeletedRows } = await db.deleteFrom('answers').executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}
