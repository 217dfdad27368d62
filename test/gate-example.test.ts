import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadExperiment } from '../src/experiment/experiment-file.ts';
import { gateExperiments } from '../src/experiment/gate-experiments.ts';
import { selectRows } from '../src/experiment/select-rows.ts';
import { renderGateAsMarkdown } from '../src/report/gate-comment.ts';

const folder = 'examples/gate';
const baseline = 'hone/baselines/triage.json';
const load = (file: string) => loadExperiment(readFileSync(`${folder}/${file}`, 'utf8'), { file });
const gateOf = (change: string) =>
  gateExperiments({ baseline: load(baseline), challenger: load(`changes/${change}.json`) });

test('a regression of 8 points on 200 rows fails', async () => {
  const { result, comparison } = await gateOf('regression');
  expect(result).toBe('fail');
  expect(comparison?.scores[0]?.comparison).toMatchObject({ rows: 200 });
  expect(comparison?.scores[0]?.comparison?.difference).toBeCloseTo(-0.08);
});

test('another wording passes', async () => {
  const { result, comparison } = await gateOf('neutral');
  expect(result).toBe('pass');
  expect(comparison?.scores[0]?.verdict).toBe('no-reliable-difference');
});

test('an improvement passes and is called so', async () => {
  const { result, comparison } = await gateOf('improvement');
  expect(result).toBe('pass');
  expect(comparison?.scores[0]?.verdict).toBe('improved');
});

test('the guide shows the comment as it is', async () => {
  const gate = await gateOf('regression');
  const { comparison } = gate;
  const selected = selectRows(comparison?.rows ?? [], { kinds: ['regressed', 'error'] });
  const comment = renderGateAsMarkdown({
    gate,
    baselineWords: `the committed ${baseline}`,
    command: 'hone gate changes/regression.json -o comment.md',
    view: comparison && {
      comparison,
      selected: selected.length,
      shown: selected.slice(0, 50).map((row) => ({ row })),
    },
  });
  const page = readFileSync('docs/guides/gate.md', 'utf8');
  const [, shown = ''] =
    /<!-- begin of the comment -->\n([\s\S]*)<!-- end of the comment -->/.exec(page) ?? [];
  expect(shown).toBe(`${comment}\n`);
});
