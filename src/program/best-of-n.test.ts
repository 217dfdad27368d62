import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedModelOptions, scriptedModel } from '../testing/scripted-model.ts';
import { bestOfN } from './best-of-n.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const slogan = predict(signature('product -> slogan'));
const row = { product: 'tea' };
const replying = (replies: ScriptedModelOptions['replies']) => scriptedModel({ replies });
/** The shorter the better. */
const brevity = ({ outputs }: { readonly outputs: { readonly slogan: string } }) => 1 / outputs.slogan.length;

describe('the best of several answers', () => {
  test('is the one with the highest reward, the earliest on a tie', async () => {
    const best = bestOfN(slogan, { samples: 4, reward: brevity });
    const model = replying(['long one', 'ab', 'cd', 'longer still']);
    await expect(best.run(row, { model })).resolves.toEqual({ slogan: 'ab' });
    expect(model.calls.map(({ draw, request }) => [draw, request.temperature])).toEqual([
      ['0/sample-1', 1],
      ['0/sample-2', 1],
      ['0/sample-3', 1],
      ['0/sample-4', 1],
    ]);
    expect(best.calls(best.seed)).toEqual({ typical: 4, most: 8 });
  });

  test('is the first one that is good enough, and nothing is asked after it', async () => {
    const best = bestOfN(slogan, { samples: 9, reward: brevity, threshold: 0.5 });
    const model = replying(['long one', 'ab', 'c']);
    await expect(best.run(row, { model })).resolves.toEqual({ slogan: 'ab' });
    expect(model.callCount).toBe(2);
    const waves = replying(['long one', 'longer', 'ab', 'c', 'd', 'e']);
    await bestOfN(slogan, { samples: 9, reward: brevity, threshold: 0.5, atOnce: 2 }).run(row, {
      model: waves,
    });
    expect(waves.callCount).toBe(4);
  });

  test('runs again for the next row as for the first: nothing is kept between rows', async () => {
    const best = bestOfN(slogan, { samples: 3, reward: brevity, threshold: 9 });
    const model = replying(['ab', 'c', 'def']);
    const rows = await Promise.all([1, 2, 3, 4].map(() => best.run(row, { model })));
    expect(model.callCount).toBe(12);
    expect(rows).toHaveLength(4);
  });

  test('leaves an answer that cannot be read behind, and fails when all are', async () => {
    const closed = predict(signature('text -> mood: "good" | "bad"'));
    const best = bestOfN(closed, { samples: 2, reward: () => 1 });
    const script = (first: string, second: string) =>
      scriptedModel({ respond: (_, { draw }) => (draw.endsWith('1') ? first : second) });
    await expect(best.run({ text: 'x' }, { model: script('??', 'bad') })).resolves.toEqual({ mood: 'bad' });
    expect(await best.forward({ text: 'x' }, { model: script('??', '!!') })).toMatchObject({
      status: 'failed',
      text: '??',
    });
  });

  test('is judged by a program too, whose parameters are those of the whole', async () => {
    const judge = predict(signature('product, slogan, audience -> score: number, feedback?'), {
      name: 'judge',
    });
    const best = bestOfN(slogan, { samples: 3, reward: judge });
    expect(best.shape.inputs.map(({ name }) => name)).toEqual(['product', 'audience']);
    expect(Object.keys(best.seed)).toContain('judge.instructions');
    expect(best.calls(best.seed)).toEqual({ typical: 6, most: 12 });
    const model = scriptedModel({
      respond: ({ messages }, { draw }) => {
        const asked = String(messages.at(-1)?.content);
        if (!asked.includes('Slogan')) return `number ${draw.at(-1)}`;
        return asked.includes('number 2') ? '<score>9</score>' : 'who knows';
      },
    });
    const prediction = await best.forward({ ...row, audience: 'cats' } as typeof row, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { slogan: 'number 2' } });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'answer',
      'answer#2',
      'answer#3',
      'judge',
      'judge#2',
      'judge#3',
    ]);
  });

  test('fails the row when the reward throws or is no number, and throws when a service behind it is away', async () => {
    const failing = (reward: () => number) =>
      bestOfN(slogan, { reward, samples: 2 }).forward(row, { model: replying(['x']) });
    expect(
      await failing(() => {
        throw new Error('no ruler');
      }),
    ).toMatchObject({ status: 'failed', reason: 'no ruler' });
    expect(await failing(() => Number.NaN)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('NaN'),
    });
    await expect(
      failing(() => {
        throw new HoneError('away', { code: 'HONE_SERVICE_UNAVAILABLE' });
      }),
    ).rejects.toMatchObject({ code: 'HONE_SERVICE_UNAVAILABLE' });
  });

  test('of two steps sees the trace of both', async () => {
    const draft = predict(signature('product -> idea'), { name: 'idea' });
    const polish = predict(signature('idea -> slogan'), { name: 'polish' });
    const seen: number[] = [];
    const best = bestOfN(pipeline([draft, polish]), {
      samples: 2,
      reward: ({ trace, outputs }) => {
        seen.push(trace.length);
        return outputs.slogan.length;
      },
    });
    await expect(best.run(row, { model: replying(['a', 'b', 'ccc', 'dd']) })).resolves.toHaveProperty(
      'slogan',
    );
    expect(seen).toEqual([2, 2]);
  });

  test('refuses a judge that gives no number', () => {
    const words = predict(signature('slogan -> praise'), { name: 'judge' });
    expect(() => bestOfN(slogan, { reward: words })).toThrow(/gives no number/);
  });
});
