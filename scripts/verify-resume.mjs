// Kills an optimization at random moments, starts it again each time, and compares it with one that nobody
// disturbed: the command line under a limit of calls, then a search that asks a reflection model under limits of
// calls, of dollars and of minutes; then stops one by Ctrl-C.
// Run: npm run verify:resume [-- --kills 10 --seed 1 --only dollars --json]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { openCountingServer } from './counting-server.mjs';
import { root } from './run.mjs';
import { elapsedMinutes, readRun, readStatus, storedAnswers, storedEvents } from './stored-run.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
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
/** US dollars per million tokens. */
const prices = {
  'test-model': { input: 1, output: 2 },
  'task-model': { input: 1, output: 2 },
  'reflection-model': { input: 2, output: 8 },
};
const server = await openCountingServer(truth, 'Ticket: ', prices);
const command = [
  ...['optimize', join(example, 'prompt.md'), '--data', join(example, 'tickets.csv')],
  ...['--expected', 'category', '--model', `openai-compatible:${server.baseUrl}#test-model`],
  ...['--max-calls', String(maxCalls), '--budget-usd', '5', '--price-input', '1', '--price-output', '2'],
  ...['--seed', values.seed, '-j', String(concurrency)],
];
const main = join(root, 'dist', 'cli', 'main.js');

/** A search that asks a reflection model, with the library. */
function reflecting(budget) {
  const settings = {
    ...{ baseUrl: server.baseUrl, data: join(example, 'tickets.csv'), budget, concurrency },
    ...{
      seed: Number(values.seed),
      prices: { task: prices['task-model'], reflection: prices['reflection-model'] },
    },
  };
  return [join(root, 'scripts', 'reflecting-run.mjs'), JSON.stringify(settings)];
}

/** Each is run undisturbed, then killed again and again. */
const scenarios = [
  { name: 'command line, calls', run: [main, ...command], resume: [main, 'resume'] },
  { name: 'reflecting, calls', run: reflecting({ calls: 700, reflectionCalls: 60 }) },
  { name: 'reflecting, dollars', run: reflecting({ usd: 0.1 }), usd: 0.1 },
  // Time that is not reached changes nothing; time that is reached strikes elsewhere in every course.
  { name: 'reflecting, minutes enough', run: reflecting({ minutes: 20, calls: 500 }) },
  { name: 'reflecting, minutes', run: reflecting({ minutes: 0.1 }), minutes: 0.1 },
].filter(({ name }) => values.only === undefined || name.includes(values.only));

/** Settings of whoever runs this must not change what it finds. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HONE_')));
const problems = [];
const folders = [];
let running;
/** Of all processes of a scenario, their start included. */
let workedMs = 0;

try {
  const figures = [];
  for (const scenario of scenarios) {
    const undisturbed = await runUndisturbed(scenario);
    figures.push({
      name: scenario.name,
      undisturbed: undisturbed.figures,
      killed: await runKilled(undisturbed, scenario),
      ...(scenario.resume && { interrupted: await runInterrupted(undisturbed) }),
    });
  }
  report(figures);
} finally {
  running?.kill('SIGKILL');
  server.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

async function runUndisturbed({ name, run: argv }) {
  server.reset();
  const folder = newFolder();
  const { code, output } = await start(folder, argv).ended;
  if (code !== 0) throw new Error(`${name}: the undisturbed run ended with ${code}:\n${output}`);
  const run = readRun(folder);
  return {
    run,
    bodies: new Set(server.asked.keys()),
    figures: {
      requests: server.total,
      paidUsd: server.paidUsd,
      verdict: run.report.verdict,
      winner: run.report.best.hash,
      stopReason: run.report.stopReason,
      calls: run.report.usage.calls,
      reflectionCalls: run.report.usage.reflectionCalls,
    },
  };
}

/** SIGKILL at random moments: after some requests, or some time after the start. */
async function runKilled({ run, bodies, figures }, scenario) {
  server.reset();
  workedMs = 0;
  const folder = newFolder();
  const perKill = [];
  const eventsSeen = [];
  let lost = new Set();
  const stored = new Set();
  let done = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = new Map(server.asked);
    const attempt = start(folder, argvOf(scenario, kill - 1));
    await momentToKill(attempt, kill, bodies.size);
    const isKilled = attempt.child.kill('SIGKILL');
    await attempt.ended;
    const here = changed(before);
    for (const hash of storedAnswers(folder)) stored.add(hash);
    check(before, {
      here,
      stored: perKill.at(-1)?.stored ?? new Set(),
      label: `${scenario.name}: attempt ${kill}`,
    });
    eventsSeen.push(storedEvents(folder));
    perKill.push({ requests: total(here), repeated: repeated(here, lost), stored: new Set(stored) });
    lost = new Set([...server.asked.keys()].filter((hash) => !stored.has(hash)));
    if (lost.size > concurrency) problems.push(`${scenario.name}: kill ${kill} lost ${lost.size} calls`);
    if (isKilled) done += 1;
    // A limit of time ends a run at its own moment.
    else if (scenario.minutes !== undefined) break;
    else problems.push(`${scenario.name}: kill ${kill} came too late: the run had ended`);
  }
  const before = new Map(server.asked);
  const last = readStatus(folder) === 'completed' ? { code: 0 } : await start(folder, scenario.run).ended;
  if (last.code !== 0)
    problems.push(`${scenario.name}: the last attempt ended with ${last.code}: ${last.output}`);
  const here = changed(before);
  check(before, { here, stored, label: `${scenario.name}: the last attempt` });
  const found = readRun(folder);
  if (scenario.minutes === undefined) {
    compare(run, found, scenario.name);
    compareBodies(bodies, scenario.name);
    if (server.total > figures.requests + kills * concurrency) {
      problems.push(
        `${scenario.name}: ${server.total} requests, undisturbed ${figures.requests}, ${kills} kills`,
      );
    }
  }
  // Whatever the limit: no process takes back what an earlier one has decided.
  for (const [index, events] of eventsSeen.entries()) {
    const same = JSON.stringify(found?.events.slice(0, events.length)) === JSON.stringify(events);
    if (!same) problems.push(`${scenario.name}: events after kill ${index + 1} were taken back`);
  }
  const again = server.total - server.asked.size;
  const mostUsd = scenario.usd && scenario.usd + again * server.dearestUsd;
  if (mostUsd !== undefined && server.paidUsd > mostUsd) {
    problems.push(
      `${scenario.name}: paid ${server.paidUsd} of ${scenario.usd} dollars, ${again} calls twice`,
    );
  }
  const minutes = elapsedMinutes(folder);
  const mostMinutes = scenario.minutes && 1.1 * scenario.minutes + 0.02;
  if (mostMinutes !== undefined && minutes > mostMinutes) {
    problems.push(`${scenario.name}: took ${minutes} of ${scenario.minutes} minutes`);
  }
  return {
    kills: done,
    requests: server.total,
    paidUsd: server.paidUsd,
    paidTwice: again,
    stopReason: found?.report.stopReason,
    winner: found?.report.best.hash,
    ...(scenario.usd !== undefined && { limitUsd: scenario.usd, dearestUsd: server.dearestUsd }),
    ...(scenario.minutes !== undefined && {
      limitMinutes: scenario.minutes,
      minutes,
      processMinutes: workedMs / 60_000,
    }),
    requestsPerAttempt: [...perKill.map(({ requests }) => requests), total(here)],
    repeatsPerKill: [...perKill.slice(1).map((each) => each.repeated), repeated(here, lost)],
  };
}

/** One attempt in the middle goes on by `hone resume`, if there is a run yet. */
function argvOf({ run, resume }, killsBefore) {
  const isResumed = resume !== undefined && killsBefore === Math.ceil(kills / 2) && server.total > 0;
  return isResumed ? resume : run;
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
  const first = start(folder, [main, ...command]);
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
  const second = start(folder, [main, 'resume', ...(id === undefined ? [] : [id])]);
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
  const last = await start(folder, [main, ...command]).ended;
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

function start(folder, argv) {
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    env: { ...env, HONE_DIR: join(folder, '.hone') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  const startedAt = performance.now();
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
      workedMs += performance.now() - startedAt;
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
    console.log(JSON.stringify({ scenarios: figures, concurrency, problems }));
    return;
  }
  for (const { name, undisturbed, killed, interrupted } of figures) {
    const { requests: alone, verdict, winner, stopReason, calls, reflectionCalls } = undisturbed;
    console.log(name);
    console.log(
      `  undisturbed  ${alone} requests, ${calls} calls, ${reflectionCalls} reflections, ${dollars(undisturbed.paidUsd)}, ${verdict}, ${winner.slice(0, 8)}, ended by: ${stopReason}`,
    );
    console.log(
      `  killed       ${killed.requests} requests, ${killed.kills} kills, ${killed.paidTwice} calls paid twice, ${dollars(killed.paidUsd)}${killed.limitUsd === undefined ? '' : ` of ${dollars(killed.limitUsd)}`}, ${killed.winner?.slice(0, 8)}, ended by: ${killed.stopReason}`,
    );
    if (killed.limitMinutes !== undefined) {
      const { minutes, limitMinutes, processMinutes } = killed;
      const seconds = (value) => (60 * value).toFixed(1);
      console.log(
        `               ${seconds(minutes)} s counted of ${seconds(limitMinutes)} s, ${seconds(processMinutes)} s of all processes with their starts`,
      );
    }
    console.log(`               repeats after each kill: ${killed.repeatsPerKill.join(' ')}`);
    console.log(`               requests of each attempt: ${killed.requestsPerAttempt.join(' ')}`);
    if (interrupted)
      console.log(`  Ctrl-C       ${interrupted.requests} requests, ${interrupted.repeats} repeated`);
  }
  for (const problem of problems) console.log(`PROBLEM        ${problem}`);
  console.log(
    problems.length === 0
      ? 'same candidate, scores, events and budgets; no stored answer was asked again, no limit passed'
      : `${problems.length} problems`,
  );
}

function dollars(usd) {
  return `${usd.toFixed(4)} USD`;
}
