import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { describeStore } from '../testing/describe-store.ts';
import { openMemoryStore, openStore } from './open-store.ts';
import { type ProcessTable, systemProcesses } from './process-table.ts';
import { openSqlite } from './sqlite.ts';
import { isAtLeast, loadSqlite } from './sqlite-library.ts';

const root = mkdtempSync(join(tmpdir(), 'hone-store-'));
let folders = 0;
const newFolder = () => {
  folders += 1;
  return join(root, String(folders));
};
afterAll(() => rmSync(root, { recursive: true, force: true }));

describeStore('a SQLite file', () => openStore({ folder: newFolder() }));
describeStore('SQLite in memory', () => openMemoryStore());

const newRun = { id: 'r', kind: 'evaluation', name: 'r', identity: 'i', plan: {} } as const;

test('what is written is there when the file is opened again, and by others while it is open', async () => {
  const folder = newFolder();
  await using first = await openStore({ folder });
  await first.writeAnswer({ key: 'a', modelId: 'm', answer: '1' });
  await using second = await openStore({ file: join(folder, 'hone.db') });
  expect(await second.readAnswer('a')).toBe('1');
  await second.writeAnswer({ key: 'b', modelId: 'm', answer: '2' });
  expect(await first.readAnswer('b')).toBe('2');
});

test('several openers at once make one database', async () => {
  const folder = newFolder();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ folder })));
  await Promise.all(
    stores.map((store, index) => store.writeAnswer({ key: `${index}`, modelId: 'm', answer: '' })),
  );
  expect((await stores[0]?.countAnswers())?.answers).toBe(4);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

test('the log is moved into the database as it grows, so that it stays small', async () => {
  const folder = newFolder();
  await using store = await openStore({ folder });
  const answer = 'x'.repeat(20_000);
  for (let group = 0; group < 5; group += 1) {
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        store.writeAnswer({ key: `${group}-${index}`, modelId: 'm', answer }),
      ),
    );
  }
  expect(readFileSync(join(folder, 'hone.db-wal')).length).toBeLessThan(16_000_000);
  expect((await store.countAnswers()).bytes).toBeGreaterThan(20_000_000);
});

describe('claims', () => {
  const processes = (change: Partial<ProcessTable>) => ({ ...systemProcesses, ...change });
  const clock = { now: () => 1_000_000, monotonic: () => 0, sleep: async () => undefined };

  it.each([
    { what: 'a dead process of this host', owner: { pid: 7 }, other: { isAlive: (): boolean => false } },
    {
      what: 'a process whose number another one got',
      owner: { pid: 7, started: () => 'then' },
      other: { started: () => 'now', isAlive: (): boolean => true },
    },
    {
      what: 'a process of another host that was silent for a minute',
      owner: { host: 'other' },
      at: 60_000,
      other: {},
    },
  ])('are taken over from $what', async ({ owner, other, at = 0 }) => {
    const folder = newFolder();
    await using left = await openStore({ folder, clock, processes: processes(owner) });
    await left.createRun(newRun);
    await left.claimRun('r');
    const later = { ...clock, now: () => clock.now() + at };
    await using store = await openStore({ folder, clock: later, processes: processes(other) });
    await using claim = await store.claimRun('r');
    expect(claim.run.id).toBe('r');
  });

  it.each([
    {
      what: 'a living process of this host, however silent',
      owner: { pid: 7 },
      at: 9_000_000,
      other: { isAlive: (): boolean => true },
    },
    {
      what: 'a process of another host that spoke a moment ago',
      owner: { host: 'other', pid: 7 },
      at: 59_000,
      other: {},
    },
  ])('are respected of $what', async ({ owner, other, at }) => {
    const folder = newFolder();
    const started = () => 'then';
    await using left = await openStore({ folder, clock, processes: processes({ ...owner, started }) });
    await left.createRun(newRun);
    await left.claimRun('r');
    const later = { ...clock, now: () => clock.now() + at };
    await using store = await openStore({
      folder,
      clock: later,
      processes: processes({ ...other, started }),
    });
    await expect(store.claimRun('r')).rejects.toMatchObject({ code: 'HONE_RUN_LOCKED', facts: { pid: 7 } });
  });

  it('end with the store that holds them', async () => {
    const folder = newFolder();
    const first = await openStore({ folder });
    await first.createRun(newRun);
    await first.claimRun('r');
    await first[Symbol.asyncDispose]();
    await using second = await openStore({ folder });
    await using claim = await second.claimRun('r');
    expect(claim.run.id).toBe('r');
  });
});

describe('a store that cannot be used', () => {
  it.each([
    { what: 'is no database', content: Buffer.from('just some text, '.repeat(1_000)) },
    { what: 'has a broken page', content: undefined },
  ])('says so when the file $what, and leaves the file alone', async ({ content }) => {
    const folder = newFolder();
    const file = join(folder, 'hone.db');
    mkdirSync(folder);
    const bytes = content ?? (await brokenDatabase(file));
    writeFileSync(file, bytes);
    await expect(useStore(file)).rejects.toMatchObject({
      code: 'HONE_STORE_CORRUPTED',
      message: expect.stringContaining(file),
      hint: expect.stringContaining(`mv "${file}"`),
    });
    expect(existsSync(file)).toBe(true);
  });

  it('names the folder that is read-only', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(root, 0o755);
    chmodSync(folder, 0o555);
    await asOrdinaryUser(() =>
      expect(openStore({ folder: join(folder, '.hone') })).rejects.toMatchObject({
        code: 'HONE_FOLDER_READ_ONLY',
        message: expect.stringContaining(join(folder, '.hone')),
      }),
    );
    await asOrdinaryUser(() =>
      expect(openStore({ folder })).rejects.toMatchObject({ code: 'HONE_FOLDER_READ_ONLY' }),
    );
  });

  it('says what stands in the way of the folder', async () => {
    const folder = newFolder();
    writeFileSync(folder, '');
    await expect(openStore({ folder: join(folder, '.hone') })).rejects.toMatchObject({
      code: 'HONE_FILE_UNREADABLE',
    });
  });

  it('refuses a database of a newer Hone', async () => {
    const folder = newFolder();
    const file = join(folder, 'hone.db');
    await (await openStore({ folder }))[Symbol.asyncDispose]();
    const { db, close } = await openSqlite(file);
    await db.updateTable('hone_schema').set({ version: 99 }).execute();
    await close();
    await expect(openStore({ folder })).rejects.toMatchObject({ code: 'HONE_STORE_NEWER' });
  });

  it('says that another process holds the database when it waits in vain', async () => {
    const folder = newFolder();
    await using store = await openStore({ folder, busyTimeoutMs: 20 });
    const library = await loadSqlite();
    const other = library.open(join(folder, 'hone.db'));
    other.prepare('begin immediate').run([]);
    await expect(store.writeAnswer({ key: 'a', modelId: 'm', answer: '' })).rejects.toMatchObject({
      code: 'HONE_STORE_LOCKED',
      message: expect.stringContaining(folder),
    });
    other.prepare('rollback').run([]);
    other.close();
    await store.writeAnswer({ key: 'a', modelId: 'm', answer: '' });
    expect(await store.readAnswer('a')).toBe('');
  });
});

test.each([
  { version: '22.13.0', least: [22, 13, 0], expected: true },
  { version: '22.12.9', least: [22, 13, 0], expected: false },
  { version: '24.0.0', least: [22, 13, 0], expected: true },
  { version: '3.51.2', least: [3, 51, 3], expected: false },
] as const)('$version counts as new enough for $least: $expected', ({ version, least, expected }) => {
  expect(isAtLeast(version, least)).toBe(expected);
});

async function useStore(file: string): Promise<void> {
  await using store = await openStore({ file });
  await store.countAnswers();
  for await (const outcome of store.readOutcomes('r')) void outcome;
}

/** A database whose header is fine and whose other pages are overwritten. */
async function brokenDatabase(file: string): Promise<Buffer> {
  await (await openStore({ file }))[Symbol.asyncDispose]();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4_096);
  return bytes;
}

/** Root may write everywhere, so the work is done as nobody where the tests run as root. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
