// How often a true difference is found, for pass/fail and graded scores.
import { createRandom } from '../../dist/base/random.js';
import { compareScores } from '../../dist/evaluation/compare.js';
import { clip, normal } from './landscapes.mjs';

const differences = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3];
const kinds = [
  // A fifth of the rows differ; the difference decides which way.
  {
    name: 'pass/fail, a fifth of the rows differ',
    passFail: true,
    pair: (random, difference) => differing(random, Math.max(0.2, difference), difference),
  },
  {
    name: 'pass/fail, two fifths differ',
    passFail: true,
    pair: (random, difference) => differing(random, 0.4, difference),
  },
  { name: 'graded, differences spread by 0.1', passFail: false, pair: spread(0.1) },
  { name: 'graded, differences spread by 0.3', passFail: false, pair: spread(0.3) },
];

export async function powerTable({ runs, rowCounts, resamples, seed }) {
  const lines = [
    `| Test rows | ${differences.map((difference) => `+${difference}`).join(' | ')} |`,
    `| ---: | ${differences.map(() => '---:').join(' | ')} |`,
  ];
  const tables = kinds.map(({ name, passFail, pair }) => {
    const body = rowCounts.map((rows) => {
      const shares = differences.map((difference) => {
        let found = 0;
        for (let run = 0; run < runs; run += 1) {
          const random = createRandom(`${seed}/power/${name}/${rows}/${difference}/${run}`);
          const draw = random.fork('rows');
          const pairs = Array.from({ length: rows }, (_, index) => ({
            exampleId: `${index}`,
            ...pair(draw, difference),
          }));
          if (compareScores({ pairs, passFail, resamples, random }).verdict === 'improved') found += 1;
        }
        return `${Math.round((100 * found) / runs)} %`;
      });
      return `| ${rows} | ${shares.join(' | ')} |`;
    });
    return [`**${name}**`, '', ...lines, ...body].join('\n');
  });
  return tables.join('\n\n');
}

function differing(random, share, difference) {
  const place = random.next();
  if (place < (share + difference) / 2) return { seed: 0, winner: 1 };
  if (place < share) return { seed: 1, winner: 0 };
  const both = random.next() < 0.6 ? 1 : 0;
  return { seed: both, winner: both };
}

function spread(deviation) {
  return (random, difference) => {
    const change = Math.max(-1, Math.min(1, difference + deviation * normal(random)));
    return change >= 0 ? { seed: 0, winner: clip(change) } : { seed: clip(-change), winner: 0 };
  };
}
