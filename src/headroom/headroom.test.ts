import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Example } from '../dataset/dataset.ts';
import type { ModelRequest } from '../model/model.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openStore } from '../store/open-store.ts';
import { type ScriptedModelOptions, scriptedModel } from '../testing/scripted-model.ts';
import { type HeadroomOptions, headroom } from './headroom.ts';

const program = predict(
  signature('note -> action: "ship" | "hold"', { instructions: 'Say what to do with the parcel.' }),
);

const letters = (index: number) =>
  [7, 31, 101, 57].map((step) => sha256(`${index}/${step}`).slice(0, 6)).join(' ');
/** Notes that no two share, with the answer in them. */
const rows = (count: number): readonly Example[] =>
  Array.from({ length: count }, (_, index) => {
    const action = index % 2 === 0 ? 'ship' : 'hold';
    return { id: `n${index}`, inputs: { note: `${letters(index)} says ${action}` }, expected: { action } };
  });

type Respond = NonNullable<ScriptedModelOptions['respond']>;
const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => String(content)).join('\n');
const last = (request: ModelRequest) => String(request.messages.at(-1)?.content);
const right = (request: ModelRequest) => (last(request).includes('says ship') ? 'ship' : 'hold');
const wrong = (request: ModelRequest) => (right(request) === 'ship' ? 'hold' : 'ship');
const inForm = (request: ModelRequest, action: string) =>
  request.responseSchema === undefined ? action : JSON.stringify({ action });
const chance = (text: string) => Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;

const look = async (
  answer: (request: ModelRequest, draw: string) => string,
  options: Partial<HeadroomOptions<{ note: string }, { action: 'ship' | 'hold' }>> = {},
) => {
  const respond: Respond = (request, { draw }) => inForm(request, answer(request, draw));
  const model = scriptedModel({ respond });
  await using store = await openStore({ file: ':memory:' });
  const run = headroom({
    program,
    dataset: rows(240),
    scorer: exactMatch('action'),
    model,
    store,
    ...options,
  });
  return { report: await run.result(), model };
};

/** Right where the prompt shows demos or asks to read first; by half the rows otherwise. */
const teachable = (request: ModelRequest) => {
  const isHelped = (textOf(request).match(/says (ship|hold)/g) ?? []).length > 2;
  return isHelped || chance(last(request)) < 0.5 ? right(request) : wrong(request);
};

describe('says what stands in the way', () => {
  test('nothing: other prompts get rows right that the seed gets wrong', async () => {
    const { report, model } = await look(teachable);
    expect(report.verdict).toBe('promising');
    expect(report.figures?.reachable).toBe(1);
    expect(report.figures?.repeats.differing).toBe(0);
    expect(report.prompts.map(({ name }) => name)).toEqual(['a line before', 'another layout', 'with demos']);
    expect(report.prompts.at(-1)?.mean).toBe(1);
    expect(report.power.difference).toBeCloseTo(1 - (report.figures?.seed ?? 0), 6);
    expect(model.callCount).toBe(60);
  });

  test('the ceiling: the seed gets every row right, and the calls go to more rows of it', async () => {
    const { report, model } = await look(right);
    expect(report.verdict).toBe('at-ceiling');
    expect(report.summary).toContain('already at its ceiling');
    expect(report.seed.rows).toBeGreaterThan(40);
    expect(report.seed.interval[0]).toBeGreaterThan(0.9);
    expect(report.notes).toEqual([]);
    expect(model.callCount).toBeLessThanOrEqual(60);
  });

  test('the labels: rows that say the same expect different answers', async () => {
    const contradictory = rows(240).map((row, index) =>
      index % 4 === 0
        ? { ...row, inputs: { note: `Nothing is known of it, case ${Math.floor(index / 8)}` } }
        : row,
    );
    const flipped = contradictory.map((row, index) => ({
      ...row,
      expected: { action: index % 8 === 4 ? ('hold' as const) : (row.expected?.action ?? 'ship') },
    }));
    const { report } = await look(teachable, { dataset: flipped });
    expect(report.verdict).toBe('labels-disagree');
    expect(report.summary).toContain('The labels disagree with each other: 60 of 240 rows');
    expect(report.labels).toMatchObject({ rows: 60, best: 0.875 });
    expect(report.labels.examples[0]?.rows.map(({ expected }) => expected).sort()).toEqual(['hold', 'ship']);
  });

  test('noise: the same prompt answers otherwise the second time', async () => {
    const { report } = await look((request, draw) =>
      chance(`${draw} ${textOf(request)}`) < 0.5 ? right(request) : wrong(request),
    );
    expect(report.verdict).toBe('answers-vary');
    expect(report.figures?.repeats.differing).toBeGreaterThan(0.25);
    expect(report.summary).toContain('answers otherwise the second time');
  });

  test('the model: no prompt gets more right than another', async () => {
    const { report } = await look(
      (request) =>
        chance(last(request).replace(/\s+/g, ' ').slice(-40)) < 0.5 ? right(request) : wrong(request),
      { dataset: rows(240) },
    );
    expect(report.verdict).toBe('no-headroom-seen');
    expect(report.sameWrongAnswer.length).toBeGreaterThan(0);
    expect(report.power.difference).toBe(0);
  });

  test('nothing right at all: the form of the answers, or the scorer, comes first', async () => {
    const { report } = await look(wrong);
    expect(report.verdict).toBe('no-headroom-seen');
    expect(report.summary).toContain(
      'No sampled prompt gets any of 12 rows right. Look at some answers first',
    );
  });

  test('the rows: they are too few to prove what may be gained', async () => {
    const rare = (request: ModelRequest) => {
      const isHelped = (textOf(request).match(/says (ship|hold)/g) ?? []).length > 2;
      return isHelped || chance(last(request)) < 0.85 ? right(request) : wrong(request);
    };
    const { report } = await look(rare, { dataset: rows(24) });
    expect(report.verdict).toBe('too-few-rows');
    expect(report.power.smallestDifference).toBeGreaterThan(report.power.difference);
    const needed = report.power.rowsNeeded ?? 0;
    expect(needed).toBeGreaterThan(24);
    expect(report.summary).toContain(`Rows needed: about ${needed}`);
  });
});

describe('keeps its limits', () => {
  test('answers that have to be asked again count, and nothing goes beyond the calls', async () => {
    const { report, model } = await look((request) =>
      chance(`odd ${last(request)}`) < 0.5 && request.messages.length < 4 ? 'who knows' : teachable(request),
    );
    expect(model.callCount).toBeLessThanOrEqual(60);
    expect(model.callCount).toBeGreaterThan(55);
    expect(report.usage.calls).toBe(model.callCount);
    expect(report.notes.join('\n')).toContain('answers were left out, because the limits did not hold them');
  });

  test('as many calls as are given', async () => {
    const { report, model } = await look(teachable, { calls: 20 });
    expect(model.callCount).toBe(20);
    expect(report.figures?.rows).toBe(4);
    await expect(look(teachable, { calls: 9 })).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining('A row takes 5 calls'),
    });
  });

  test('no row is answered with itself as a demo, and no test row at all', async () => {
    const dataset = { train: rows(40), validation: rows(80).slice(40), test: rows(140).slice(80) };
    const { model } = await look(teachable, { dataset });
    const tested = dataset.test.map(({ inputs }) => String(inputs.note));
    for (const { request } of model.calls) {
      const asked = last(request);
      expect(tested.some((note) => textOf(request).includes(note))).toBe(false);
      const note = /[0-9a-f]{6}(?: [0-9a-f]{6}){3} says \w+/.exec(asked)?.[0] ?? '?';
      expect(textOf(request).split(note).length).toBe(2);
    }
  });

  test('of rows that repeat each other one is answered', async () => {
    const many = rows(60).flatMap((row) =>
      Array.from({ length: 8 }, (_, copy) => ({ ...row, id: `${row.id}-${copy}` })),
    );
    const { model } = await look(teachable, { dataset: many });
    const asked = new Set(model.calls.map(({ request }) => last(request).match(/[0-9a-f]{6}/)?.[0]));
    expect(asked.size).toBe(12);
  });

  test('the same look twice asks once', async () => {
    await using store = await openStore({ file: ':memory:' });
    const model = scriptedModel({ respond: (request) => inForm(request, teachable(request)) });
    const options = { program, dataset: rows(240), scorer: exactMatch('action'), model, store };
    const first = await headroom(options).result();
    const second = await headroom({ ...options, concurrency: 1 }).result();
    expect(model.callCount).toBe(60);
    expect({ ...second, usage: undefined }).toEqual({ ...first, usage: undefined });
  });

  test('a look that is stopped says so', async () => {
    await using store = await openStore({ file: ':memory:' });
    const model = scriptedModel({ respond: (request) => inForm(request, teachable(request)) });
    const run = headroom({ program, dataset: rows(240), scorer: exactMatch('action'), model, store });
    run.cancel();
    await expect(run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
  });

  test('a server that answers nothing ends it with its own error', async () => {
    const respond = () => {
      throw new HoneError('The key is wrong.', { code: 'HONE_MODEL_AUTHENTICATION' });
    };
    await using store = await openStore({ file: ':memory:' });
    const run = headroom({
      program,
      dataset: rows(240),
      scorer: exactMatch('action'),
      model: scriptedModel({ respond }),
      store,
    });
    await expect(run.result()).rejects.toMatchObject({ code: 'HONE_MODEL_AUTHENTICATION' });
  });
});

test('says nothing of other prompts where no row was answered with all of them', async () => {
  const looked = look((request) => {
    const notes = textOf(request).match(/says (ship|hold)/g) ?? [];
    if (notes.length > 1) throw new HoneError('The server is down.', { code: 'HONE_MODEL_SERVER' });
    return wrong(request);
  });
  await expect(looked).rejects.toMatchObject({
    code: 'HONE_EMPTY_SAMPLE',
    message: expect.stringContaining('with every prompt'),
  });
});
