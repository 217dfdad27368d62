// One million rows through the library with everything stored, and the memory that it took. Rows, answers and
// outcomes lie on disk; in memory there is one number a scorer and row. Run: npm run verify:million [-- rows]
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { evaluate, loadDataset, openStore, predict, signature } from '../dist/public/index.js';
import { exactMatch } from '../dist/public/scorers.js';
import { scriptedModel } from '../dist/public/testing.js';

const rows = Number(process.argv[2] ?? 1_000_000);
const mostMegabytes = 400;
const mostInSecondHalf = 20;

if (globalThis.gc === undefined)
  throw new Error('Run it with node --expose-gc, as npm run verify:million does.');

const labels = ['billing', 'refunds', 'technical_support', 'account_access'];
const words =
  'the parcel came back and nobody told me why my card was charged again for a plan that I left'.split(' ');

function* jsonLines() {
  for (let index = 0; index < rows; index += 1) {
    const text = Array.from({ length: 20 }, (_, at) => words[(index * 7 + at * 3) % words.length]).join(' ');
    yield `${JSON.stringify({ ticket: `Case ${index}: ${text}`, category: labels[index % labels.length] })}\n`;
  }
}

const megabytes = (bytes) => bytes / 1024 / 1024;

/** What is held after a full collection: of the process as the system counts it, and of the heap and buffers. */
async function settled() {
  // Twice and a turn apart: the first collection finds what finalizers then let go.
  for (let pass = 0; pass < 2; pass += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: megabytes(rss), held: megabytes(heapUsed + external) };
}

/** The most that the process ever had in memory, as the kernel counted it. */
async function peakMegabytes() {
  const kernel = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const peak = /VmHWM:\s+(\d+) kB/.exec(kernel);
  return peak === null ? process.resourceUsage().maxRSS / 1024 : Number(peak[1]) / 1024;
}

const show = (name, { rss, held }) =>
  console.log(
    `${name.padEnd(6)} ${rss.toFixed(1).padStart(7)} MB resident, ${held.toFixed(1)} MB held by the heap and buffers`,
  );

const folder = mkdtempSync(join(tmpdir(), 'hone-million-'));
try {
  const file = join(folder, 'rows.jsonl');
  await pipeline(jsonLines, createWriteStream(file));
  const dataset = await loadDataset(file, { expected: ['category'] });
  const store = await openStore({ file: join(folder, 'hone.db') });
  const program = predict(
    signature("ticket -> category: 'billing' | 'refunds' | 'technical_support' | 'account_access'"),
  );
  const model = scriptedModel({
    respond: ({ messages }) => labels[(messages.at(-1)?.content.length ?? 0) % labels.length],
    keepCalls: false,
  });

  const start = await settled();
  show('start', start);
  let half;
  let last;
  let seen = 0;
  const watched = {
    ...dataset,
    async *[Symbol.asyncIterator]() {
      for await (const example of dataset) {
        if (seen === Math.floor(rows / 2)) {
          half = await settled();
          show('half', half);
        }
        // Before the end lets go of what a pass over the rows holds, such as the table of their ids.
        if (seen === rows - 1) {
          last = await settled();
          show('last', last);
        }
        seen += 1;
        if (seen % 100_000 === 0)
          console.log(`${seen} rows, ${megabytes(process.memoryUsage.rss()).toFixed(0)} MB`);
        yield example;
      }
    },
  };

  const started = performance.now();
  const cpu = process.cpuUsage();
  const run = evaluate({
    program,
    dataset: watched,
    scorer: exactMatch('category'),
    model,
    store,
    concurrency: 64,
  });
  const evaluation = await run.result();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const end = await settled();
  show('end', end);
  const peak = await peakMegabytes();

  const outcomes = await store.outcomes.count(evaluation.runId);
  const { answers, bytes } = await store.answers.count();
  await store[Symbol.asyncDispose]();
  const left = statSync(join(folder, 'hone.db')).size;
  console.log(
    `${rows} rows in ${seconds.toFixed(0)} s: ${Math.round(rows / seconds)} rows a second, ${((user + system) / 1000 / rows).toFixed(3)} ms CPU a row, ${outcomes} outcomes and ${answers} answers stored in ${megabytes(bytes).toFixed(0)} MB (${megabytes(left).toFixed(0)} MB closed)`,
  );
  const added = Math.max(...[last, end].flatMap(({ rss, held }) => [rss - half.rss, held - half.held]));
  console.log(
    `peak ${peak.toFixed(1)} MB (at most ${mostMegabytes}), the second half added ${added.toFixed(1)} MB (at most ${mostInSecondHalf})`,
  );
  if (outcomes !== rows || answers !== rows || evaluation.summaries[0]?.rows !== rows)
    throw new Error('Not every row and answer was stored.');
  if (peak > mostMegabytes || added > mostInSecondHalf) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
