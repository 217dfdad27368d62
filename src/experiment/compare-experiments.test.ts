import { describe, expect, test } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { contentText } from '../model/content.ts';
import type { ModelRequest } from '../model/model.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { compareExperiments } from './compare-experiments.ts';
import type { Experiment } from './experiment.ts';
import { findExperiment } from './stored-experiment.ts';

function rowsOf(count: number, change: (index: number) => Partial<Example> = () => ({})): readonly Example[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    inputs: { text: `n${index}`, kind: index % 2 === 0 ? 'even' : 'odd' },
    expected: { echo: `n${index}` },
    ...change(index),
  }));
}

interface Given {
  readonly rows?: readonly Example[];
  readonly instructions?: string;
  /** Whether row n is answered right. */
  readonly isRight?: (index: number) => boolean;
  readonly trials?: number;
  readonly scorer?: ReturnType<typeof exactMatch>;
  readonly costUsd?: number;
}

async function experiment(store: Store, given: Given = {}): Promise<Experiment> {
  const { rows = rowsOf(60), isRight = () => true, instructions = 'Echo.', trials, costUsd = 0.001 } = given;
  const asked = ({ messages }: ModelRequest) =>
    /text: n(\d+)/i.exec(contentText(messages.at(-1)?.content ?? ''))?.[1] ?? '';
  const run = evaluate({
    program: predict(signature('text, kind -> echo', { instructions })),
    dataset: rows,
    scorer: given.scorer ?? exactMatch('echo'),
    model: scriptedModel({
      respond: (request) => ({
        text: isRight(Number(asked(request))) ? `n${asked(request)}` : 'wrong',
        costUsd,
      }),
    }),
    store,
    trials,
    cache: 'off',
  });
  return findExperiment(store, (await run.result()).runId);
}

async function compare(baseline: Experiment, challenger: Experiment, by?: string) {
  const [comparison] = await compareExperiments({ baseline, challengers: [challenger], by });
  if (comparison === undefined) throw new Error('no comparison');
  return comparison;
}

describe('an experiment', () => {
  test('is a snapshot of what was measured, how and where', async () => {
    await using store = await openMemoryStore();
    const { snapshot, parameters } = await experiment(store);
    expect(snapshot).toMatchObject({
      dataset: { name: 'rows', rows: 60 },
      split: 'all',
      scorers: [{ name: 'exact-match(echo)', passFail: true, failValue: 0 }],
      models: { task: 'scripted/model' },
      trials: 1,
    });
    expect(parameters).toMatchObject({ 'answer.instructions': { text: 'Echo.' } });
  });

  test('has another dataset version when a row, a label or the order is another one', async () => {
    await using store = await openMemoryStore();
    const versionOf = async (rows: readonly Example[]) =>
      (await experiment(store, { rows })).snapshot.dataset.version;
    const first = await versionOf(rowsOf(5));
    expect(await versionOf(rowsOf(5))).toBe(first);
    expect(await versionOf(rowsOf(6))).not.toBe(first);
    expect(await versionOf([...rowsOf(5)].reverse())).not.toBe(first);
    expect(await versionOf(rowsOf(5, () => ({ expected: { echo: 'other' } })))).not.toBe(first);
  });

  test('is found by its id, its name and how long ago it was, and an unknown one is refused', async () => {
    await using store = await openMemoryStore();
    const first = await experiment(store);
    const second = await experiment(store);
    expect((await findExperiment(store, 'latest')).id).toBe(second.id);
    expect((await findExperiment(store, 'latest~1')).id).toBe(first.id);
    expect((await findExperiment(store, second.name)).id).toBe(second.id);
    await expect(findExperiment(store, 'latest~2')).rejects.toMatchObject({ code: 'HONE_RUN_NOT_FOUND' });
  });
});

describe('two experiments side by side', () => {
  test('say what improved, what regressed, with an interval, the costs and what changed in the prompt', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store, { isRight: (index) => index % 3 !== 0 });
    const challenger = await experiment(store, {
      instructions: 'Echo exactly.',
      isRight: (index) => index !== 1,
      costUsd: 0.003,
    });
    const { scores, counts, rows, deltas, prompt, notes } = await compare(baseline, challenger);
    expect(scores).toMatchObject([{ name: 'exact-match(echo)', verdict: 'improved' }]);
    expect(scores[0]?.comparison?.difference).toBeCloseTo(19 / 60);
    expect(counts).toEqual({ improved: 20, regressed: 1, unchanged: 39, error: 0, unscored: 0 });
    expect(rows.find(({ id }) => id === 'row-1')).toMatchObject({
      change: 'regressed',
      flip: 'broken',
      delta: -1,
    });
    expect(deltas[0]).toMatchObject({ name: 'cost', rows: 60 });
    expect(deltas[0]?.difference).toBeCloseTo(0.002);
    expect(prompt?.map(({ name }) => name)).toEqual(['answer.instructions']);
    expect(notes).toEqual([]);
  });

  test('call a proven loss regressed, and noise no reliable difference', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store);
    const worse = await experiment(store, { isRight: (index) => index % 4 !== 0 });
    const alike = await experiment(store, { isRight: (index) => index !== 5 });
    expect((await compare(baseline, worse)).scores[0]?.verdict).toBe('regressed');
    expect((await compare(baseline, alike)).scores[0]?.verdict).toBe('no-reliable-difference');
  });

  test('pair rows by id, those left by their inputs, and name what is on one side alone', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store, { rows: rowsOf(40) });
    const renamed = rowsOf(42, (index) => (index >= 38 ? { id: `new-${index}` } : {})).slice(1);
    const { pairedBy, unmatched, rows } = await compare(baseline, await experiment(store, { rows: renamed }));
    expect(pairedBy).toEqual({ id: 37, input: 2 });
    expect(unmatched).toEqual({ baseline: ['row-0'], challenger: ['new-40', 'new-41'] });
    expect(rows.find(({ id }) => id === 'row-38')?.otherId).toBe('new-38');
  });

  test('tell ids that ask something else', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store, { rows: rowsOf(30) });
    const other = rowsOf(30, (index) => (index === 7 ? { inputs: { text: 'n99', kind: 'odd' } } : {}));
    const { notes } = await compare(baseline, await experiment(store, { rows: other }));
    expect(notes).toEqual(['1 ids ask something else in the challenger: row-7.']);
  });

  test('give no verdict on figures of two scorers', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store);
    const challenger = await experiment(store, {
      scorer: exactMatch('echo', { version: '2' }),
      isRight: (index) => index % 2 === 0,
    });
    const { scores, notes } = await compare(baseline, challenger);
    expect(scores[0]?.verdict).toBe('not-comparable');
    expect(notes[0]).toContain('begin a new series');
  });

  test('call a row broken only where every trial turned', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store, { trials: 2 });
    const seen = new Map<number, number>();
    const challenger = await experiment(store, {
      trials: 2,
      isRight: (index) => {
        const times = (seen.get(index) ?? 0) + 1;
        seen.set(index, times);
        return index === 3 ? false : index === 4 ? times % 2 === 0 : true;
      },
    });
    const { rows } = await compare(baseline, challenger);
    expect(rows.filter(({ change }) => change === 'regressed').map(({ id }) => id)).toEqual([
      'row-3',
      'row-4',
    ]);
    expect(rows.filter(({ flip }) => flip === 'broken').map(({ id }) => id)).toEqual(['row-3']);
  });

  test('count rows of one group once, in scores and in costs', async () => {
    await using store = await openMemoryStore();
    const rows = rowsOf(60, (index) => ({ group: `group-${index % 6}` }));
    const baseline = await experiment(store, { rows });
    const challenger = await experiment(store, { rows, isRight: (index) => index % 6 !== 0, costUsd: 0.002 });
    const { scores, deltas } = await compare(baseline, challenger);
    expect(scores[0]?.comparison).toMatchObject({ rows: 60, clusters: 6 });
    // One group of six lost everything: ten rows that would have proven a loss if they were independent.
    expect(scores[0]?.verdict).toBe('no-reliable-difference');
    expect(deltas[0]?.rows).toBe(60);
  });

  test('show each value of a field, and only one of them where asked', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store);
    const challenger = await experiment(store, { isRight: (index) => index % 2 === 0 });
    const { slices } = await compare(baseline, challenger, 'kind');
    expect(slices).toMatchObject([
      { slice: 'even', rows: 30, difference: 0 },
      { slice: 'odd', rows: 30, difference: -1 },
    ]);
    const [odd] = await compareExperiments({
      baseline,
      challengers: [challenger],
      only: { field: 'kind', value: 'odd' },
    });
    expect(odd?.rows).toHaveLength(30);
    expect(odd?.counts.regressed).toBe(30);
  });

  test('correct several challengers for their number', async () => {
    await using store = await openMemoryStore();
    const baseline = await experiment(store);
    // Six of six differing rows: p = 0.031 alone, 0.094 as the best of three.
    const isRight = (index: number) => index > 5;
    const challengers = [
      await experiment(store, { isRight }),
      await experiment(store),
      await experiment(store, { isRight: (index) => index !== 9 }),
    ];
    expect((await compare(baseline, challengers[0] as Experiment)).scores[0]?.verdict).toBe('regressed');
    const compared = await compareExperiments({ baseline, challengers });
    expect(compared[0]?.scores[0]?.adjustedP).toBeCloseTo(3 * 2 * 0.5 ** 6);
    expect(compared[0]?.scores[0]?.verdict).toBe('no-reliable-difference');
  });
});
