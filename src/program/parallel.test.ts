import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { parallel } from './parallel.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const mood = predict(signature('text -> mood: "good" | "bad"'), { name: 'mood' });
const topic = predict(signature('text, hint? -> topic'), { name: 'topic' });
const both = parallel([mood, topic], { name: 'both' });

/** Answers by which step asks. */
const model = (replies: { readonly mood?: string; readonly topic?: string } = {}) =>
  scriptedModel({
    respond: ({ messages }) =>
      JSON.stringify(messages).includes('one of: good, bad')
        ? (replies.mood ?? 'good')
        : (replies.topic ?? 'cats'),
  });

describe('programs beside each other', () => {
  test('answer one row at once, and their outputs are given together', async () => {
    const prediction = await both.forward({ text: 'Cats!' }, { model: model() });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { mood: 'good', topic: 'cats' },
      trace: [{ id: 'mood' }, { id: 'topic' }],
    });
    expect(both.calls(both.seed)).toEqual({ typical: 2, most: 4 });
    expect(Object.keys(both.seed)).toEqual([...Object.keys(mood.seed), ...Object.keys(topic.seed)]);
  });

  test('are all under way before the first has answered', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked = 0;
    const slow = scriptedModel({
      respond: async ({ messages }) => {
        asked += 1;
        if (asked === 2) open();
        await gate;
        return JSON.stringify(messages).includes('one of: good') ? 'bad' : 'dogs';
      },
    });
    await expect(both.run({ text: 'x' }, { model: slow })).resolves.toEqual({ mood: 'bad', topic: 'dogs' });
  });

  test('fail the row with the first failure in their order, the others in the trace', async () => {
    const prediction = await both.forward({ text: 'x' }, { model: model({ mood: 'purple' }) });
    expect(prediction).toMatchObject({ status: 'failed', step: 'mood', text: 'purple' });
    expect(prediction.trace.map(({ id }) => id)).toEqual(['mood', 'topic']);
  });

  test('throw a fault of the infrastructure when what is under way has ended', async () => {
    let ended = 0;
    const down = scriptedModel({
      respond: async ({ messages }) => {
        if (JSON.stringify(messages).includes('one of: good')) {
          throw new HoneError('down', { code: 'HONE_MODEL_SERVER' });
        }
        await Promise.resolve();
        ended += 1;
        return 'cats';
      },
    });
    await expect(both.forward({ text: 'x' }, { model: down })).rejects.toMatchObject({
      code: 'HONE_MODEL_SERVER',
    });
    expect(ended).toBe(1);
  });

  test('stand inside a pipeline, whose later steps take what they give', async () => {
    const reply = predict(signature('mood, topic -> reply'), { name: 'reply' });
    const whole = pipeline([both, reply]);
    expect(whole.shape.inputs.map(({ name }) => name)).toEqual(['text', 'hint']);
    const { trace } = await whole.forward({ text: 'x' }, { model: model() });
    expect(trace).toMatchObject([
      { id: 'mood' },
      { id: 'topic' },
      { id: 'reply', from: 'topic', inputs: { mood: 'good', topic: 'cats' } },
    ]);
  });

  test('that give the same, or share a step, or are none, are refused', () => {
    const other = predict(signature('text -> mood'), { name: 'other' });
    expect(() => parallel([mood, other] as never)).toThrow(/Two programs of "parallel" give "mood"/);
    const twin = predict(signature('text -> else'), { name: 'mood' });
    expect(() => parallel([mood, twin])).toThrow(/Two steps .* "mood"/);
    expect(() => parallel([])).toThrow(/has no program/);
  });
});
