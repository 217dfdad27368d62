// Kills an optimization at random moments, starts it again each time, and compares it with one that nobody
// disturbed; then stops one by Ctrl-C. Run: npm run verify:resume [-- --kills 10 --seed 1 --json]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { openCountingServer } from './counting-server.mjs';
import { root } from './run.mjs';
import { readRun, storedAnswers } from './stored-run.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const random = randomOf(Number(values.seed));
const concurrency = 8;
/** Small enough to end the search, large enough for demo sets to race. */
const maxCalls = 700;
const attemptLimitMs = 120_000;

const example = join(root, 'examples', 'support-tickets');
const rows = parse(readFileSync(join(example, 'tickets.csv')), { columns: true, bom: true });
const truth = new Map(rows.map(({ ticket, category }) => [ticket, category]));
const server = await openCountingServer(truth, 'Ticket: ');
const command = [
  ...['optimize', join(example, 'prompt.md'), '--data', join(example, 'tickets.csv')],
  ...['--expected', 'category', '--model', `openai-compatible:${server.baseUrl}#test-model`],
  ...['--max-calls', String(maxCalls), '--budget-usd', '5', '--price-input', '1', '--price-output', '2'],
  ...['--seed', values.seed, '-j', String(concurrency)],
];
/** Settings of whoever runs this must not change what it finds. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HONE_')));
const problems = [];
const folders = [];
let running;

try {
  const undisturbed = await runUndisturbed();
  const killed = await runKilled(undisturbed);
  const interrupted = await runInterrupted(undisturbed);
  report({ undisturbed: undisturbed.figures, killed, interrupted });
} finally {
  running?.kill('SIGKILL');
  server.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

async function runUndisturbed() {
  const folder = newFolder();
  const { code, output } = await start(folder, command).ended;
  if (code !== 0) throw new Error(`The undisturbed run ended with ${code}:\n${output}`);
  const run = readRun(folder);
  return {
    run,
    bodies: new Set(server.asked.keys()),
    figures: {
      requests: server.total,
      verdict: run.report.verdict,
      winner: run.report.best.hash,
      stopReason: run.report.stopReason,
      calls: run.report.usage.calls,
    },
  };
}

/** SIGKILL at random moments: after some requests, or some time after the start. */
async function runKilled({ run, bodies, figures }) {
  server.reset();
  const folder = newFolder();
  const perKill = [];
  let lost = new Set();
  const stored = new Set();
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = new Map(server.asked);
    const attempt = start(folder, argumentsOf(kill - 1));
    await momentToKill(attempt, kill, bodies.size);
    if (!attempt.child.kill('SIGKILL')) problems.push(`kill ${kill} came too late: the run had ended`);
    await attempt.ended;
    const here = changed(before);
    for (const hash of storedAnswers(folder)) stored.add(hash);
    check(before, { here, stored: perKill.at(-1)?.stored ?? new Set(), label: `attempt ${kill}` });
    perKill.push({ requests: total(here), repeated: repeated(here, lost), stored: new Set(stored) });
    lost = new Set([...server.asked.keys()].filter((hash) => !stored.has(hash)));
    if (lost.size > concurrency) problems.push(`kill ${kill} lost ${lost.size} calls`);
  }
  const before = new Map(server.asked);
  const { code, output } = await start(folder, command).ended;
  if (code !== 0) problems.push(`the last attempt ended with ${code}: ${output}`);
  const here = changed(before);
  check(before, { here, stored, label: 'the last attempt' });
  compare(run, readRun(folder), 'killed');
  compareBodies(bodies, 'killed');
  if (server.total > figures.requests + kills * concurrency) {
    problems.push(`${server.total} requests, undisturbed ${figures.requests}, ${kills} kills`);
  }
  const repeats = [...perKill.slice(1).map((each) => each.repeated), repeated(here, lost)];
  return {
    kills,
    requests: server.total,
    requestsPerAttempt: [...perKill.map(({ requests }) => requests), total(here)],
    repeatsPerKill: repeats,
  };
}

/** One attempt in the middle goes on by `hone resume`, if there is a run yet. */
function argumentsOf(killsBefore) {
  return killsBefore === Math.ceil(kills / 2) && server.total > 0 ? ['resume'] : command;
}

async function momentToKill(attempt, kill, expected) {
  const left = Math.max(1, expected - server.asked.size);
  if (random() < 0.3) return sleep(random() * 900);
  const further = 1 + Math.floor(random() * Math.min(left - 1, (1.6 * left) / (kills - kill + 2)));
  const goal = server.total + further;
  while (server.total < goal && !attempt.isOver()) await sleep(1);
  await sleep(random() * 60);
}

/** Ctrl-C once, then twice, then left to its end. */
async function runInterrupted({ run, bodies }) {
  server.reset();
  const folder = newFolder();
  const first = start(folder, command);
  await requests(100, first);
  first.child.kill('SIGINT');
  const once = await first.ended;
  if (once.code !== 130) problems.push(`Ctrl-C ended with ${once.code}: ${once.output}`);
  const id = /hone resume (opt-\w+)/.exec(once.output)?.[1];
  if (id === undefined) problems.push(`Ctrl-C did not say how to go on: ${once.output}`);
  const kept = storedAnswers(folder);
  if (kept.size !== server.asked.size) {
    problems.push(`Ctrl-C kept ${kept.size} of ${server.asked.size} answers that were in flight or done`);
  }
  const second = start(folder, ['resume', ...(id === undefined ? [] : [id])]);
  await requests(server.total + 100, second);
  server.hold();
  while (server.active < concurrency && !second.isOver()) await sleep(1);
  second.child.kill('SIGINT');
  while (!second.output().includes('stopping') && !second.isOver()) await sleep(1);
  // Nothing in flight is ever answered now, so only the second Ctrl-C can end it.
  if (second.isOver()) problems.push(`the first Ctrl-C did not wait: ${second.output()}`);
  second.child.kill('SIGINT');
  const twice = await second.ended;
  if (twice.code !== 130) problems.push(`the second Ctrl-C ended with ${twice.code}: ${twice.output}`);
  server.release();
  const last = await start(folder, command).ended;
  if (last.code !== 0) problems.push(`after Ctrl-C it ended with ${last.code}: ${last.output}`);
  compare(run, readRun(folder), 'interrupted');
  compareBodies(bodies, 'interrupted');
  const again = [...server.asked.values()].filter((times) => times > 1).length;
  if (again > concurrency) problems.push(`after Ctrl-C ${again} calls were made again`);
  return { requests: server.total, repeats: again };
}

function check(before, { here, stored, label }) {
  for (const [hash, times] of here) {
    if (times > 1) problems.push(`${label} asked ${hash.slice(0, 12)} ${times} times`);
    if (before.has(hash) && stored.has(hash)) problems.push(`${label} asked a stored answer again`);
  }
}

function changed(before) {
  const entries = [...server.asked].map(([hash, times]) => [hash, times - (before.get(hash) ?? 0)]);
  return new Map(entries.filter(([, times]) => times > 0));
}

function total(counts) {
  return [...counts.values()].reduce((sum, times) => sum + times, 0);
}

function repeated(here, lost) {
  return [...here.keys()].filter((hash) => lost.has(hash)).length;
}

function compare(expected, found, label) {
  for (const part of Object.keys(expected)) {
    const [left, right] = [expected[part], found?.[part]].map((value) => JSON.stringify(value));
    if (left === right) continue;
    const at = [...left].findIndex((character, index) => character !== right?.[index]);
    problems.push(
      `${label}: another ${part}: …${left.slice(Math.max(0, at - 80), at + 80)}… / …${right?.slice(Math.max(0, at - 80), at + 80)}…`,
    );
  }
}

function compareBodies(expected, label) {
  const missing = [...expected].filter((hash) => !server.asked.has(hash)).length;
  const added = [...server.asked.keys()].filter((hash) => !expected.has(hash)).length;
  if (missing + added > 0) problems.push(`${label}: ${missing} requests missing, ${added} that are new`);
}

function start(folder, parameters) {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...parameters], {
    cwd: folder,
    env: { ...env, HONE_DIR: join(folder, '.hone') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let output = '';
  let over = false;
  const timer = setTimeout(() => child.kill('SIGKILL'), attemptLimitMs);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (part) => {
      output += part;
    });
  }
  const ended = new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      over = true;
      resolve({ code, output });
    });
  });
  return { child, ended, isOver: () => over, output: () => output };
}

async function requests(count, attempt) {
  while (server.total < count && !attempt.isOver()) await sleep(1);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hone-resume-'));
  folders.push(folder);
  return folder;
}

/** Park and Miller's generator, good enough to choose moments. */
function randomOf(seed) {
  let state = (seed % 2147483646) + 1;
  for (let turn = 0; turn < 8; turn += 1) state = (state * 48271) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function report(figures) {
  if (problems.length > 0) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify({ ...figures, concurrency, problems }));
    return;
  }
  const { undisturbed, killed, interrupted } = figures;
  const { requests: alone, verdict, winner, stopReason, calls } = undisturbed;
  console.log(
    `undisturbed   ${alone} requests, ${calls} calls, ${verdict}, ${winner.slice(0, 8)}, ended by: ${stopReason}`,
  );
  console.log(
    `killed        ${killed.requests} requests, ${killed.kills} kills, repeats after each: ${killed.repeatsPerKill.join(' ')}`,
  );
  console.log(`              requests of each attempt: ${killed.requestsPerAttempt.join(' ')}`);
  console.log(`Ctrl-C        ${interrupted.requests} requests, ${interrupted.repeats} repeated`);
  for (const problem of problems) console.log(`PROBLEM       ${problem}`);
  console.log(
    problems.length === 0
      ? 'same candidate, scores, events and budgets; no stored answer was asked again'
      : `${problems.length} problems`,
  );
}
