import { describe, expect, test } from 'vitest';
import { compareExperiments } from './compare-experiments.ts';
import type { Experiment, RowScore } from './experiment.ts';
import { loadExperiment } from './experiment-file.ts';
import { gateExperiments } from './gate-experiments.ts';

interface Given {
  /** Of row n, by each scorer. */
  readonly scores: readonly (readonly RowScore[])[];
  readonly scorers?: readonly string[];
  readonly inputOf?: (row: number) => string;
  readonly lost?: number;
}

let made = 0;

/** An experiment as it is saved, so that its rows can be anything. */
function experiment({
  scores,
  scorers = ['right'],
  inputOf = (row) => `input-${row}`,
  lost = 0,
}: Given): Experiment {
  made += 1;
  const mean = 0.95;
  const document = {
    schemaVersion: 1,
    kind: 'experiment',
    id: `eval-${made}`,
    name: 'triage',
    createdAt: made,
    candidate: 'c',
    snapshot: {
      schemaVersion: 1,
      dataset: { name: 'rows', version: 'v', rows: scores.length },
      split: 'all',
      scorers: scorers.map((name) => ({ name, version: name, passFail: true, failValue: 0 })),
      scorer: 'h',
      models: { task: 'm' },
      trials: 1,
    },
    summaries: [
      {
        name: scorers[0],
        rows: scores.length - lost,
        mean,
        interval: [0.9, 0.98],
        scored: scores.length - lost,
        unscored: 0,
        failed: 0,
        infrastructureErrors: lost,
      },
    ],
    usage: { latencyP95Ms: 0 },
    rows: scores.map((values, row) => ({
      id: `row-${row}`,
      trial: 0,
      input: inputOf(row),
      scores: values,
      failed: false,
      latencyMs: 1,
    })),
  };
  return loadExperiment(JSON.stringify(document), { file: 'experiment.json' });
}

const each = (count: number, of: (row: number) => readonly RowScore[]) =>
  Array.from({ length: count }, (_, row) => of(row));
const resultOf = async (options: Parameters<typeof gateExperiments>[0], name: string) =>
  (await gateExperiments(options)).checks.find((check) => check.name.startsWith(name))?.result;

describe('copies of a row', () => {
  test('count once: ten questions asked ten times are no hundred rows', async () => {
    const inputOf = (row: number) => `input-${row % 10}`;
    const baseline = experiment({ inputOf, scores: each(100, () => [1]) });
    const challenger = experiment({ inputOf, scores: each(100, (row) => [row % 10 < 3 ? 0 : 1]) });
    const [comparison] = await compareExperiments({ baseline, challengers: [challenger] });
    expect(comparison?.scores[0]).toMatchObject({
      verdict: 'no-reliable-difference',
      comparison: { clusters: 10, difference: expect.closeTo(-0.3, 9) },
    });
  });
});

describe('experiments whose scorers stand in another order', () => {
  const baseline = experiment({ scorers: ['polite', 'right'], scores: each(40, () => [0, 1]) });
  const challenger = experiment({ scorers: ['right', 'polite'], scores: each(40, () => [1, 0]) });

  test('are compared scorer by scorer, rows and slices too', async () => {
    const [comparison] = await compareExperiments({ baseline, challengers: [challenger] });
    expect(comparison?.counts).toMatchObject({ unchanged: 40, improved: 0 });
    expect(comparison?.scores.map(({ comparison: scores }) => scores?.difference)).toEqual([0, 0]);
  });

  test('pass no gate: another one decides', async () => {
    expect(await resultOf({ baseline, challenger }, 'no-regression')).toBe('inconclusive');
  });

  test('nor does one whose first scorer the baseline has not', async () => {
    const another = experiment({ scorers: ['new', 'right'], scores: each(40, () => [0, 1]) });
    const known = experiment({ scorers: ['right'], scores: each(40, () => [1]) });
    expect(await resultOf({ baseline: known, challenger: another }, 'no-regression')).toBe('inconclusive');
    const [comparison] = await compareExperiments({ baseline: known, challengers: [another] });
    expect(comparison?.counts).toMatchObject({ unscored: 40, regressed: 0 });
  });
});

describe('rows that are lost on one side', () => {
  const baseline = experiment({ scores: each(100, () => [1]) });

  test('could be broken, so that a limit of broken rows is not known to be kept', async () => {
    const lost = experiment({ lost: 2, scores: each(100, (row) => [row < 2 ? 'lost' : 1]) });
    const options = { baseline, challenger: lost, rule: 'none' } as const;
    expect(await resultOf({ ...options, maxBroken: 1 }, 'broken rows')).toBe('inconclusive');
    expect(await resultOf({ ...options, maxBroken: 2 }, 'broken rows')).toBe('pass');
    const fewer = experiment({ scores: each(3, () => [1]) });
    expect(await resultOf({ ...options, challenger: fewer, maxBroken: 0 }, 'broken rows')).toBe(
      'inconclusive',
    );
    const broken = experiment({ scores: each(100, (row) => [row < 2 ? 0 : 1]) });
    expect(await resultOf({ ...options, challenger: broken, maxBroken: 1 }, 'broken rows')).toBe('fail');
  });

  test('leave a threshold open from 5 % on', async () => {
    const some = experiment({ lost: 5, scores: each(100, (row) => [row < 5 ? 'lost' : 1]) });
    const many = experiment({ lost: 40, scores: each(100, (row) => [row < 40 ? 'lost' : 1]) });
    expect(await resultOf({ challenger: some, threshold: 0.8 }, 'threshold')).toBe('pass');
    expect(await resultOf({ challenger: many, threshold: 0.8 }, 'threshold')).toBe('inconclusive');
  });

  test('are no quick answers where all are', async () => {
    const none = experiment({ lost: 10, scores: each(10, () => ['lost']) });
    expect(await resultOf({ challenger: none, maxLatencyMs: 10 }, 'latency')).toBe('inconclusive');
  });
});
