// Compares two experiments of 100,000 rows each, pass/fail and graded, and holds time and memory to their limits; then
// `hone gate` on 1,000 rows, as a command.
// Run: npm run verify:compare [-- rows]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  compareExperiments,
  evaluate,
  findExperiment,
  openStore,
  predict,
  signature,
} from '../dist/public/index.js';
import { scorer } from '../dist/public/scorers.js';
import { scriptedModel } from '../dist/public/testing.js';

const longestSeconds = 3;
const mostMegabytes = 500;
const longestGateSeconds = 2;

const [task = 'all', folder = '', rowsText = '100000'] = process.argv.slice(2);
const rows = Number(rowsText);

/** A number from 0 to 1 that a row and a side always have. */
const noise = (index, side) =>
  ((Math.imul(index + 1, 2_654_435_761) ^ Math.imul(side + 7, 40_503 * 65_537)) >>> 0) / 2 ** 32;

async function write(isGraded) {
  const store = await openStore({ folder });
  for (const side of [0, 1]) {
    const score = scorer(
      isGraded ? 'graded' : 'right',
      ({ inputs }) => {
        const index = Number(inputs.n);
        return isGraded ? noise(index, side) : Number(noise(index, side) < 0.8);
      },
      { passFail: !isGraded },
    );
    const run = evaluate({
      program: predict(signature('n -> answer')),
      dataset: Array.from({ length: rows }, (_, index) => ({
        id: `row-${index}`,
        inputs: {
          n: String(index),
          text: 'A ticket of the usual length that says what went wrong with an order.',
        },
        expected: { answer: 'yes' },
      })),
      scorer: score,
      model: scriptedModel({ replies: ['yes'], keepCalls: false }),
      store,
      concurrency: 64,
      cache: 'off',
    });
    await run.result();
  }
  await store[Symbol.asyncDispose]();
}

async function compare() {
  const store = await openStore({ folder });
  const started = performance.now();
  const [comparison] = await compareExperiments({
    baseline: await findExperiment(store, 'latest~1'),
    challengers: [await findExperiment(store, 'latest')],
  });
  const seconds = (performance.now() - started) / 1000;
  const kernel = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const peak = /VmHWM:\s+(\d+) kB/.exec(kernel);
  const megabytes = (peak === null ? process.resourceUsage().maxRSS : Number(peak[1])) / 1024;
  const [{ comparison: figures, verdict }] = comparison.scores;
  console.log(
    JSON.stringify({
      seconds,
      megabytes,
      rows: figures.rows,
      verdict,
      test: figures.test,
      note: figures.note,
    }),
  );
  await store[Symbol.asyncDispose]();
}

function inProcess(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...words], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

if (task === 'write-graded' || task === 'write-right') await write(task === 'write-graded');
else if (task === 'compare') await compare();
else {
  const size = task === 'all' ? '100000' : task;
  let isWithin = true;
  for (const kind of ['right', 'graded']) {
    const place = mkdtempSync(join(tmpdir(), 'hone-compare-'));
    try {
      inProcess(`write-${kind}`, place, size);
      const { seconds, megabytes, ...figures } = JSON.parse(inProcess('compare', place, size));
      isWithin &&= seconds < longestSeconds && megabytes < mostMegabytes;
      console.log(`${kind}: ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`, figures);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
  const place = mkdtempSync(join(tmpdir(), 'hone-gate-'));
  try {
    inProcess('write-right', join(place, '.hone'), '1000');
    const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [main, 'gate', '--baseline', 'latest~1'], {
      cwd: place,
      encoding: 'utf8',
    });
    const seconds = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(stderr);
    isWithin &&= seconds < longestGateSeconds;
    console.log(`gate of 1,000 rows: ${seconds.toFixed(2)} s`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  console.log(
    isWithin
      ? `within ${longestSeconds} s and ${mostMegabytes} MB, and ${longestGateSeconds} s`
      : 'OVER THE LIMIT',
  );
  process.exitCode = isWithin ? 0 : 1;
}
