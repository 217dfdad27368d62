import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from './open-store.ts';
import { loadSqlite } from './sqlite-library.ts';

/** Writes answers and outcomes, sixteen at a time, and prints the name of each pair that is acknowledged. */
const writer = `
import { openStore } from './store/open-store.js';
const [folder, name, count] = process.argv.slice(2);
const store = await openStore({ folder });
const claim = await store.runs.open({ kind: 'evaluation', name, identity: name, plan: {} });
let next = 0;
const write = async () => {
  while (next < Number(count)) {
    const key = name + '-' + next++;
    await store.answers.write({ key, modelId: 'm', answer: key.repeat(20) });
    await store.outcomes.write(claim, { candidate: 'c', example: key, trial: 0, scorer: 's', outcome: key });
    process.stdout.write(key + '\\n');
  }
};
await Promise.all(Array.from({ length: 16 }, write));
await store[Symbol.asyncDispose]();
`;

/** Opens a run once it is told to, and keeps it until its input ends. */
const opener = `
import { once } from 'node:events';
import { openStore } from './store/open-store.js';
const store = await openStore({ folder: process.argv[2] });
console.log('ready');
await once(process.stdin, 'data');
try {
  const claim = await store.runs.open({ kind: 'evaluation', name: 'same', identity: 'same', plan: {} });
  console.log('claimed ' + claim.runId);
} catch ({ code }) {
  console.log(code);
}
await once(process.stdin.resume(), 'end');
await store[Symbol.asyncDispose]();
`;

let built: string;

beforeAll(() => {
  // Beside the installed packages, so that the built files find them.
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  built = mkdtempSync(join(cache, 'hone-store-'));
  const configuration = {
    extends: resolve('tsconfig.build.json'),
    compilerOptions: { outDir: built, rootDir: resolve('src'), declaration: false },
    include: [],
    files: [resolve('src/store/open-store.ts')],
  };
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify(configuration));
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  writeFileSync(join(built, 'writer.js'), writer);
  writeFileSync(join(built, 'opener.js'), opener);
  execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', built]);
}, 60_000);

afterAll(() => rmSync(built, { recursive: true, force: true }));

function startWriter(name: string, count: number) {
  const child = spawn(
    process.execPath,
    [join(built, 'writer.js'), join(built, '.hone'), name, String(count)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => acknowledged.push(line));
  // Listened for from the start: a writer may be done before the test comes to wait for it.
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return { child, acknowledged, ended };
}

test('two processes write one store, one is killed, and every acknowledged row is there', async () => {
  const killed = startWriter('killed', 1_000_000);
  const finished = startWriter('finished', 3_000);
  await expect.poll(() => killed.acknowledged.length, { timeout: 15_000 }).toBeGreaterThan(500);

  await using store = await openStore({ folder: join(built, '.hone') });
  const ofKilled = { kind: 'evaluation', name: 'killed', identity: 'killed', plan: {} } as const;
  await expect(store.runs.open(ofKilled)).rejects.toMatchObject({
    code: 'HONE_RUN_LOCKED',
    message: expect.stringContaining(`process ${killed.child.pid}`),
  });
  killed.child.kill('SIGKILL');
  await Promise.all([killed.ended, finished.ended]);
  expect(finished.child.exitCode).toBe(0);
  expect(finished.acknowledged).toHaveLength(3_000);

  for (const { acknowledged } of [killed, finished]) {
    const answers = await Promise.all(acknowledged.map((key) => store.answers.read(key)));
    expect(answers).toEqual(acknowledged.map((key) => key.repeat(20)));
  }
  for (const [run, { acknowledged }] of Object.entries({ killed, finished })) {
    const outcomes = new Set<string>();
    const { id = '' } = (await store.runs.find(run)) ?? {};
    for await (const { example } of store.outcomes.read(id)) outcomes.add(example);
    expect(acknowledged.filter((key) => !outcomes.has(key))).toEqual([]);
  }
  await using claim = await store.runs.open(ofKilled);
  expect(claim.isResumed).toBe(true);

  const connection = (await loadSqlite()).open(join(built, '.hone', 'hone.db'));
  expect(connection.prepare('PRAGMA integrity_check').all([])).toEqual([{ integrity_check: 'ok' }]);
  connection.close();
}, 60_000);

test('of processes that open one run at the same time, one works on it and the others name it', async () => {
  for (let round = 0; round < 3; round += 1) {
    const folder = join(built, `race-${round}`);
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [join(built, 'opener.js'), folder], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const said = await Promise.all(
      children.map(async (child) => {
        const lines = createInterface({ input: child.stdout });
        const [ready] = await once(lines, 'line');
        return { child, lines, ready };
      }),
    );
    for (const { child } of said) child.stdin.write('go\n');
    const ends = await Promise.all(said.map(async ({ lines }) => String((await once(lines, 'line'))[0])));
    for (const { child } of said) child.stdin.end();
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.filter((end) => end.startsWith('claimed'))).toHaveLength(1);
    expect(ends.filter((end) => end === 'HONE_RUN_LOCKED')).toHaveLength(3);
    await using store = await openStore({ folder });
    expect(await store.runs.list()).toHaveLength(1);
  }
}, 60_000);
