// Rows a second and CPU a row of evaluate() against plain fetch and the AI SDK, in one process, over one
// loopback server. Run: npm run bench:throughput
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOpenAI } from '@ai-sdk/openai';
import { evaluate, predict, signature } from '../../dist/public/index.js';
import { openaiCompatible } from '../../dist/public/models.js';
import { exactMatch } from '../../dist/public/scorers.js';
import { openStore } from '../../dist/store/open-store.js';

const here = dirname(fileURLToPath(import.meta.url));
const rows = Number(process.env.BENCH_ROWS ?? 2_000);
const warmUp = 64;
const concurrency = 64;
const latencyMs = 50;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const hone = 'Hone evaluate()';
const repeat = 'repeat from store';

const server = fork(join(here, 'server.mjs'), [String(latencyMs)]);
const { port } = await new Promise((resolve) => server.once('message', resolve));
const baseUrl = `http://127.0.0.1:${port}/v1`;
const folder = mkdtempSync(join(tmpdir(), 'hone-bench-'));

const words =
  'the parcel came back and nobody told me why my card was charged again for a plan that I left'.split(' ');
const example = (index, round) => ({
  id: `row-${round}-${index}`,
  inputs: {
    ticket: `Case ${round}/${index}: ${Array.from({ length: 30 }, (_, at) => words[(index * 7 + at * 3) % words.length]).join(' ')}`,
  },
  expected: { category: 'billing' },
});
const examples = (round, count) => Array.from({ length: count }, (_, index) => example(index, round));

const program = predict(
  signature("ticket -> category: 'billing' | 'refunds' | 'technical_support' | 'account_access'", {
    instructions: 'Classify the support ticket.',
  }),
);
const model = openaiCompatible({ modelId: 'bench', baseUrl, apiKey: 'unused' });

async function mapLimited(items, work) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

const instructions =
  'Classify the support ticket. Answer with one of: billing, refunds, technical_support, account_access.';
const messagesOf = ({ inputs }) => [
  { role: 'system', content: instructions },
  { role: 'user', content: `Ticket: ${inputs.ticket}` },
];

const aiModel = createOpenAI({ baseURL: baseUrl, apiKey: 'unused' }).chat('bench');
const contenders = {
  'plain fetch': (items) =>
    mapLimited(items, async (item) => {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer unused' },
        body: JSON.stringify({ model: 'bench', messages: messagesOf(item), temperature: 0 }),
      });
      const reply = await response.json();
      return reply.choices[0].message.content === item.expected.category;
    }),
  'AI SDK doGenerate': (items) =>
    mapLimited(items, (item) =>
      aiModel.doGenerate({
        prompt: [
          { role: 'system', content: instructions },
          { role: 'user', content: [{ type: 'text', text: `Ticket: ${item.inputs.ticket}` }] },
        ],
        temperature: 0,
      }),
    ),
  [hone]: evaluateRows,
};

function evaluateRows(items, store) {
  return evaluate({
    program,
    dataset: items,
    scorer: exactMatch('category'),
    model,
    store,
    concurrency,
  }).result();
}

async function measure(work) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallS: (performance.now() - started) / 1000, cpuMsPerRow: (user + system) / 1000 / rows };
}

async function repeatFromStore(file, items) {
  let store;
  let evaluation;
  const figure = await measure(async () => {
    store = await openStore({ file });
    evaluation = await evaluateRows(items, store);
  });
  await store[Symbol.asyncDispose]();
  const { cachedCalls } = evaluation.usage;
  if (cachedCalls !== rows) throw new Error(`${cachedCalls} of ${rows} came from the store.`);
  return figure;
}

// The first round is measured like the others and shown apart: in it, the engine still compiles.
const names = Object.keys(contenders);
const figures = Object.fromEntries([...names, repeat].map((name) => [name, []]));
for (let round = 0; round <= rounds; round += 1) {
  // Whoever comes first or last has no advantage over all rounds.
  const start = round % names.length;
  const order = [...names.slice(start), ...names.slice(0, start)];
  for (const name of order) {
    const file = join(folder, `${round}-${start}.db`);
    const store = await openStore({ file });
    await contenders[name](examples(`warm-${round}`, warmUp), store);
    const items = examples(round, rows);
    figures[name].push(await measure(() => contenders[name](items, store)));
    await store[Symbol.asyncDispose]();
    if (name === hone) figures[repeat].push(await repeatFromStore(file, items));
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const base = figures['plain fetch'];
const summary = (name, from, to) => {
  const list = figures[name].slice(from, to);
  return {
    name,
    wallS: median(list.map(({ wallS }) => wallS)),
    cpuMsPerRow: median(list.map(({ cpuMsPerRow }) => cpuMsPerRow)),
    wallRatio: median(list.map(({ wallS }, at) => wallS / base[from + at].wallS)),
    cpuRatio: median(list.map(({ cpuMsPerRow }, at) => cpuMsPerRow / base[from + at].cpuMsPerRow)),
  };
};
const show = (table) => {
  for (const { name, wallS, cpuMsPerRow, wallRatio, cpuRatio } of table) {
    const ratio = (value) => `(${value.toFixed(2)}×)`;
    console.log(
      `  ${name.padEnd(20)} ${wallS.toFixed(3)} s ${ratio(wallRatio)}   ${cpuMsPerRow.toFixed(3)} ms CPU a row ${ratio(cpuRatio)}`,
    );
  }
};
const table = [...names, repeat].map((name) => summary(name, 1, rounds + 1));
const first = [...names, repeat].map((name) => summary(name, 0, 1));
console.log(
  `${rows} rows, ${latencyMs} ms latency, concurrency ${concurrency}, Node ${process.version}, load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`,
);
console.log(`Median of ${rounds} rounds:`);
show(table);
console.log('First round, after a warm-up of 64 rows alone:');
show(first);
mkdirSync(join(here, '../results'), { recursive: true });
writeFileSync(
  join(here, '../results/throughput.json'),
  `${JSON.stringify({ rows, latencyMs, concurrency, rounds, load: loadavg()[0], table, first }, null, 2)}\n`,
);
rmSync(folder, { recursive: true, force: true });
server.disconnect();
