// The main job over several seeds, each from nothing: the example's vague prompt goes in, the embedded model
// answers, and the report says whether the winner is proven. Run: npm run verify:main-job [-- 1 2 3]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './run.mjs';

const asked = process.argv.slice(2).map(Number);
const seeds = asked.length > 0 ? asked : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const medianNeeded = 0.85;
const gainNeeded = 0.25;

function optimize(seed, folder) {
  const example = join(root, 'examples', 'support-tickets');
  const parameters = [
    join(root, 'dist', 'cli', 'main.js'),
    ...['optimize', join(example, 'prompt.md'), '--data', join(example, 'tickets.csv')],
    ...['--expected', 'category', '--seed', String(seed), '--yes', '--quiet'],
  ];
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    env: { ...process.env, HONE_DIR: join(folder, '.hone') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.once('exit', resolve));
}

const format = (value) => (value === undefined ? '    –' : value.toFixed(3));
const results = [];
console.log(
  'seed  verdict                   seed  calibrated  winner  difference [95 % interval]    p        seconds',
);
for (const seed of seeds) {
  const folder = mkdtempSync(join(tmpdir(), 'hone-main-job-'));
  const code = await optimize(seed, folder);
  if (code !== 0) throw new Error(`Seed ${seed} ended with exit code ${code}.`);
  const { sealedTest: test, usage } = JSON.parse(
    readFileSync(join(folder, '.hone', 'reports', 'latest.json'), 'utf8'),
  );
  rmSync(folder, { recursive: true, force: true });
  results.push({ ...test, seconds: usage.wallMs / 1000 });
  const [low, high] = test.interval;
  console.log(
    [
      String(seed).padStart(4),
      test.verdict.padEnd(24),
      format(test.seed),
      `     ${format(test.controls.find(({ name }) => name === 'calibrated seed')?.mean)}`,
      ` ${format(test.winner)}`,
      `      ${format(test.difference)} [${format(low)}, ${format(high)}]`,
      `   ${test.pValue.toExponential(1)}`,
      (usage.wallMs / 1000).toFixed(0).padStart(7),
    ].join('  '),
  );
}

const winners = results.map(({ winner }) => winner).sort((a, b) => a - b);
const middle = winners.length / 2;
const median = (winners[Math.ceil(middle) - 1] + winners[Math.floor(middle)]) / 2;
const improved = results.filter(({ verdict }) => verdict === 'improved').length;
const gains = results.filter(({ difference }) => difference >= gainNeeded).length;
const slowest = Math.max(...results.map(({ seconds }) => seconds));
console.log(
  `median winner ${median.toFixed(3)}, improved ${improved} of ${results.length}, gain of ${gainNeeded} or more in ${gains}, slowest ${slowest.toFixed(0)} s`,
);
if (median < medianNeeded || improved < 0.9 * results.length) process.exitCode = 1;
