// The comparison alone, on rows whose true difference is known.
import { createRandom } from '../../dist/base/random.js';
import { compareScores } from '../../dist/evaluation/compare.js';
import { landscapes } from './landscapes.mjs';

const plain = (name) => ({
  name,
  ...landscapes[name],
  pairs: rowsOf(landscapes[name].row),
  isMeantToCover: true,
});
const passFail = landscapes['pass-fail, symmetric'].row;
const graded = landscapes['graded, symmetric'].row;
const rare = landscapes['graded, rare losses 5 %'].row;

/** Cells by name: how a sample of so many rows is drawn. */
export const compareCells = [
  ...Object.keys(landscapes).map(plain),
  ...[2, 4, 5, 10].flatMap((size) => [
    grouped(`pass-fail, copies in groups of ${size}`, { passFail: true, pairs: copies(passFail, size) }),
    grouped(`pass-fail, alike in groups of ${size}`, { passFail: true, pairs: alike(passFail, size) }),
    grouped(`graded, copies in groups of ${size}`, { passFail: false, pairs: copies(graded, size) }),
    grouped(`graded, rare losses in groups of ${size}`, { passFail: false, pairs: copies(rare, size) }),
  ]),
  grouped('pass-fail, unequal groups', { passFail: true, pairs: unequal(passFail) }),
  grouped('graded, unequal groups', { passFail: false, pairs: unequal(graded) }),
  ...[5, 20].flatMap((count) => [
    grouped(`pass-fail, ${count} equal trials`, { passFail: true, pairs: trials(passFail, count, true) }),
    grouped(`pass-fail, ${count} trials`, { passFail: true, pairs: trials(passFail, count, false) }),
    grouped(`graded, ${count} trials`, { passFail: false, pairs: trials(graded, count, false) }),
  ]),
  ...[true, false].flatMap((isPassFail) => {
    const kind = isPassFail ? 'pass-fail' : 'graded';
    const row = isPassFail ? passFail : graded;
    return [
      missing(`${kind}, winner abstains where it fails`, {
        isPassFail,
        row,
        side: 'winner',
        as: 'unscored',
        share: 0.5,
        when: ({ winner }) => winner < 0.5,
      }),
      missing(`${kind}, winner abstains anywhere`, {
        isPassFail,
        row,
        side: 'winner',
        as: 'unscored',
        share: 0.2,
        when: () => true,
      }),
      missing(`${kind}, seed abstains anywhere`, {
        isPassFail,
        row,
        side: 'seed',
        as: 'unscored',
        share: 0.2,
        when: () => true,
      }),
      missing(`${kind}, winner loses rows it fails`, {
        isPassFail,
        row,
        side: 'winner',
        as: 'lost',
        share: 0.09,
        when: ({ winner }) => winner < 0.5,
      }),
      missing(`${kind}, seed loses rows it passes`, {
        isPassFail,
        row,
        side: 'seed',
        as: 'lost',
        share: 0.09,
        when: ({ seed }) => seed > 0.5,
      }),
      missing(`${kind}, winner loses rows anywhere`, {
        isPassFail,
        row,
        side: 'winner',
        as: 'lost',
        share: 0.04,
        when: () => true,
      }),
    ];
  }),
];

export function runCompareCell(cell, { runs, rows, resamples, seed }) {
  const counts = { improved: 0, covered: 0, incomplete: 0 };
  let clusters = 0;
  for (let run = 0; run < runs; run += 1) {
    const random = createRandom(`${seed}/${cell.name}/${rows}/${run}`);
    const comparison = compareScores({
      pairs: cell.pairs(random.fork('rows'), rows),
      passFail: cell.passFail,
      resamples,
      random,
    });
    const [low, high] = comparison.interval;
    clusters += comparison.clusters;
    if (comparison.verdict === 'improved') counts.improved += 1;
    if (comparison.verdict === 'incomplete') counts.incomplete += 1;
    if (low <= 1e-12 && high >= -1e-12) counts.covered += 1;
  }
  return { ...counts, clusters: clusters / runs, isMeantToCover: cell.isMeantToCover };
}

function grouped(name, cell) {
  return { name, isMeantToCover: true, ...cell };
}

function rowsOf(row) {
  return (random, count) =>
    Array.from({ length: count }, (_, index) => ({ exampleId: `${index}`, ...row(random, 0) }));
}

/** Every row so many times, with the same answers. */
function copies(row, size) {
  return (random, count) =>
    rowsOf(row)(random, Math.ceil(count / size)).flatMap((pair, group) =>
      Array.from({ length: size }, (_, copy) => ({
        ...pair,
        exampleId: `${group}-${copy}`,
        cluster: `${group}`,
      })),
    );
}

/** Rows of a group are mostly answered alike: each takes the group's answer three times in four. */
function alike(row, size) {
  return (random, count) =>
    Array.from({ length: Math.ceil(count / size) }, (_, group) => {
      const shared = row(random, 0);
      return Array.from({ length: size }, (_, member) => {
        const scores = random.next() < 0.75 ? shared : row(random, 0);
        return { exampleId: `${group}-${member}`, cluster: `${group}`, ...scores };
      });
    }).flat();
}

/** Groups of 1 to 10 copies; the same scores in each. */
function unequal(row) {
  return (random, count) => {
    const pairs = [];
    for (let group = 0; pairs.length < count; group += 1) {
      const scores = row(random, 0);
      const size = random.next() < 0.5 ? 1 : 1 + random.integer(10);
      for (let copy = 0; copy < size; copy += 1) {
        pairs.push({ exampleId: `${group}-${copy}`, cluster: `${group}`, ...scores });
      }
    }
    return pairs;
  };
}

/** Several answers to each row: all alike, or each drawn anew for the same row. */
function trials(row, count, areEqual) {
  return (random, rows) =>
    Array.from({ length: rows }, (_, index) => {
      const first = row(random, 0);
      return Array.from({ length: count }, () => {
        const again = random.next() < 0.5 ? first : row(random, 0);
        return { exampleId: `${index}`, ...(areEqual ? first : again) };
      });
    }).flat();
}

/** One side has no score where its score is of a kind; what it would have had is equally good. */
function missing(name, { isPassFail, row, side, as, share, when }) {
  return {
    name,
    passFail: isPassFail,
    isMeantToCover: false,
    pairs: (random, count) =>
      rowsOf(row)(random, count).map((pair) =>
        when(pair) && random.next() < share ? { ...pair, [side]: as } : pair,
      ),
  };
}
