import type { JsonObject } from '../base/json.ts';
import type { StoreAccess } from './access.ts';
import type { Candidates } from './store.ts';

export function createCandidates({ db, append, read }: StoreAccess): Candidates {
  return {
    write: (hash, parameters) => append({ table: 'candidates', values: [hash, JSON.stringify(parameters)] }),
    read: (hash) =>
      read(async () => {
        const row = await db
          .selectFrom('candidates')
          .select('parameters')
          .where('hash', '=', hash)
          .executeTakeFirst();
        return row && (JSON.parse(row.parameters) as JsonObject);
      }),
  };
}
