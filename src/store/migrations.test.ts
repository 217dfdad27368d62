import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openStore } from './open-store.ts';
import { loadSqlite } from './sqlite-library.ts';

const root = mkdtempSync(join(tmpdir(), 'hone-migrations-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A database as the first version of the store wrote it, with one finished and one interrupted run. */
const firstVersion = [
  'create table hone_schema (version integer primary key)',
  'create table answers (key text primary key, model_id text not null, answer text not null)',
  `create table runs (position integer primary key autoincrement, id text not null unique, kind text not null,
    name text not null, identity text not null, status text not null, created_at bigint not null,
    updated_at bigint not null, elapsed_ms bigint not null, plan text not null, result text, stop_limit text,
    owner text, owner_host text, owner_pid integer, owner_started text, heartbeat_at bigint)`,
  'create index runs_identity on runs (identity, position)',
  `create table outcomes (position integer primary key autoincrement, run_id text not null,
    candidate text not null, example text not null, trial integer not null, scorer text not null,
    outcome text not null, constraint outcomes_once unique (run_id, example, trial, candidate, scorer))`,
  'create index outcomes_in_order on outcomes (run_id, position)',
  `create table events (run_id text not null, number integer not null, event text not null,
    constraint events_once primary key (run_id, number))`,
  'create table candidates (hash text primary key, parameters text not null)',
  'insert into hone_schema values (1)',
  `insert into answers values ('key', 'some/model', '{"text":"billing"}')`,
  `insert into runs (id, kind, name, identity, status, created_at, updated_at, elapsed_ms, plan, result)
    values ('eval-1', 'evaluation', 'tickets', 'identity-1', 'completed', 1000, 2000, 500, '{"a":1}', '{"mean":1}')`,
  `insert into runs (id, kind, name, identity, status, created_at, updated_at, elapsed_ms, plan)
    values ('opt-1', 'optimization', 'tickets', 'identity-2', 'interrupted', 3000, 4000, 700, '{}')`,
  `insert into outcomes (run_id, candidate, example, trial, scorer, outcome)
    values ('eval-1', 'c', 'row-2', 0, 's', 'second'), ('eval-1', 'c', 'row-1', 0, 's', 'first')`,
  `insert into events values ('opt-1', 0, '{"type":"phase-started","phase":"baseline"}')`,
  `insert into candidates values ('c', '{"answer.instructions":{"kind":"text","text":"Sort."}}')`,
];

test('a store of the first version is brought to the newest and keeps everything', async () => {
  const folder = join(root, '.hone');
  mkdirSync(folder);
  const connection = (await loadSqlite()).open(join(folder, 'hone.db'));
  for (const statement of firstVersion) connection.prepare(statement).run([]);
  connection.close();

  for (const opening of ['the first time', 'again']) {
    await using store = await openStore({ folder });
    expect(await store.answers.read('key'), opening).toBe('{"text":"billing"}');
    expect(await store.runs.read('eval-1')).toMatchObject({
      status: 'completed',
      plan: { a: 1 },
      result: { mean: 1 },
      elapsedMs: 500,
    });
    const outcomes = [];
    for await (const { effect, example, outcome } of store.outcomes.read('eval-1')) {
      outcomes.push([effect, example, outcome]);
    }
    expect(outcomes).toEqual([
      ['row', 'row-2', 'second'],
      ['row', 'row-1', 'first'],
    ]);
    expect(await store.events.read('opt-1')).toMatchObject([
      { index: 0, at: 4000, event: { type: 'phase-started' } },
    ]);
    expect(await store.candidates.read('c')).toMatchObject({ 'answer.instructions': { text: 'Sort.' } });
    expect(await store.sealedTests.list('any')).toEqual([]);
  }
  await using store = await openStore({ folder });
  const left = { kind: 'optimization', name: 'tickets', identity: 'identity-2', plan: {} } as const;
  await using claim = await store.runs.open(left);
  expect(claim).toMatchObject({ runId: 'opt-1', isResumed: true });
  await store.outcomes.write(claim, {
    effect: 'reflection',
    candidate: 'c',
    example: 'row-1',
    trial: 0,
    scorer: 's',
    outcome: 'third',
  });
  expect(await store.outcomes.count('opt-1')).toBe(1);
});
