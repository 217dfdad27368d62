// Optimizers on a simulated landscape: held-out truth and calls by task, optimizer, seed and budget, as a table and a
// picture. Every cell is a line of a results file and is not run again; peers write lines of the same form.
// Run: npm run bench:optimizers [-- --optimizers auto;gepa --seeds 1,2,3 --calls 200,400 --tasks 'one step']
//      npm run bench:optimizers -- --against DSPy --seeds 11,12 …   the races against what peers/dspy_run.py measured
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOptimizer } from '../../dist/config/catalog.js';
import { listOptimizers } from '../../dist/config/list-optimizers.js';
import { optimize } from '../../dist/optimizer/driver/optimize.js';
import { openaiCompatible } from '../../dist/public/models.js';
import { openMemoryStore } from '../../dist/store/open-store.js';
import { createLandscape, reachableOf } from './landscape.mjs';
import { picture } from './picture.mjs';
import { openLandscapeServer } from './server.mjs';
import { taskOf } from './tasks.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** They need what the landscape has not: scored choices, or answers without labels. */
const notHere = listOptimizers()
  .filter(({ name, needs }) => name === 'spo' || JSON.stringify(needs).includes('scores choices'))
  .map(({ name }) => name);
const { values } = parseArgs({
  options: {
    optimizers: {
      type: 'string',
      default: listOptimizers()
        .map(({ name }) => name)
        .filter((name) => !notHere.includes(name))
        .join(';'),
    },
    tasks: { type: 'string', default: 'one step;two steps' },
    seeds: { type: 'string', default: '1,2,3,4,5,6,7,8,9,10' },
    calls: { type: 'string', default: '100,200,400,800' },
    reflections: { type: 'string', default: '100' },
    against: { type: 'string' },
    out: { type: 'string', default: join(root, 'bench', 'results', 'optimizers.jsonl') },
  },
});
/** Hone's optimizer for each of a peer's. */
const namesakes = {
  GEPA: 'gepa',
  MIPROv2: 'mipro',
  SIMBA: 'simba',
  COPRO: 'copro',
  BootstrapRS: 'bootstrapRandomSearch',
};
const seeds = values.seeds.split(',');
mkdirSync(dirname(values.out), { recursive: true });
const done = new Map(lines().map((line) => [line.key, line]));

console.log('A simulation, not a language model: held-out truth of what the winner sends.');
for (const task of values.tasks.split(';')) {
  console.log(`\n${task}: ${reachableOf(createLandscape('1', task)).toFixed(2)} can be reached.`);
  if (values.against === undefined) await table(task);
  else await races(task);
}
writeFileSync(values.out.replace(/jsonl$/, 'svg'), picture(lines()));

/** One row an optimizer and budget, and the calls that most seeds need for nine tenths of what can be reached. */
async function table(task) {
  const budgets = values.calls.split(',').map(Number);
  for (const name of values.optimizers.split(';')) {
    const reached = new Map(seeds.map((seed) => [seed, Number.POSITIVE_INFINITY]));
    for (const calls of budgets) {
      const cells = [];
      for (const seed of seeds) {
        const line = await cell({ task, name, seed, calls, reflections: Number(values.reflections) });
        cells.push(line);
        const enough = line.heldOut >= 0.9 * reachableOf(createLandscape(seed, task));
        if (enough) reached.set(seed, Math.min(reached.get(seed), line.task + line.reflection));
      }
      print(`${name}, ${calls} calls`, cells);
    }
    const needed = median([...reached.values()]);
    console.log(
      `${''.padEnd(8)}nine tenths in the median seed: ${Number.isFinite(needed) ? `${needed} calls` : `not with ${budgets.at(-1)}`}`,
    );
  }
  for (const [label, cells] of peersOf(task)) print(label, cells);
}

/** `auto` at half of the calls of the peer's best, and each optimizer beside its namesake at the same calls. */
async function races(task) {
  const peers = peersOf(task);
  if (peers.size === 0) return console.log(`Nothing of ${values.against} was measured for these seeds.`);
  for (const [label, cells] of peers) print(label, cells);
  const [best, cells] = [...peers].sort(([, a], [, b]) => medianOf(b) - medianOf(a))[0];
  const halves = [];
  for (const line of cells) {
    const half = Math.floor((line.task + line.reflection) / 2);
    const reflections = Math.max(5, Math.floor(half / 10));
    halves.push(await cell({ task, name: 'auto', seed: line.seed, calls: half - reflections, reflections }));
  }
  print(`auto at half the calls of ${best}`, halves);
  for (const [label, theirs] of peers) {
    const name = namesakes[theirs[0].name];
    if (name === undefined) continue;
    const ours = [];
    for (const line of theirs) {
      const reflections = Math.max(1, line.reflection);
      ours.push(await cell({ task, name, seed: line.seed, calls: line.task, reflections }));
    }
    print(`${name} at the calls of ${label}`, ours);
    const differences = ours.map(({ heldOut }, index) => heldOut - theirs[index].heldOut);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const variance =
      differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (differences.length - 1);
    const error = Math.sqrt(variance / differences.length);
    console.log(
      `${''.padEnd(8)}paired difference ${mean.toFixed(3)}, standard error ${error.toFixed(3)}: ${mean > -2 * error ? 'not worse' : 'worse'} by the rule of two standard errors`,
    );
  }
}

async function cell({ task, name, seed, calls, reflections }) {
  const key = `Hone/${task}/${name}/${seed}/${calls}/${reflections}`;
  if (!done.has(key)) {
    const measured = await measure({ task, name, seed, calls, reflections });
    const line = {
      kind: 'simulation',
      key,
      tool: 'Hone',
      taskName: task,
      name,
      seed,
      budget: calls,
      ...measured,
    };
    appendFileSync(values.out, `${JSON.stringify(line)}\n`);
    done.set(key, line);
  }
  return done.get(key);
}

async function measure({ task, name, seed, calls, reflections }) {
  const landscape = createLandscape(seed, task);
  const server = await openLandscapeServer(landscape);
  const store = await openMemoryStore();
  const modelOf = (modelId) =>
    sampled(openaiCompatible({ modelId, baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'none' }));
  const { program, scorer, rows } = taskOf(landscape);
  const model = modelOf('task');
  const started = performance.now();
  const { report } = await optimize({
    program,
    // The same rows for all tools; no row of the held-out part is answered by the search or charged to it.
    dataset: { train: rows.slice(0, 60), validation: rows.slice(60, 120), test: rows.slice(120, 122) },
    scorer,
    model,
    reflectionModel: modelOf('reflection'),
    optimizer: () => createOptimizer(name),
    budget: { calls, reflectionCalls: reflections },
    randomSeed: Number(seed),
    concurrency: 16,
    evenIfSaturated: true,
    store,
  }).result();
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const { task: taskCalls, reflection } = { ...server.counts };
  server.observe();
  for (const row of rows.slice(120)) {
    await program.forward(row.inputs, { model, candidate: report.best.candidate, exampleId: row.id });
  }
  const heldOut = Math.round(server.heldOut() * 1e4) / 1e4;
  await server.close();
  await store[Symbol.asyncDispose]();
  return { heldOut, task: taskCalls, reflection, seconds };
}

/** Tells the server which of several answers to a request is wanted, whatever the order of asking. */
function sampled(model) {
  return {
    ...model,
    generate: (request, options = {}) =>
      model.generate({ ...request, seed: Number.parseInt(hashOf(options.draw ?? '0'), 36) }, options),
  };
}

function hashOf(text) {
  let hash = 7;
  for (const sign of text) hash = (hash * 31 + sign.codePointAt(0)) % 2_147_483_647;
  return hash.toString(36);
}

function lines() {
  if (!existsSync(values.out)) return [];
  return readFileSync(values.out, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text));
}

/** What peers measured for the seeds that were asked for. */
function peersOf(task) {
  const groups = new Map();
  for (const line of lines()) {
    const isAsked = line.taskName === task && seeds.includes(line.seed);
    if (line.tool === 'Hone' || !isAsked || (values.against ?? line.tool) !== line.tool) continue;
    const label = `${line.tool} ${line.name}`;
    groups.set(label, [...(groups.get(label) ?? []), line]);
  }
  return groups;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function medianOf(cells) {
  return median(cells.map(({ heldOut }) => heldOut));
}

function print(label, cells) {
  const heldOut = cells.map((each) => each.heldOut).sort((a, b) => a - b);
  const mean = (of) => cells.reduce((sum, each) => sum + each[of], 0) / cells.length;
  console.log(
    [
      label.padEnd(44),
      `median ${medianOf(cells).toFixed(2)}`,
      `mean ${mean('heldOut').toFixed(2)}`,
      `[${heldOut[0].toFixed(2)}, ${heldOut.at(-1).toFixed(2)}]`,
      `task ${mean('task').toFixed(0)}`,
      `reflection ${mean('reflection').toFixed(0)}`,
      `${mean('seconds').toFixed(1)} s`,
      `${cells.length} seeds`,
    ].join('  '),
  );
}
