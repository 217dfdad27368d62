// The whole optimize(): ten candidates as good as the seed, the best of them by noisy validation, tested at the end.
// What a candidate scores on a row is a function of both names, so all runs are repeatable.

import { HoneError } from '../../dist/base/errors.js';
import { createRandom } from '../../dist/base/random.js';
import { optimize } from '../../dist/optimizer/driver/optimize.js';
import { predict } from '../../dist/program/predict.js';
import { signature } from '../../dist/signature/shorthand.js';
import { openMemoryStore } from '../../dist/store/open-store.js';
import { scriptedModel } from '../../dist/testing/scripted-model.js';
import { clip, normal } from './landscapes.mjs';

const candidates = 10;
const seedName = 'Candidate 0';

/** What a candidate gets for a row: 0 to 1, or why it gets nothing. `isSeed` where the two sides differ. */
const landscapes = {
  'pass-fail, symmetric': { passFail: true, score: passFail },
  'graded, symmetric': {
    passFail: false,
    score: ({ row, answer }) => clip(0.2 + 0.6 * row.next() + 0.2 * normal(answer)),
  },
  'graded, rare losses 2 %': { passFail: false, score: rareLoss(0.02) },
  'graded, rare losses 5 %': { passFail: false, score: rareLoss(0.05) },
  'pass-fail, groups of 2': { passFail: true, groupSize: 2, score: passFail },
  'pass-fail, groups of 5': { passFail: true, groupSize: 5, score: passFail },
  'pass-fail, groups of 10': { passFail: true, groupSize: 10, score: passFail },
  'graded, rare losses in groups of 4': { passFail: false, groupSize: 4, score: rareLoss(0.05) },
  'pass-fail, three trials of validation': { passFail: true, trials: 3, score: passFail },
  'pass-fail, winner abstains where it fails': {
    passFail: true,
    score: (of) => (passFail(of) === 0 && !of.isSeed && of.answer.next() < 0.5 ? 'unscored' : passFail(of)),
  },
  'pass-fail, winner loses rows it fails': {
    passFail: true,
    score: (of) => (passFail(of) === 0 && !of.isSeed && of.answer.next() < 0.09 ? 'lost' : passFail(of)),
  },
  'pass-fail, seed loses rows it passes': {
    passFail: true,
    score: (of) => (passFail(of) === 1 && of.isSeed && of.answer.next() < 0.09 ? 'lost' : passFail(of)),
  },
};

/** By name, so that one landscape can be asked twice for the same answer. */
function passFail({ row, answer }) {
  return answer.fork('right').next() < row.fork('ease').next() ? 1 : 0;
}

function rareLoss(share) {
  return ({ answer, isSeed }) => {
    if (isSeed) return 0.6;
    return answer.next() < share ? 0 : 0.6 + (0.6 * share) / (1 - share);
  };
}

export const optimizeCells = Object.entries(landscapes).map(([name, cell]) => ({ name, ...cell }));

export async function runOptimizeCell(cell, { runs, rows, seed }) {
  const counts = { improved: 0, covered: 0, incomplete: 0, unproven: 0, crossFitted: 0 };
  let clusters = 0;
  for (let run = 0; run < runs; run += 1) {
    const { verdict, sealedTest } = await runOnce(cell, {
      rows,
      seed: `${seed}/${cell.name}/${rows}/${run}`,
    });
    if (verdict === 'improved') counts.improved += 1;
    if (verdict === 'incomplete') counts.incomplete += 1;
    if (sealedTest === undefined) {
      counts.unproven += 1;
      continue;
    }
    if (sealedTest.method === 'cross-fit') counts.crossFitted += 1;
    clusters += sealedTest.clusters;
    const [low, high] = sealedTest.interval;
    if (low <= 1e-12 && high >= -1e-12) counts.covered += 1;
  }
  const proven = runs - counts.unproven;
  return {
    ...counts,
    // As a share of all runs, so that it is read like the others.
    covered: proven === 0 ? 0 : (counts.covered * runs) / proven,
    clusters: proven === 0 ? 0 : clusters / proven,
    isMeantToCover: !cell.name.includes('abstains') && !cell.name.includes('loses'),
  };
}

async function runOnce(cell, { rows, seed }) {
  const store = await openMemoryStore();
  try {
    const run = optimize({
      program: predict(signature('text -> value: number', { instructions: seedName })),
      dataset: dataset(rows, { seed, groupSize: cell.groupSize ?? 1 }),
      scorer: scorer(cell),
      model: model(cell, seed),
      optimizer: () => tenCandidates(cell.trials ?? 1),
      store,
      cache: 'off',
      evenIfSaturated: true,
      concurrency: 64,
    });
    const { verdict, report } = await run.result();
    return { verdict, sealedTest: report.sealedTest };
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** Rows of words that no two share, so that no row looks like a copy of another. */
function dataset(count, { seed, groupSize }) {
  const random = createRandom(`${seed}/rows`);
  const word = () => Array.from({ length: 7 }, () => String.fromCharCode(97 + random.integer(26))).join('');
  return Array.from({ length: count }, (_, index) => {
    const text = `row-${index} ${Array.from({ length: 6 }, word).join(' ')}`;
    const group = Math.floor(index / groupSize);
    return { id: `row-${index}`, inputs: { text }, ...(groupSize > 1 && { group: `group-${group}` }) };
  });
}

/** Rows of a group get the same answers. */
function model({ score, groupSize = 1 }, seed) {
  return scriptedModel({
    keepCalls: false,
    respond: ({ messages }) => {
      const asked = messages.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n');
      const candidate = /Candidate \d+/.exec(asked)?.[0] ?? seedName;
      const row = Math.floor(Number(/row-(\d+)/.exec(asked)?.[1]) / groupSize);
      const value = score({
        row: createRandom(`${seed}/${row}`),
        answer: createRandom(`${seed}/${row}/${candidate}`),
        isSeed: candidate === seedName,
      });
      if (value === 'lost') {
        throw new HoneError('The server refused this row.', { code: 'HONE_MODEL_REJECTED' });
      }
      return JSON.stringify({ value: value === 'unscored' ? -1 : value });
    },
  });
}

function scorer({ passFail: isPassFail }) {
  return {
    name: 'landscape',
    version: '1',
    passFail: isPassFail,
    score: ({ outputs: { value } }) =>
      value < 0 ? { status: 'unscored', reason: 'Abstained.' } : { status: 'scored', value },
  };
}

/** Proposes ten candidates, scores all on validation and returns the highest mean. */
function tenCandidates(trials) {
  return {
    name: 'best-of-ten',
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: false },
    estimate: ({ validation, callsPerRow }) => ({
      task: candidates * validation * trials * callsPerRow,
      reflection: 0,
    }),
    async *optimize({ program, validation, admit, evaluate }) {
      const { name } = program.parameters.find(({ kind }) => kind === 'text');
      const drafts = Array.from({ length: candidates }, (_, index) => ({
        changes: { [name]: { kind: 'text', text: `Candidate ${index + 1}` } },
        origin: `candidate ${index + 1}`,
      }));
      const admitted = admit(drafts).flatMap((admission) =>
        'candidate' in admission ? [admission.candidate] : [],
      );
      const means = await Promise.all(
        admitted.map(async (candidate) => {
          let sum = 0;
          for (let trial = 0; trial < trials; trial += 1) {
            sum += (await evaluate(candidate, validation, { trial })).mean ?? -1;
          }
          return { candidate, mean: sum / trials };
        }),
      );
      return means.reduce((best, next) => (next.mean > best.mean ? next : best)).candidate;
    },
  };
}
