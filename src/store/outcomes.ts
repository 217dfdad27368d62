import type { CompiledQuery, SelectQueryBuilder } from 'kysely';
import type { StoreAccess } from './access.ts';
import type { StoreTables } from './schema.ts';
import { paddedKeys } from './statements.ts';
import type { Effect, OutcomeFilter, OutcomeKey, OutcomeRecord, Outcomes } from './store.ts';

const pageRows = 1_000;
const columns = ['effect', 'candidate', 'example', 'trial', 'scorer', 'outcome'] as const;

interface Lookup {
  readonly runId: string;
  readonly key: OutcomeKey;
}

export function createOutcomes({ db, append, batched, read }: StoreAccess): Outcomes {
  const compiled = new Map<number, CompiledQuery>();
  const lookupOf = (size: number): CompiledQuery => {
    const query = compiled.get(size) ?? compileLookup(size);
    compiled.set(size, query);
    return query;
  };
  const compileLookup = (size: number) =>
    db
      .selectFrom('outcomes')
      .select(['run_id as runId', ...columns])
      // A list of tuples would be shorter, and SQLite does not know it.
      .where(({ eb, or, and }) =>
        or(
          Array.from({ length: size }, () =>
            and([
              eb('run_id', '=', ''),
              eb('effect', '=', ''),
              eb('candidate', '=', ''),
              eb('example', '=', ''),
              eb('trial', '=', 0),
              eb('scorer', '=', ''),
            ]),
          ),
        ),
      )
      .compile();
  const lookUp = batched<Lookup, OutcomeRecord | undefined>(64, async (lookups) => {
    const padded = paddedKeys(lookups);
    const { rows } = await db.executeQuery({
      ...lookupOf(padded.length),
      parameters: padded.flatMap(({ runId, key }) => partsOf(runId, key)),
    });
    const found = new Map<string, OutcomeRecord>();
    for (const { runId, ...record } of rows as (OutcomeRecord & { readonly runId: string })[]) {
      found.set(nameOf(runId, record), record);
    }
    return lookups.map(({ runId, key }) => found.get(nameOf(runId, key)));
  });

  return {
    write: (owner, { outcome, ...key }) =>
      append({ table: 'outcomes', values: [...partsOf(owner.runId, key), outcome], owner }),
    get: (runId, keys) => Promise.all(keys.map((key) => lookUp({ runId, key }))),
    async *read(runId, { from = 0, ...filter } = {}) {
      const page = (after: number, skip: number) =>
        read(() =>
          filtered(db.selectFrom('outcomes'), runId, filter)
            .select(['position', ...columns])
            .where('position', '>', after)
            .orderBy('position')
            .limit(pageRows)
            .offset(skip)
            .execute(),
        );
      let rows = await page(0, from);
      while (rows.length > 0) {
        for (const { position: _, effect, ...record } of rows) yield { effect: effect as Effect, ...record };
        if (rows.length < pageRows) return;
        rows = await page(rows.at(-1)?.position ?? 0, 0);
      }
    },
    count: (runId, filter = {}) =>
      read(async () => {
        const row = await filtered(db.selectFrom('outcomes'), runId, filter)
          .select((select) => select.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        return Number(row.count);
      }),
  };
}

function filtered<Selected>(
  query: SelectQueryBuilder<StoreTables, 'outcomes', Selected>,
  runId: string,
  { effect, candidate }: OutcomeFilter,
) {
  const ofRun = query.where('run_id', '=', runId);
  const ofEffect = effect === undefined ? ofRun : ofRun.where('effect', '=', effect);
  return candidate === undefined ? ofEffect : ofEffect.where('candidate', '=', candidate);
}

/** The key in the order of the columns. */
function partsOf(runId: string, { effect = 'row', candidate, example, trial, scorer }: OutcomeKey) {
  return [runId, effect, candidate, example, trial, scorer];
}

function nameOf(runId: string, key: OutcomeKey): string {
  return JSON.stringify(partsOf(runId, key));
}
