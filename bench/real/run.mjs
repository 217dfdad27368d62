// Optimizers on real models that run in this process. Every cell (task, optimizer, seed) is one line of a results
// file, and cells that are in it are not run again; answers are stored, so a cell that was cut off goes on.
// Run: npm run bench:real -- --model <path.gguf> [--reflection <path.gguf>] [--tasks tickets,guests]
//   [--optimizers auto,gepa] [--seeds 1,2,3] [--calls 600] [--banking77 <folder>] [--embedded]
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOptimizer } from '../../dist/config/catalog.js';
import { openWorkspace } from '../../dist/config/workspace.js';
import { optimize } from '../../dist/optimizer/driver/optimize.js';
import { evaluate, splitDataset } from '../../dist/public/index.js';
import { loadTasks } from './tasks.mjs';
import { tfidfAccuracy } from './tfidf.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const results = join(root, 'bench', 'results');
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    reflection: { type: 'string' },
    tasks: { type: 'string', default: 'tickets,call-back,guests' },
    optimizers: { type: 'string', default: 'auto,bootstrapRandomSearch,gepa,mipro,metaPrompt,ape,proTeGi' },
    seeds: { type: 'string', default: '1,2,3' },
    calls: { type: 'string', default: '800' },
    banking77: { type: 'string' },
    out: { type: 'string', default: join(results, 'real.jsonl') },
  },
});
mkdirSync(dirname(values.out), { recursive: true });
process.env.HONE_DIR ??= join(results, 'real-store');

const tasks = await loadTasks({ root, banking77: values.banking77 });
const workspace = openWorkspace({ folder: root });
const release = workspace.store.hold();
const model = await workspace.openModel(values.model);
const reflectionModel =
  values.reflection === undefined
    ? undefined
    : values.reflection === values.model
      ? model
      : await workspace.openModel(values.reflection);

const done = new Map(readDone().map((line) => [line.key, line]));
console.log(
  'task        how                     seed   held-out              difference [95 %]   verdict            calls   reflections  seconds',
);
for (const name of values.tasks.split(',')) {
  const task = tasks[name];
  if (task === undefined)
    throw new Error(`There is no task "${name}". Tasks: ${Object.keys(tasks).join(', ')}.`);
  for (const seed of values.seeds.split(',').map(Number)) {
    for (const how of ['tf-idf', 'written prompt', ...values.optimizers.split(',')]) {
      const key = [name, how, seed, model.id, reflectionModel?.id ?? '-', values.calls].join(' | ');
      const line = done.get(key) ?? {
        key,
        task: name,
        how,
        seed,
        ...(await cell({ task, how, seed, name })),
      };
      if (!done.has(key)) appendFileSync(values.out, `${JSON.stringify(line)}\n`);
      print(line);
    }
  }
}
await release();
await workspace[Symbol.asyncDispose]();

async function cell({ task, how, seed, name }) {
  const started = performance.now();
  const split = splitDataset(task.rows, { seed, shares: [0.5, 0.2, 0.3] });
  const seconds = () => Math.round((performance.now() - started) / 1000);
  if (how === 'tf-idf') {
    const [field] = Object.keys(task.rows[0].inputs);
    const [label] = Object.keys(task.rows[0].expected);
    const heldOut = tfidfAccuracy({
      train: [...split.train, ...split.validation],
      test: split.test,
      textOf: ({ inputs }) => inputs[field],
      labelOf: ({ expected }) => String(expected[label]),
    });
    return { model: '-', heldOut, rows: split.test.length, calls: 0, reflections: 0, seconds: seconds() };
  }
  if (how === 'written prompt') {
    const evaluation = await evaluate({
      program: task.program(task.written),
      dataset: split.test,
      scorer: task.scorer,
      model,
      store: workspace.store,
      concurrency: 1,
    }).result();
    const [{ mean }] = evaluation.summaries;
    return {
      model: model.id,
      heldOut: mean,
      rows: split.test.length,
      calls: evaluation.usage.calls,
      reflections: 0,
      seconds: seconds(),
    };
  }
  const run = optimize({
    program: task.program(task.vague),
    dataset: { train: split.train, validation: split.validation, test: split.test },
    scorer: task.scorer,
    model,
    reflectionModel,
    optimizer: () => createOptimizer(how),
    store: workspace.store,
    randomSeed: seed,
    budget: { calls: Number(values.calls), reflectionCalls: 60 },
    concurrency: 8,
    name: `${name} ${how} ${seed}`,
  });
  const { report } = await run.result();
  const test = report.sealedTest;
  return {
    model: model.id,
    reflection: reflectionModel?.id,
    heldOut: test?.winner,
    vague: test?.seed,
    difference: test?.difference,
    interval: test?.interval,
    verdict: report.verdict,
    rows: test?.rows,
    calls: report.usage.calls,
    reflections: report.usage.reflectionCalls,
    best: report.best.candidate,
    notices: report.notices,
    seconds: seconds(),
  };
}

function readDone() {
  if (!existsSync(values.out)) return [];
  return readFileSync(values.out, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function print({
  task,
  how,
  seed,
  heldOut,
  vague,
  difference,
  interval,
  verdict = '',
  calls,
  reflections,
  seconds,
}) {
  const figure = (value) => (value === undefined ? '–' : value.toFixed(2));
  const change = difference === undefined ? '' : `${figure(difference)} [${interval.map(figure).join(', ')}]`;
  const scores = vague === undefined ? figure(heldOut) : `${figure(vague)} → ${figure(heldOut)}`;
  console.log(
    [
      task.padEnd(11),
      how.padEnd(23),
      String(seed).padStart(4),
      ` ${scores.padEnd(20)}`,
      change.padEnd(20),
      verdict.padEnd(18),
      String(calls).padStart(5),
      String(reflections).padStart(13),
      String(seconds).padStart(8),
    ].join(' '),
  );
}
