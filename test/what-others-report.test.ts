import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mcnemarTest } from '../src/evaluation/statistics/mcnemar.ts';
import { compareExperiments } from '../src/experiment/compare-experiments.ts';
import { loadExperiment } from '../src/experiment/experiment-file.ts';

const page = readFileSync('docs/guides/what-others-report.md', 'utf8');
const load = (file: string) => loadExperiment(readFileSync(`examples/gate/${file}`, 'utf8'), { file });

test('the page of what others report says of the two experiments what Hone computes', async () => {
  const [compared] = await compareExperiments({
    baseline: load('hone/baselines/triage.json'),
    challengers: [load('changes/regression.json')],
  });
  const [score] = compared?.scores ?? [];
  const { seedMean, winnerMean, difference, interval, pValue, rows, fixed, broken } = score?.comparison ?? {};
  expect([rows, fixed?.length, broken?.length, score?.verdict]).toEqual([200, 4, 20, 'regressed']);
  expect([seedMean, winnerMean].map((mean) => Math.round(200 * (mean ?? 0)))).toEqual([170, 154]);
  const shown = (value: number | undefined) => Math.abs(value ?? 0).toFixed(2);
  expect(page).toContain(`95 % interval −${shown(interval?.[0])} to −${shown(interval?.[1])}`);
  expect(page).toContain(`−${shown(difference)} |`);
  expect(page).toContain(`p = ${pValue?.toFixed(3)}`);
  expect(page).toContain(`${shown(score?.comparison?.minimumDetectableEffect)}, printed beside the interval`);
  expect(page).toContain(
    `p = ${mcnemarTest({ onlyBaseline: 5, onlyChallenger: 1 }).pValue.toFixed(1)} with 1 fixed`,
  );
});
