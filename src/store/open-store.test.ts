import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
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

const newRun = { kind: 'evaluation', name: 'r', identity: 'i', plan: {} } as const;

test('what is written is there when the file is opened again, and by others while it is open', async () => {
  const folder = newFolder();
  await using first = await openStore({ folder });
  await first.answers.write({ key: 'a', modelId: 'm', answer: '1' });
  await using second = await openStore({ file: join(folder, 'hone.db') });
  expect(await second.answers.read('a')).toBe('1');
  await second.answers.write({ key: 'b', modelId: 'm', answer: '2' });
  expect(await first.answers.read('b')).toBe('2');
});

test('several openers at once make one database', async () => {
  const folder = newFolder();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ folder })));
  await Promise.all(
    stores.map((store, index) => store.answers.write({ key: `${index}`, modelId: 'm', answer: '' })),
  );
  expect((await stores[0]?.answers.count())?.answers).toBe(4);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

test('the log is moved into the database as it grows, so that it stays small', async () => {
  const folder = newFolder();
  await using store = await openStore({ folder });
  const answer = 'x'.repeat(20_000);
  for (let group = 0; group < 5; group += 1) {
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        store.answers.write({ key: `${group}-${index}`, modelId: 'm', answer }),
      ),
    );
  }
  expect(readFileSync(join(folder, 'hone.db-wal')).length).toBeLessThan(16_000_000);
  expect((await store.answers.count()).bytes).toBeGreaterThan(20_000_000);
});

describe('claims', () => {
  const processes = (change: Partial<ProcessTable>) => ({ ...systemProcesses, ...change });

  it.each([
    { what: 'a dead process of this host', owner: { pid: 7 }, other: { isAlive: (): boolean => false } },
    {
      what: 'a process whose number another one got',
      owner: { pid: 7, started: () => 'then' },
      other: { started: () => 'now', isAlive: (): boolean => true },
    },
  ])('are taken over from $what', async ({ owner, other }) => {
    const folder = newFolder();
    await using left = await openStore({ folder, processes: processes(owner) });
    const { runId } = await left.runs.open(newRun);
    await using store = await openStore({ folder, processes: processes(other) });
    await using claim = await store.runs.open(newRun);
    expect(claim).toMatchObject({ runId, isResumed: true });
  });

  it.each([0, 3_600_000, -3_600_000, 9e9])(
    'of a living process of this host are respected, though the clock has jumped by %i ms',
    async (jump) => {
      const folder = newFolder();
      const started = () => 'then';
      await using left = await openStore({ folder, processes: processes({ pid: 7, started }) });
      await left.runs.open(newRun);
      const clock = { ...systemClock, now: () => systemClock.now() + jump };
      const other = processes({ isAlive: () => true, started });
      await using store = await openStore({ folder, clock, processes: other });
      await expect(store.runs.open(newRun)).rejects.toMatchObject({
        code: 'HONE_RUN_LOCKED',
        facts: { pid: 7 },
      });
    },
  );

  it('end with the store that holds them', async () => {
    const folder = newFolder();
    const first = await openStore({ folder });
    const { runId } = await first.runs.open(newRun);
    await first[Symbol.asyncDispose]();
    await using second = await openStore({ folder });
    await using claim = await second.runs.open(newRun);
    expect(claim.runId).toBe(runId);
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
    await db.insertInto('hone_schema').values({ version: 99 }).execute();
    await close();
    await expect(openStore({ folder })).rejects.toMatchObject({ code: 'HONE_STORE_NEWER' });
  });

  it('says that another process holds the database when it waits in vain', async () => {
    const folder = newFolder();
    await using store = await openStore({ folder, busyTimeoutMs: 20 });
    const library = await loadSqlite();
    const other = library.open(join(folder, 'hone.db'));
    other.prepare('begin immediate').run([]);
    await expect(store.answers.write({ key: 'a', modelId: 'm', answer: '' })).rejects.toMatchObject({
      code: 'HONE_STORE_LOCKED',
      message: expect.stringContaining(folder),
    });
    other.prepare('rollback').run([]);
    other.close();
    await store.answers.write({ key: 'a', modelId: 'm', answer: '' });
    expect(await store.answers.read('a')).toBe('');
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
  await store.answers.count();
  for await (const outcome of store.outcomes.read('r')) void outcome;
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
