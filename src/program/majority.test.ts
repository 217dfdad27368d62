import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { majority } from './majority.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { callsOf } from './trace.ts';

const sum = chainOfThought(signature('question -> answer: number'));
const said = (reasoning: string, answer: unknown) =>
  `<reasoning>${reasoning}</reasoning><answer>${answer}</answer>`;
const scripted = (replies: readonly string[]) => scriptedModel({ replies });

describe('a majority', () => {
  test('gives what most answers say, with the reasoning of the first that says so', async () => {
    const model = scripted([said('a', 3), said('b', 4), said('c', 4.0)]);
    const prediction = await majority(sum, { samples: 3 }).forward({ question: '2 + 2' }, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { reasoning: 'b', answer: 4 } });
    expect(prediction.trace.map(({ id }) => id)).toEqual(['answer', 'answer#2', 'answer#3']);
  });

  test('asks for distinct draws at a temperature that lets them differ, and leaves others as they are', async () => {
    const model = scripted([said('a', 1)]);
    await majority(sum, { samples: 2 }).run({ question: 'x' }, { model, draw: '7' });
    expect(model.calls.map(({ draw, request }) => [draw, request.temperature])).toEqual([
      ['7/sample-1', 0.7],
      ['7/sample-2', 0.7],
    ]);
    const warm = scripted([said('a', 1)]);
    const step = chainOfThought(signature('question -> answer: number'), { temperature: 0.2 });
    await majority(step, { samples: 1 }).run({ question: 'x' }, { model: warm });
    expect(warm.calls[0]?.request.temperature).toBe(0.2);
  });

  test('goes to the earliest answer on a tie, and gives an answer that cannot be read no vote', async () => {
    const closed = predict(signature('text -> mood: "good" | "bad"'));
    const vote = majority(closed, { samples: 3 });
    const replies = ['???', 'bad', 'good'];
    const model = scriptedModel({ respond: (_, { draw }) => replies[Number(draw.at(-1)) - 1] ?? '' });
    await expect(vote.run({ text: 'x' }, { model })).resolves.toEqual({ mood: 'bad' });
    const none = await vote.forward({ text: 'x' }, { model: scripted(['???']) });
    expect(none).toMatchObject({ status: 'failed', step: 'answer', text: '???' });
    expect(callsOf(none.trace)).toHaveLength(6);
  });

  test('counts open answers as one by their key', async () => {
    const open = predict(signature('question -> name'));
    const model = () => scripted(['Paris', 'Lyon', ' paris ', 'LYON!', 'lyon?']);
    await expect(majority(open).run({ question: 'x' }, { model: model() })).resolves.toEqual({
      name: 'Paris',
    });
    const letters = (value: unknown) => String(value).replaceAll(/\W/gu, '').toLowerCase();
    await expect(
      majority(open, { keyOf: letters }).run({ question: 'x' }, { model: model() }),
    ).resolves.toEqual({
      name: 'Lyon',
    });
    const broken = majority(open, {
      keyOf: () => {
        throw new Error('no key');
      },
    });
    expect(await broken.forward({ question: 'x' }, { model: model() })).toMatchObject({
      status: 'failed',
      reason: 'no key',
    });
  });

  test('of a pipeline of two steps votes on the whole, and counts all its calls', async () => {
    const first = predict(signature('question -> query'), { name: 'first' });
    const second = predict(signature('query -> answer'), { name: 'second' });
    const vote = majority(pipeline([first, second]), { samples: 3 });
    expect(vote.calls(vote.seed)).toEqual({ typical: 6, most: 12 });
    const model = scriptedModel({ respond: (_, { draw }) => (draw.endsWith('1') ? 'rare' : 'common') });
    const { trace, ...rest } = await vote.forward({ question: 'x' }, { model });
    expect(rest).toEqual({ status: 'completed', outputs: { answer: 'common' } });
    expect(trace.map(({ id, from }) => [id, from])).toEqual([
      ['first', undefined],
      ['second', 'first'],
      ['first#2', undefined],
      ['second#2', 'first#2'],
      ['first#3', undefined],
      ['second#3', 'first#3'],
    ]);
  });

  test('refuses numbers out of range and a field that is no output', () => {
    expect(() => majority(sum, { samples: 0 })).toThrow(/`samples` is 0/);
    expect(() => majority(sum, { temperature: Number.NaN })).toThrow(/`temperature` is NaN/);
    expect(() => majority(sum, { field: 'anwser' as 'answer' })).toThrow(/does not give/);
  });

  test('ends at once when it is aborted', async () => {
    const controller = new AbortController();
    const model = scriptedModel({
      respond: () => {
        controller.abort(new Error('enough'));
        return said('a', 1);
      },
    });
    const run = majority(sum, { samples: 50, atOnce: 1 }).run(
      { question: 'x' },
      { model, signal: controller.signal },
    );
    await expect(run).rejects.toThrow('enough');
    expect(model.callCount).toBe(1);
  });
});
