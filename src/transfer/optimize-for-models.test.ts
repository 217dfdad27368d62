import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Model, ModelRequest } from '../model/model.ts';
import { labeledFewShot } from '../optimizer/method/labeled-few-shot.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import {
  type OptimizeForModelsOptions,
  optimizeForModels,
  type TransferEvent,
} from './optimize-for-models.ts';

const program = predict(
  signature('note -> action: "ship" | "hold"', { instructions: 'Say what to do with the parcel.' }),
);
const letters = (index: number) =>
  [7, 31, 101, 57].map((step) => sha256(`${index}/${step}`).slice(0, 6)).join(' ');
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const action = index % 2 === 0 ? 'ship' : 'hold';
    return { id: `n${index}`, inputs: { note: `${letters(index)} says ${action}` }, expected: { action } };
  });
const chance = (text: string) => Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;

interface Ability {
  readonly id: string;
  /** Share of the rows that it gets right. */
  readonly alone: number;
  /** The same where the instructions hold a word. */
  readonly told: Readonly<Record<string, number>>;
  readonly onCall?: (() => void) | undefined;
}

/** Understands some words, and guesses without them. */
function pupil({ id, alone, told, onCall = () => undefined }: Ability) {
  return scriptedModel({
    id,
    endpoint: `scripted:${id}`,
    respond: (request: ModelRequest) => {
      onCall();
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const last = String(request.messages.at(-1)?.content);
      const right = last.includes('says ship') ? 'ship' : 'hold';
      const word = Object.keys(told).find((each) => text.includes(each));
      const isRight = chance(`${id} ${last.slice(-45)}`) < (told[word ?? ''] ?? alone);
      const action = isRight ? right : right === 'ship' ? 'hold' : 'ship';
      return request.responseSchema === undefined ? action : JSON.stringify({ action });
    },
  });
}

const quick = { id: 'quick', alone: 0.5, told: { Quickly: 0.95, Slowly: 0.8 } };
const steady = { id: 'steady', alone: 0.55, told: { Slowly: 0.9 } };
const stubborn = { id: 'stubborn', alone: 0.6, told: {} };

/** Tries two words and keeps the better. */
const twoWords: Optimizer = {
  name: 'twoWords',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: true },
  estimate: ({ validation }) => ({ task: 3 * validation, reflection: 0 }),
  async *optimize({ seed, validation, admit, evaluate }) {
    const drafts = ['Quickly', 'Slowly'].map((word) => ({
      changes: {
        'answer.instructions': { kind: 'text' as const, text: `${word} say what to do with the parcel.` },
      },
      origin: word,
    }));
    const candidates = admit(drafts).flatMap((one) => (one.status === 'rejected' ? [] : [one.candidate]));
    const scored = await Promise.all([seed, ...candidates].map((one) => evaluate(one, validation)));
    const [best] = scored.sort((first, second) => (second.mean ?? 0) - (first.mean ?? 0));
    if (best !== undefined) {
      yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: 'the better word' };
    }
    return best?.candidate ?? seed;
  },
};

const transfer = (
  store: Store,
  taskModels: readonly Model[],
  options: Partial<OptimizeForModelsOptions<never, never>> = {},
) =>
  optimizeForModels({
    program: program as never,
    dataset: rows(240),
    scorer: exactMatch('action'),
    optimizer: twoWords,
    store,
    ...options,
    taskModels,
  });

describe('each winner on each model', () => {
  test('on the rows that no search has seen, as the runs themselves have tested them', async () => {
    await using store = await openStore({ file: ':memory:' });
    const models = [pupil(quick), pupil(steady)];
    const { report, reports } = await transfer(store, models).result();
    expect(report.models.map(({ model, verdict }) => [model, verdict])).toEqual([
      ['quick', 'improved'],
      ['steady', 'improved'],
    ]);
    expect(report.test).toEqual({ rows: 60, clusters: 60 });
    const [seed, first, second] = report.matrix;
    expect(report.matrix).toHaveLength(3);
    expect(seed).toMatchObject({
      isSeed: true,
      cells: [
        { model: 'quick', rows: 60 },
        { model: 'steady', rows: 60 },
      ],
    });
    expect(first?.winnerOf).toBe('quick');
    expect(second?.winnerOf).toBe('steady');
    for (const [index, { sealedTest }] of reports.entries()) {
      expect(report.matrix[0]?.cells[index]?.mean).toBeCloseTo(sealedTest?.seed ?? -1, 10);
      const own = report.matrix[index + 1]?.cells[index];
      expect(own?.mean).toBeCloseTo(sealedTest?.winner ?? -1, 10);
      expect(own?.difference).toBeCloseTo(sealedTest?.difference ?? -1, 10);
      expect(own?.use).toBeUndefined();
    }
    // What is best for one does nothing for the other, and the other's winner helps both.
    expect(first?.cells[1]?.difference).toBe(0);
    expect(second?.cells[0]?.mean).toBeCloseTo(0.8, 0);
    expect(second?.cells[0]?.interval?.[0]).toBeGreaterThan(0);
  });

  test('every use of the test is counted: a search each, then a transfer each, and the seed none', async () => {
    await using store = await openStore({ file: ':memory:' });
    const { report, reports } = await transfer(store, [pupil(quick), pupil(steady)]).result();
    expect(reports.map(({ sealedTest }) => sealedTest?.use)).toEqual([1, 2]);
    const hashes = new Set(reports.map(({ candidate }) => candidate.hash));
    const transfers = report.matrix.flatMap(({ cells }) => cells.flatMap(({ use }) => use ?? []));
    expect(hashes.size).toBe(2);
    expect(transfers).toEqual([3, 4]);
    // Whoever comes next pays for all of them.
    const [next] = (await transfer(store, [pupil({ ...quick, id: 'newer' }), pupil(stubborn)]).result())
      .reports;
    expect(next?.sealedTest?.use).toBe(5);
  });

  test('the same again asks nothing and uses nothing', async () => {
    await using store = await openStore({ file: ':memory:' });
    let calls = 0;
    const onCall = () => {
      calls += 1;
    };
    const models = () => [pupil({ ...quick, onCall }), pupil({ ...steady, onCall })];
    const first = await transfer(store, models()).result();
    const asked = calls;
    const second = await transfer(store, models(), { concurrency: 2 }).result();
    expect(calls).toBe(asked);
    const figures = ({ report }: typeof first) => report.matrix;
    expect(figures(second)).toEqual(figures(first));
    expect(second.reports.map(({ sealedTest }) => sealedTest?.use)).toEqual([1, 2]);
  });

  test('a model that nothing helps keeps the seed, which is no use of the test', async () => {
    await using store = await openStore({ file: ':memory:' });
    const { report } = await transfer(store, [pupil(quick), pupil(stubborn)]).result();
    const [seed, first, second] = report.matrix;
    expect(second).toMatchObject({ winnerOf: 'stubborn', isSeed: true, candidate: seed?.candidate });
    expect(second?.cells).toEqual(seed?.cells);
    expect(first?.cells[1]?.mean).toBeCloseTo(0.6, 0);
  });
});

describe('keeps to what it is given', () => {
  test('the limits are for all models together', async () => {
    await using store = await openStore({ file: ':memory:' });
    let calls = 0;
    const onCall = () => {
      calls += 1;
    };
    const models = [pupil({ ...quick, onCall }), pupil({ ...steady, onCall })];
    const { report } = await transfer(store, models, { budget: { calls: 700 } }).result();
    expect(calls).toBeLessThanOrEqual(700);
    expect(report.models).toHaveLength(2);
  });

  test('dollars too: what is paid in all stays within them, and what they do not hold is said', async () => {
    await using store = await openStore({ file: ':memory:' });
    const price = { input: 1_000, output: 1_000 };
    let paid = 0;
    const priced = (ability: Ability): Model => {
      const model = { ...pupil(ability), price };
      return {
        ...model,
        generate: async (request, options) => {
          const response = await model.generate(request, options);
          const { inputTokens = 0, outputTokens = 0 } = response.usage;
          paid += ((inputTokens + outputTokens) * 1_000) / 1e6;
          return { ...response, costUsd: ((inputTokens + outputTokens) * 1_000) / 1e6 };
        },
      };
    };
    const models = [priced(quick), priced(steady)];
    const { report } = await transfer(store, models, { budget: { usd: 40 } }).result();
    expect(paid).toBeLessThanOrEqual(40);
    expect(paid).toBeGreaterThan(20);
    const cells = report.matrix.flatMap((row) => row.cells);
    expect(cells.every(({ rows, lost }) => rows + lost === 60)).toBe(true);
  });

  test('few rows are searched on, and no matrix pretends to be sealed', async () => {
    await using store = await openStore({ file: ':memory:' });
    const { report } = await transfer(store, [pupil(quick), pupil(steady)], {
      dataset: rows(40),
      optimizer: labeledFewShot(),
    }).result();
    expect(report.matrix).toEqual([]);
    expect(report.test).toBeUndefined();
    expect(report.notices.join(' ')).toContain('too few to keep some apart');
  });

  test('roles that are given stay', async () => {
    await using store = await openStore({ file: ':memory:' });
    const all = rows(240);
    const dataset = { train: all.slice(0, 100), validation: all.slice(100, 150), test: all.slice(150) };
    const { report } = await transfer(store, [pupil(quick), pupil(steady)], { dataset }).result();
    expect(report.test?.rows).toBe(90);
  });

  test.each([
    [[pupil(quick)], 'between two models or more'],
    [[pupil(quick), pupil(quick)], 'quick is named twice'],
  ])('%# is refused before a call', async (models, message) => {
    await using store = await openStore({ file: ':memory:' });
    await expect(transfer(store, models).result()).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining(message),
    });
    expect(models[0]?.callCount).toBe(0);
  });

  test('its events tell whose search it is, late watchers included', async () => {
    await using store = await openStore({ file: ':memory:' });
    const run = transfer(store, [pupil(quick), pupil(steady)]);
    await run.result();
    const events: TransferEvent[] = [];
    for await (const event of run) events.push(event);
    const started = events.filter((event) => event.type === 'model-started');
    expect(started.map(({ model }) => model)).toEqual(['quick', 'steady']);
    const verdicts = events.flatMap((event) =>
      event.type === 'model-event' && event.event.type === 'finished' ? [event.model] : [],
    );
    expect(verdicts).toEqual(['quick', 'steady']);
    expect(events.at(-1)).toEqual({ type: 'transfers-started', rows: 60 });
  });

  test('a transfer that is cut off goes on: no finished search is made again, no answer is asked for twice', async () => {
    await using store = await openStore({ file: ':memory:' });
    const asked: string[] = [];
    let isGone = true;
    const failing = pupil({
      ...steady,
      onCall: () => {
        if (isGone && asked.length > 60)
          throw new HoneError('The key is wrong.', { code: 'HONE_MODEL_AUTHENTICATION' });
        asked.push('steady');
      },
    });
    const options = { cache: 'off' as const };
    const first = transfer(store, [pupil(quick), failing], options);
    await expect(first.result()).rejects.toMatchObject({ code: 'HONE_MODEL_AUTHENTICATION' });
    isGone = false;
    let again = 0;
    const models = [
      pupil({
        ...quick,
        onCall: () => {
          again += 1;
        },
      }),
      pupil(steady),
    ];
    const { report, reports } = await transfer(store, models, options).result();
    expect(report.models.map(({ verdict }) => verdict)).toEqual(['improved', 'improved']);
    // The winner of the other model on this one is all that was missing here.
    expect(reports[0]?.candidate.hash).not.toBe(reports[1]?.candidate.hash);
    expect(again).toBe(60);
  });
});
