import { afterAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../../test/postgres.ts';
import { describeStore } from '../testing/describe-store.ts';
import { openStore } from './open-store.ts';

const postgres = await startPostgres();
afterAll(() => postgres?.[Symbol.asyncDispose]());

describe.skipIf(postgres === undefined)('on a real server', () => {
  const newDatabase = async () => (await postgres?.createDatabase()) ?? '';

  describeStore('Postgres', async () => openStore({ address: await newDatabase() }));

  test('several openers at once make one database, and what one writes the others read', async () => {
    const address = await newDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ address })));
    await Promise.all(
      stores.map(({ answers }, index) => answers.write({ key: `${index}`, modelId: 'm', answer: 'x' })),
    );
    for (const { answers } of stores) expect((await answers.count()).answers).toBe(4);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  test('of many stores that open one run at once, one gets it', async () => {
    const address = await newDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ address })));
    const run = { kind: 'evaluation', name: 'r', identity: 'same', plan: {} } as const;
    const ends = await Promise.allSettled(stores.map(({ runs }) => runs.open(run)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) {
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'HONE_RUN_LOCKED' });
    }
    expect(await stores[0]?.runs.list()).toHaveLength(1);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  test('a run goes on where the server ends its connections midway, and nothing is lost or twice', async () => {
    const address = await newDatabase();
    await using store = await openStore({ address });
    const claim = await store.runs.open({ kind: 'evaluation', name: 'r', identity: 'r', plan: {} });
    const endConnections = async () => {
      const { default: pg } = await import('pg');
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await client.end();
    };
    const write = async (from: number) => {
      for (let row = from; row < 600; row += 6) {
        const key = { candidate: 'c', example: `row-${row}`, trial: 0, scorer: 's' };
        await store.outcomes.write(claim, { ...key, outcome: `${row}` });
        await store.outcomes.get(claim.runId, [key]);
      }
    };
    const writing = Promise.all([0, 1, 2, 3, 4, 5].map(write));
    for (let times = 0; times < 3; times += 1) await endConnections();
    await writing;
    const rows: string[] = [];
    for await (const { outcome } of store.outcomes.read(claim.runId)) rows.push(outcome);
    expect(rows).toHaveLength(600);
    expect(new Set(rows).size).toBe(600);
  });

  test('its location says nothing of the password', async () => {
    const address = new URL(await newDatabase());
    address.password = 'hunter2';
    await using store = await openStore({ address: address.href });
    expect(store.location).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/hone_/);
    expect(JSON.stringify(store.location)).not.toContain('hunter2');
  });

  test('a database that is not there is told as that, without the password', async () => {
    const address = new URL(await newDatabase());
    address.password = 'hunter2';
    address.pathname = '/nowhere';
    const opening = openStore({ address: address.href });
    await expect(opening).rejects.toMatchObject({ code: 'HONE_STORE_UNREACHABLE' });
    await expect(opening).rejects.toThrow('"nowhere" does not exist');
    await expect(opening).rejects.not.toThrow('hunter2');
  });
});

test('a server that is not there is told at once', async () => {
  await expect(openStore({ address: 'postgres://me:secret@127.0.0.1:1/hone' })).rejects.toMatchObject({
    code: 'HONE_STORE_UNREACHABLE',
    message: expect.stringContaining('postgres://127.0.0.1:1/hone'),
  });
});
