// Optimizers on a simulated landscape: held-out truth and calls by optimizer, seed and budget, as a table and a
// picture. Every cell is a line of a results file and is not run again; peers write lines of the same form.
// Run: npm run bench:optimizers [-- --optimizers auto,gepa --seeds 1,2,3 --calls 400 --reflections 60]
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOptimizer } from '../../dist/config/catalog.js';
import { optimize } from '../../dist/optimizer/driver/optimize.js';
import { predict, signature } from '../../dist/public/index.js';
import { openaiCompatible } from '../../dist/public/models.js';
import { exactMatch } from '../../dist/public/scorers.js';
import { openMemoryStore } from '../../dist/store/open-store.js';
import { createLandscape, reachable, truthOf } from './landscape.mjs';
import { openLandscapeServer } from './server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    optimizers: {
      type: 'string',
      default:
        'auto;reflectiveClimb;gepa;mipro;simba;copro;bootstrapRandomSearch;hierarchicalReflective;proTeGi;opro;capo;metaPrompt',
    },
    seeds: { type: 'string', default: '1,2,3,4,5,6,7,8,9,10' },
    calls: { type: 'string', default: '200,400,800' },
    reflections: { type: 'string', default: '100' },
    repeats: { type: 'string', default: '1' },
    out: { type: 'string', default: join(root, 'bench', 'results', 'optimizers.jsonl') },
  },
});
const reflections = Number(values.reflections);
mkdirSync(dirname(values.out), { recursive: true });
const done = new Map(lines().map((line) => [line.key, line]));

console.log(
  `A simulation, not a language model: held-out truth of the winner's prompt; ${reachable} can be reached.`,
);
for (const calls of values.calls.split(',').map(Number)) {
  for (const name of values.optimizers.split(';')) {
    const cells = [];
    for (const seed of values.seeds.split(',').flatMap((each) => repeated(each))) {
      const key = `hone/${name}/${seed}/${calls}/${reflections}`;
      const line = done.get(key) ?? {
        key,
        tool: 'Hone',
        name,
        seed,
        budget: calls,
        ...(await cell(name, { seed, calls })),
      };
      if (!done.has(key)) {
        appendFileSync(values.out, `${JSON.stringify(line)}\n`);
        done.set(key, line);
      }
      cells.push(line);
    }
    print(calls, name, cells);
  }
}
for (const [label, cells] of peers()) print(cells[0].budget, label, cells);
writeFileSync(values.out.replace(/jsonl$/, 'svg'), picture(lines()));

async function cell(name, { seed, calls }) {
  const landscape = createLandscape(seed.split('.')[0]);
  const server = await openLandscapeServer(landscape);
  const store = await openMemoryStore();
  const model = (modelId) =>
    openaiCompatible({ modelId, baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'none' });
  const rows = landscape.rows.map(({ id, note, action }) => ({ id, inputs: { note }, expected: { action } }));
  const started = performance.now();
  const { report } = await optimize({
    program: predict(
      signature("note -> action: 'ship' | 'hold' | 'return' | 'scrap'", {
        instructions: 'Say what to do with the parcel.',
      }),
    ),
    // The same rows for all tools; no row of the held-out part is answered by the search or charged to it.
    dataset: { train: rows.slice(0, 60), validation: rows.slice(60, 120), test: rows.slice(120, 122) },
    scorer: exactMatch('action'),
    model: model('task'),
    reflectionModel: model('reflection'),
    optimizer: () => createOptimizer(name),
    budget: { calls, reflectionCalls: reflections },
    randomSeed: Number(seed.replace('.', '')),
    concurrency: 16,
    evenIfSaturated: true,
    store,
  }).result();
  const seconds = (performance.now() - started) / 1000;
  await server.close();
  await store[Symbol.asyncDispose]();
  const prompt = promptOf(report.best.candidate);
  const heldOut = truthOf(landscape, landscape.rows.slice(120), prompt);
  return {
    heldOut,
    task: server.counts.task,
    reflection: server.counts.reflection,
    seconds: Math.round(seconds * 10) / 10,
    prompt,
  };
}

/** What a row is shown: the instructions and the demos. */
function promptOf(candidate) {
  const text = candidate['answer.instructions']?.text ?? '';
  const demos = (candidate['answer.demos']?.sets ?? []).flatMap((set) => set.demos);
  return [text, ...demos.map(({ inputs, outputs }) => `${inputs.note}\naction: ${outputs.action}`)].join(
    '\n\n',
  );
}

/** A landscape seed with a random seed of its own for each repeat: `3`, `3.1`, `3.2`. */
function repeated(seed) {
  return Array.from({ length: Number(values.repeats) }, (_, repeat) =>
    repeat === 0 ? seed : `${seed}.${repeat}`,
  );
}

/** What was measured, by Hone and by peers; the truth of a peer's winner is worked out from its prompt. */
function lines() {
  if (!existsSync(values.out)) return [];
  return readFileSync(values.out, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((text) => {
      const line = JSON.parse(text);
      if (line.heldOut !== undefined) return line;
      const landscape = createLandscape(line.seed);
      return { ...line, heldOut: truthOf(landscape, landscape.rows.slice(120), line.prompt) };
    });
}

function peers() {
  const groups = new Map();
  for (const line of lines().filter(({ tool }) => tool !== 'Hone')) {
    const label = `${line.tool} ${line.name}`;
    groups.set(label, [...(groups.get(label) ?? []), line]);
  }
  return groups;
}

function print(budget, name, cells) {
  const sorted = cells.map(({ heldOut }) => heldOut).sort((a, b) => a - b);
  const mean = (of) => cells.reduce((sum, each) => sum + each[of], 0) / cells.length;
  console.log(
    [
      String(budget).padStart(6),
      name.padEnd(34),
      `median ${sorted[Math.floor(sorted.length / 2)].toFixed(2)}`,
      `mean ${mean('heldOut').toFixed(2)}`,
      `[${sorted[0].toFixed(2)}, ${sorted.at(-1).toFixed(2)}]`,
      `task ${mean('task').toFixed(0)}`,
      `reflection ${mean('reflection').toFixed(0)}`,
      `${mean('seconds').toFixed(1)} s`,
    ].join('  '),
  );
}

/** Medians over calls, one dot an optimizer and budget. */
function picture(all) {
  const groups = new Map();
  for (const line of all) {
    const label = `${line.tool} ${line.name} ${line.budget}`;
    groups.set(label, [...(groups.get(label) ?? []), line]);
  }
  const points = [...groups].map(([label, cells]) => {
    const sorted = cells.map(({ heldOut }) => heldOut).sort((a, b) => a - b);
    const calls = cells.reduce((sum, { task, reflection }) => sum + task + reflection, 0) / cells.length;
    return { label, calls, median: sorted[Math.floor(sorted.length / 2)], isHone: cells[0].tool === 'Hone' };
  });
  const most = Math.max(100, ...points.map(({ calls }) => calls));
  const x = (calls) => Math.round(60 + (calls / most) * 700);
  const y = (truth) => Math.round(420 - truth * 380);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 470" font-family="system-ui, sans-serif" font-size="11">
<rect width="980" height="470" fill="#fcfcfb"/><text x="60" y="20" font-size="14">Simulation: median held-out truth over task and reflection calls</text>
${[0.25, 0.5, 0.75, 1].map((truth) => `<line x1="60" x2="760" y1="${y(truth)}" y2="${y(truth)}" stroke="#dddad3"/><text x="50" y="${y(truth) + 4}" text-anchor="end">${truth}</text>`).join('\n')}
<text x="760" y="450" text-anchor="end">${Math.round(most)} calls</text>
${points.map(({ label, calls, median, isHone }) => `<circle cx="${x(calls)}" cy="${y(median)}" r="4" fill="${isHone ? '#2458b8' : '#b85a24'}"><title>${label}: ${median.toFixed(2)}</title></circle><text x="${x(calls) + 6}" y="${y(median) + 4}">${label}</text>`).join('\n')}
</svg>
`;
}
