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
