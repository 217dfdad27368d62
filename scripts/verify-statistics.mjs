// Simulates comparisons of two candidates that are equally good, and intervals of known means: how often a difference is
// found that is not there (fixed looks, and a look after every row), and how often an interval holds the truth.
// Run: npm run verify:statistics [-- --runs 2000] [--rows 50,200,1000]

import { parseArgs } from 'node:util';
import { binomialPmf } from '../dist/base/distributions.js';
import { createRandom } from '../dist/base/random.js';
import { compareScores } from '../dist/evaluation/compare.js';
import { gradedEvidence } from '../dist/evaluation/statistics/graded-evidence.js';
import { mcnemarTest } from '../dist/evaluation/statistics/mcnemar.js';
import { pairedEvidence } from '../dist/evaluation/statistics/paired-evidence.js';
import { summarizeScores } from '../dist/evaluation/statistics/streaming-summary.js';
import { wilsonInterval } from '../dist/evaluation/statistics/wilson.js';

const { values: given } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    rows: { type: 'string', default: '50,200,1000' },
    only: { type: 'string', default: 'fixed,continuous,coverage' },
  },
});
const runs = Number(given.runs);
const sizes = given.rows.split(',').map(Number);
const only = new Set(given.only.split(','));
const alpha = 0.05;
const mostFalse = alpha + 0.015;
const resamples = 2_000;
const failures = [];
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** How good two equal candidates are on one row: the same chance for both, drawn anew for each row. */
const populations = {
  // Most rows are easy or hard for both, as in practice: answers agree on most of them.
  'pass/fail': {
    passFail: true,
    row: (random) => {
      const kind = random.next();
      return kind < 0.5 ? 0.97 : kind < 0.7 ? 0.1 : 0.3 + 0.5 * random.next();
    },
    score: (chance, random) => (random.next() < chance ? 1 : 0),
  },
  graded: {
    passFail: false,
    row: (random) => 0.2 + 0.7 * random.next(),
    score: (level, random) => clamp(level + 0.35 * (random.next() + random.next() - 1)),
  },
  // One answer in twelve loses everything: the spread that is seen is not the spread there is.
  'graded, rare losses': {
    passFail: false,
    row: (random) => 0.75 + 0.2 * random.next(),
    score: (level, random) => (random.next() < 1 / 12 ? 0 : level),
  },
};
const clamp = (value) => Math.min(1, Math.max(0, value));

function pairsOf(population, rows, random) {
  return Array.from({ length: rows }, (_, index) => {
    const level = population.row(random);
    return {
      exampleId: String(index),
      seed: population.score(level, random),
      winner: population.score(level, random),
    };
  });
}

/** The verdict of both directions, as `hone compare` gives it. */
function fixedLook(pairs, { passFail }, random) {
  const { verdict, pValue, interval, intervalMethod } = compareScores({ pairs, passFail, random, resamples });
  return {
    isFalse: verdict === 'improved' || (pValue <= alpha && interval[1] < 0),
    covers: interval[0] <= 0 && interval[1] >= 0,
    method: intervalMethod,
  };
}

/** Whether evidence reaches 1 / alpha at any row; and what a test meant for one look says when it is asked at every row. */
function continuousLooks(pairs, { passFail }) {
  if (passFail) {
    let onlyBaseline = 0;
    let onlyChallenger = 0;
    let isFalse = false;
    let isNaive = false;
    for (const { seed, winner } of pairs) {
      if (seed === winner) continue;
      if (winner > seed) onlyChallenger += 1;
      else onlyBaseline += 1;
      isFalse ||= pairedEvidence({ onlyBaseline, onlyChallenger }).twoSided >= 1 / alpha;
      isNaive ||= mcnemarTest({ onlyBaseline, onlyChallenger }).pValue <= alpha;
    }
    return { isFalse, isNaive };
  }
  const evidence = gradedEvidence();
  let isFalse = false;
  let isNaive = false;
  let sum = 0;
  let squares = 0;
  for (const [index, { seed, winner }] of pairs.entries()) {
    const difference = winner - seed;
    evidence.add(difference);
    isFalse ||= evidence.twoSided >= 1 / alpha;
    sum += difference;
    squares += difference ** 2;
    isNaive ||= index >= 9 && Math.abs(sum) > 1.96 * Math.sqrt(squares);
  }
  return { isFalse, isNaive };
}

console.log(
  `A/A simulation: ${runs} runs a cell, alpha ${alpha}. Limit of false improved and false regressed: ${percent(mostFalse)}.`,
);
for (const [name, population] of Object.entries(
  only.has('fixed') || only.has('continuous') ? populations : {},
)) {
  for (const rows of sizes) {
    const counts = { fixed: 0, covered: 0, continuous: 0, naive: 0 };
    const methods = new Set();
    for (let run = 0; run < runs; run += 1) {
      const random = createRandom(`${name}/${rows}/${run}`);
      const pairs = pairsOf(population, rows, random);
      if (only.has('fixed')) {
        const { isFalse, covers, method } = fixedLook(pairs, population, random.fork('compare'));
        counts.fixed += Number(isFalse);
        counts.covered += Number(covers);
        methods.add(method);
      }
      if (only.has('continuous')) {
        const { isFalse, isNaive } = continuousLooks(pairs, population);
        counts.continuous += Number(isFalse);
        counts.naive += Number(isNaive);
      }
    }
    const cell = `${name}, n = ${rows}`;
    const said = [];
    if (only.has('fixed')) {
      said.push(
        `one look ${percent(counts.fixed / runs)}`,
        `difference covered ${percent(counts.covered / runs)} (${[...methods].join(', ')})`,
      );
      if (counts.fixed / runs > mostFalse)
        failures.push(`${cell}: false verdicts ${percent(counts.fixed / runs)}`);
      checkCoverage(`${cell}, difference`, counts.covered / runs, {
        rows,
        isWidened: methods.has('bca-widened'),
      });
    }
    if (only.has('continuous')) {
      said.push(
        `a look after every row ${percent(counts.continuous / runs)}`,
        `by a test for one look ${percent(counts.naive / runs)}`,
      );
      if (counts.continuous / runs > mostFalse)
        failures.push(`${cell}: false evidence ${percent(counts.continuous / runs)}`);
    }
    console.log(`${cell}: ${said.join('; ')}`);
  }
}

/** Nominal is 95 %; two points less is a failure, and two more unless the interval says that it is wider. */
function checkCoverage(cell, covered, { rows, isWidened = false }) {
  if (rows < 50) return;
  if (covered < 0.93 || (covered > 0.97 && !isWidened))
    failures.push(`${cell}: coverage ${percent(covered)}`);
}

/** Of passes and fails every sample can be counted out, by its number of passes. */
function exactCoverage(rows, mean) {
  let covered = 0;
  for (let passes = 0; passes <= rows; passes += 1) {
    const [low, high] = wilsonInterval({ successes: passes, rows });
    if (low <= mean && mean <= high) covered += binomialPmf(passes, { trials: rows, chance: mean });
  }
  return { covered, isWidened: false };
}

/** With four times the runs, which cost little here: one standard error is then a quarter of a point. */
function simulatedCoverage({ name, rows, mean, draw }) {
  let covered = 0;
  let isWidened = false;
  for (let run = 0; run < 4 * runs; run += 1) {
    const random = createRandom(`mean/${name}/${rows}/${run}`);
    const outcomes = Array.from({ length: rows }, () => ({ status: 'scored', value: draw(random) }));
    const { interval, note } = summarizeScores(outcomes, { name, passFail: false, random });
    covered += Number(interval[0] <= mean && mean <= interval[1]);
    isWidened ||= note !== undefined;
  }
  return { covered: covered / (4 * runs), isWidened };
}

if (only.has('coverage')) {
  const means = {
    'pass/fail 0.5': { passFail: true, mean: 0.5 },
    'pass/fail 0.8': { passFail: true, mean: 0.8 },
    'pass/fail 0.95': { passFail: true, mean: 0.95 },
    'graded, even': { passFail: false, mean: 0.5, draw: (random) => random.next() },
    'graded, skewed': { passFail: false, mean: 0.75, draw: (random) => 1 - random.next() ** 3 },
  };
  console.log(
    `Coverage of the 95 % interval of one mean, counted out for pass/fail, ${4 * runs} runs a cell for graded scores:`,
  );
  for (const [name, { passFail, mean, draw }] of Object.entries(means)) {
    const shown = [];
    for (const rows of [...new Set([10, 20, 30, ...sizes])]) {
      const { covered, isWidened } = passFail
        ? exactCoverage(rows, mean)
        : simulatedCoverage({ name, rows, mean, draw });
      shown.push(`n = ${rows}: ${percent(covered)}`);
      checkCoverage(`${name}, n = ${rows}`, covered, { rows, isWidened });
    }
    console.log(`${name}: ${shown.join('; ')}`);
  }
}

if (failures.length > 0) {
  console.log(`Out of bounds:\n  ${failures.join('\n  ')}`);
  process.exitCode = 1;
} else console.log('Everything within its bounds.');
