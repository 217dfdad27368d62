import { expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { signature } from '../../signature/shorthand.ts';
import { type ScriptedModelOptions, scriptedModel } from '../../testing/scripted-model.ts';
import type { Ask } from '../optimizer.ts';
import { nothing } from './amounts.ts';
import { type AskUnit, askKey, modelOf, performAsk } from './ask.ts';
import { createRunBudget } from './budget.ts';

const request = {
  label: 'rewrite',
  signature: signature('failures -> instructions: string, reason: string'),
  inputs: { failures: 'It said billing.' },
} as unknown as Ask;

const unit: AskUnit = {
  kind: 'ask',
  ask: request,
  draw: '7/search/rewrite/0',
  key: askKey('7/search/rewrite/0', request),
  account: createRunBudget({}),
  typical: nothing,
  most: nothing,
};

async function perform(options: ScriptedModelOptions, { reask = true } = {}) {
  const reflection = scriptedModel(options);
  const { signal } = new AbortController();
  const record = await performAsk(unit, { models: { reflection }, signal, reask });
  return { ...record, calls: reflection.calls };
}

const good = JSON.stringify({ instructions: 'Sort it.', reason: 'Vague.' });

test('a request is answered through its signature, with its draw', async () => {
  const { result, calls } = await perform({ replies: [good] });
  expect(result).toEqual({
    status: 'answered',
    id: unit.draw,
    outputs: { instructions: 'Sort it.', reason: 'Vague.' },
  });
  expect(calls.map(({ draw, request: { temperature } }) => [draw, temperature])).toEqual([[unit.draw, 1]]);
});

test('an answer is repaired once, and unreadable when that fails: raw text never comes back', async () => {
  const repaired = await perform({ replies: ['{"instructions": "Sort it."}', '{"reason": "Vague."}'] });
  expect(repaired.result).toMatchObject({ status: 'answered', outputs: { reason: 'Vague.' } });
  const sorry = await perform({ replies: ['I am sorry.', 'Still sorry.'] });
  expect(sorry.result).toMatchObject({ status: 'unreadable', id: unit.draw });
  expect(JSON.stringify(sorry.result)).not.toContain('sorry.');
});

test('where asking again is not granted, one call is all', async () => {
  const { result, calls } = await perform({ replies: ['I am sorry.'] }, { reask: false });
  expect(result.status).toBe('unreadable');
  expect(calls).toHaveLength(1);
});

test('the price of every call, repairs included, is in the usage', async () => {
  const replies = [
    { text: '{}', costUsd: 0.25 },
    { text: good, costUsd: 0.5 },
  ];
  const { usage } = await perform({ replies });
  expect(usage).toMatchObject({ calls: 2, costUsd: 0.75 });
});

test('a call that the infrastructure lost is a value, one that nobody could make is an error', async () => {
  const failing = (code: 'HONE_MODEL_SERVER' | 'HONE_MODEL_AUTHENTICATION') =>
    perform({
      respond: () => {
        throw new HoneError('No.', { code });
      },
    });
  expect((await failing('HONE_MODEL_SERVER')).result).toMatchObject({ status: 'lost', reason: 'No.' });
  await expect(failing('HONE_MODEL_AUTHENTICATION')).rejects.toMatchObject({
    code: 'HONE_MODEL_AUTHENTICATION',
  });
});

test('another question under the same label is another request', () => {
  const other = { ...request, inputs: { failures: 'It said refunds.' } };
  expect(askKey(unit.draw, other)).not.toEqual(unit.key);
  expect(askKey(unit.draw, { ...request, temperature: 0 })).not.toEqual(unit.key);
  expect(askKey(unit.draw, request)).toEqual(unit.key);
});

test('without a reflection model the error says what to give', () => {
  expect(() => modelOf({}, {})).toThrow(
    expect.objectContaining({
      code: 'HONE_OPTION_INVALID',
      hint: expect.stringContaining('--reflection-model'),
    }),
  );
});

test.each([
  ['cut in a word', '{"instructions": "Sort it by th'],
  ['cut after every field', '{"instructions": "Sort it.", "reason": "Vague."'],
  ['whole, and yet at the limit', good],
])('an answer that reached its limit is unreadable: %s', async (_, text) => {
  const { result, calls } = await perform({ replies: [{ text, finishReason: 'length' }] });
  expect(result).toMatchObject({ status: 'unreadable', reason: expect.stringContaining('cut off') });
  expect(calls).toHaveLength(1);
});

test.each([
  ['an open thought', '<think>{"instructions": "Sort it.", "reason": "Vague."}'],
  ['half a fence', '```json\n{"instructions": "Sort it'],
  ['a word cut in the middle', '{"instructions": "Sort it by th'],
])('%s is unreadable', async (_, text) => {
  const { result } = await perform({ replies: [text] });
  expect(result.status).toBe('unreadable');
});

test('an example within the thoughts never wins over the answer behind them', async () => {
  const thought = '<think>Perhaps {"instructions": "Wrong.", "reason": "Wrong."}? No.</think>';
  const { result } = await perform({ replies: [`${thought}\n${good}`] });
  expect(result).toMatchObject({ status: 'answered', outputs: { instructions: 'Sort it.' } });
});
