import { expect, test } from 'vitest';
import { signature } from '../../signature/shorthand.ts';
import { type ScriptedModelOptions, scriptedModel } from '../../testing/scripted-model.ts';
import type { Ask } from '../optimizer.ts';
import { type AskSetting, ask } from './ask.ts';
import { createBudgetMeter } from './budget.ts';

const request: Ask = {
  label: 'rewrite',
  signature: signature('failures -> instructions: string, reason: string') as Ask['signature'],
  inputs: { failures: 'It said billing.' },
};

function setting(model: ScriptedModelOptions, changes: Partial<AskSetting> = {}) {
  const reflectionModel = scriptedModel(model);
  const budget = createBudgetMeter({ reflectionCalls: 4 }, { validation: 0, test: 0, seedCallsPerRow: 1 });
  const signal = new AbortController().signal;
  const given: AskSetting = {
    reflectionModel,
    budget,
    randomSeed: 7,
    path: 'search/round-1',
    signal,
    ...changes,
  };
  return { given, model: reflectionModel };
}

const good = JSON.stringify({ instructions: 'Sort it.', reason: 'Vague.' });

test('every sample is a draw of its own, named by seed, scope, label and index', async () => {
  const { given, model } = setting({ replies: [good] });
  await expect(ask({ ...request, samples: 2 }, given)).resolves.toEqual([
    { instructions: 'Sort it.', reason: 'Vague.' },
    { instructions: 'Sort it.', reason: 'Vague.' },
  ]);
  expect(model.calls.map(({ draw }) => draw)).toEqual([
    '7/search/round-1/rewrite/0',
    '7/search/round-1/rewrite/1',
  ]);
  expect(model.calls[0]?.request.temperature).toBe(1);
});

test('an answer is repaired once, and left out when that fails: raw text never comes back', async () => {
  const replies = ['{"instructions": "Sort it."}', '{"reason": "Vague."}', 'I am sorry.', 'Still sorry.'];
  const { given, model } = setting({ replies });
  await expect(ask({ ...request, samples: 2 }, given)).resolves.toEqual([
    { instructions: 'Sort it.', reason: 'Vague.' },
  ]);
  expect(model.callCount).toBe(4);
});

test('a call that the budget does not allow is not made', async () => {
  const { given, model } = setting({ replies: [good] });
  await expect(ask({ ...request, samples: 5 }, given)).rejects.toMatchObject({
    code: 'HONE_BUDGET_EXHAUSTED',
  });
  expect(model.callCount).toBe(4);
});

test('the price of every call, repairs included, is taken off the dollars', async () => {
  const budget = createBudgetMeter({ usd: 1 }, { validation: 0, test: 0, seedCallsPerRow: 1 });
  const replies = [
    { text: '{}', costUsd: 0.25 },
    { text: good, costUsd: 0.5 },
  ];
  await ask(request, setting({ replies }, { budget }).given);
  expect(budget.usedUsd).toBe(0.75);
});

test('without a reflection model the error says what to give', async () => {
  const { given } = setting({ replies: [good] }, { reflectionModel: undefined });
  await expect(ask(request, given)).rejects.toMatchObject({
    code: 'HONE_OPTION_INVALID',
    hint: expect.stringContaining('--reflection-model'),
  });
});
