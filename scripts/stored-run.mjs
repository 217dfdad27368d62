// What a run left in its folder, without what differs between two runs of the same course: ids and times.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

/** The hashes of the requests whose answers are stored; `counting-server.mjs` puts them into its answers. */
export function storedAnswers(folder) {
  const texts = query(folder, 'select answer from answers');
  return new Set(texts.map(({ answer }) => JSON.parse(answer).tokenLogProbabilities[0].token));
}

/** The decisions so far of the only run in a folder. */
export function storedEvents(folder) {
  return query(folder, 'select event from events order by number').map(({ event }) => JSON.parse(event));
}

/** How the only run in a folder stands; undefined before there is one. */
export function readStatus(folder) {
  return query(folder, 'select status from runs')[0]?.status;
}

/** Minutes that the only run in a folder has worked, over all its processes. */
export function elapsedMinutes(folder) {
  return (query(folder, 'select elapsed_ms as elapsed from runs')[0]?.elapsed ?? 0) / 60_000;
}

/** Report, events, outcomes and candidates of the only run in a folder. */
export function readRun(folder) {
  const { runId, usage, ...report } = JSON.parse(
    readFileSync(join(folder, '.hone', 'reports', 'latest.json'), 'utf8'),
  );
  // Read from the store after a kill, an answer counts as cached; its usage and cost stay what they were.
  const {
    wallMs: _,
    latencyP50Ms: __,
    latencyP95Ms: ___,
    cachedCalls: ____,
    spentUsd: _____,
    ...rest
  } = usage;
  const runs = query(folder, 'select id, status from runs');
  const events = query(folder, 'select event from events order by number');
  const outcomes = query(folder, 'select * from outcomes order by candidate, example, trial');
  return {
    runs: runs.map(({ id, status }) => ({ isReported: id === runId, status })),
    report: { ...report, usage: rest },
    events: events.map(({ event }) => JSON.parse(event)),
    outcomes: outcomes.map(({ candidate, example, trial, scorer, outcome }) => {
      const { outcome: judged, outputs, usage: paid } = JSON.parse(outcome);
      return { candidate, example, trial, scorer, judged, outputs, calls: paid.calls, costUsd: paid.costUsd };
    }),
    candidates: query(folder, 'select hash, parameters from candidates order by hash'),
  };
}

function query(folder, sql) {
  const path = join(folder, '.hone', 'hone.db');
  if (!existsSync(path)) return [];
  const database = new Database(path);
  try {
    return database.prepare(sql).all();
  } catch (error) {
    // Killed before the tables were there.
    if (String(error.message).includes('no such table')) return [];
    throw error;
  } finally {
    database.close();
  }
}
