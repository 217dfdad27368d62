import { describe, expect, test } from 'vitest';
import { evaluate } from '../evaluation/evaluate.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { compareExperiments } from './compare-experiments.ts';
import { loadExperiment, saveExperiment } from './experiment-file.ts';
import { findExperiment } from './stored-experiment.ts';

async function saved() {
  await using store = await openMemoryStore();
  const rows = Array.from({ length: 12 }, (_, index) => ({
    id: `row-${11 - index}`,
    inputs: { text: `n${index}` },
    expected: { echo: index % 3 === 0 ? 'no' : 'yes' },
  }));
  const run = evaluate({
    program: predict(signature('text -> echo')),
    dataset: rows,
    scorer: exactMatch('echo'),
    model: scriptedModel({ replies: ['yes'] }),
    store,
    trials: 2,
  });
  await run.result();
  const experiment = await findExperiment(store, 'latest');
  const text = await saveExperiment(experiment);
  const loaded = loadExperiment(text, { file: 'base.json' });
  const [comparison] = await compareExperiments({ baseline: loaded, challengers: [experiment], by: 'text' });
  return { text, comparison };
}

describe('a saved experiment', () => {
  test('has the figures that the stored one has, and says nothing of what its rows say', async () => {
    const { text, comparison } = await saved();
    expect(comparison?.counts).toMatchObject({ unchanged: 12, improved: 0, regressed: 0 });
    expect(comparison?.prompt).toEqual([]);
    // The slices come from the side that knows its rows.
    expect(comparison?.slices).toHaveLength(12);
    expect(text).not.toContain('"n3"');
    const ids = [...text.matchAll(/^ {4}\{"id":"([^"]+)","trial":(\d)/gm)].map(
      ([, id, trial]) => `${id}/${trial}`,
    );
    expect(ids.slice(0, 3)).toEqual(['row-0/0', 'row-0/1', 'row-1/0']);
  });

  test.each([
    ['no JSON', (text: string) => text.slice(0, -5)],
    ['another version', (text: string) => text.replace('"schemaVersion": 1', '"schemaVersion": 2')],
    ['a score above 1', (text: string) => text.replace(/"scores":\[\d\]/, '"scores":[2]')],
    ['a score too many', (text: string) => text.replace(/"scores":\[\d\]/, '"scores":[1,1]')],
    ['a row twice', (text: string) => text.replace('"row-1","trial":0', '"row-0","trial":0')],
  ])('with %s is refused by its name', async (_, spoil) => {
    const { text } = await saved();
    expect(spoil(text)).not.toBe(text);
    expect(() => loadExperiment(spoil(text), { file: 'base.json' })).toThrow(
      /base\.json is no saved experiment/,
    );
  });
});
