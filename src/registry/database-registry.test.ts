import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../../test/postgres.ts';
import { openMemoryStore, openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { describeRegistry, type OpenedRegistry } from '../testing/describe-registry.ts';
import { databaseRegistry } from './database-registry.ts';

const postgres = await startPostgres();
const root = mkdtempSync(join(tmpdir(), 'hone-registry-'));
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

/** Several stores on one database, closed together. */
async function opened(open: () => Promise<Store>): Promise<OpenedRegistry> {
  const stores: Store[] = [];
  const again = async () => {
    const store = await open();
    stores.push(store);
    return databaseRegistry({ store });
  };
  return {
    registry: await again(),
    again,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]();
    },
  };
}

describeRegistry('a SQLite file', () => {
  const folder = mkdtempSync(join(root, 'file-'));
  return opened(() => openStore({ folder }));
});

describe.skipIf(postgres === undefined)('on a real server', () => {
  describeRegistry('Postgres', async () => {
    const address = await postgres?.createDatabase();
    return opened(() => openStore({ address }));
  });
});

test('a version that was changed in the database is refused, with its place', async () => {
  await using store = await openMemoryStore();
  const registry = databaseRegistry({ store });
  const candidate = { 'answer.instructions': { kind: 'text', text: 'one' } } as const;
  const { hash } = await registry.publish('other', { candidate, author: 'ada' });
  const version = { version: 1, hash, candidate: {}, parents: [], message: '', author: 'eve', createdAt: 0 };
  await store.prompts.addVersion('triage', { number: 1, hash, content: JSON.stringify(version) });
  await expect(registry.read('triage')).rejects.toMatchObject({
    code: 'HONE_FILE_UNREADABLE',
    message: expect.stringContaining('version 1 was changed'),
  });
});
