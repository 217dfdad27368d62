// Whether a verdict can be trusted: how often `improved` comes out among equally good candidates, how often the
// printed interval holds the true difference, and which differences are found.
// Run: npm run verify:proof [-- --mode compare|optimize|power --cells graded --rows 40,80 --runs 400 --out file.jsonl]
//
// compare   the comparison alone, many runs a cell
// optimize  the whole optimize(): ten equally good candidates, the best by noisy validation, tested
// power     how often a true difference is found, as a Markdown table
//
// With --out each finished cell is a line of a file, and cells that are in it are not run again.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareCells, runCompareCell } from './proof/compare-cells.mjs';
import { optimizeCells, runOptimizeCell } from './proof/optimize-cells.mjs';
import { powerTable } from './proof/power-table.mjs';

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'compare' },
    cells: { type: 'string', default: '' },
    rows: { type: 'string', default: '40,80,120,240,400' },
    runs: { type: 'string', default: '400' },
    resamples: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const runs = Number(values.runs);
const rowCounts = values.rows.split(',').map(Number);
const options = { runs, resamples: Number(values.resamples), seed: Number(values.seed) };

if (values.mode === 'power') {
  console.log(await powerTable({ ...options, rowCounts }));
} else {
  await verify();
}

async function verify() {
  const [cells, run] =
    values.mode === 'optimize' ? [optimizeCells, runOptimizeCell] : [compareCells, runCompareCell];
  const done = new Map(readDone().map((line) => [line.key, line]));
  const mostFalse = 0.025 + 3 * Math.sqrt((0.025 * 0.975) / runs);
  // Three points below 95 %, or as far as chance takes so few runs.
  const leastCovered = Math.min(0.92, 0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs));
  console.log(
    `${runs} runs a cell; \`improved\` at most ${percent(mostFalse)}, coverage ${percent(leastCovered)} or more from 50 clusters on`,
  );
  console.log(`${'cell'.padEnd(44)} rows  improved  coverage  incomplete`);
  const failures = [];
  for (const cell of cells.filter(({ name }) => name.includes(values.cells))) {
    for (const rows of rowCounts) {
      const key = `${values.mode}/${cell.name}/${rows}/${runs}/${values.seed}`;
      const result = done.get(key) ?? { key, ...(await run(cell, { ...options, rows })) };
      if (!done.has(key) && values.out !== undefined) {
        appendFileSync(values.out, `${JSON.stringify(result)}\n`);
      }
      const { improved, covered, incomplete, clusters, isMeantToCover } = result;
      const isFalse = improved / runs > mostFalse;
      const isUncovered = isMeantToCover && clusters >= 50 && covered / runs < leastCovered;
      if (isFalse || isUncovered) failures.push(`${cell.name}, ${rows} rows`);
      console.log(
        [
          cell.name.padEnd(44),
          String(rows).padStart(4),
          percent(improved / runs).padStart(9),
          (result.unproven === runs
            ? 'no test'
            : isMeantToCover
              ? percent(covered / runs)
              : 'said so'
          ).padStart(9),
          percent(incomplete / runs).padStart(11),
          isFalse || isUncovered ? ' <-- outside' : '',
        ].join(' '),
      );
    }
  }
  console.log(failures.length === 0 ? 'All within bounds.' : `Outside: ${failures.join('; ')}`);
  if (failures.length > 0) process.exitCode = 1;
}

function readDone() {
  if (values.out === undefined || !existsSync(values.out)) return [];
  return readFileSync(values.out, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
