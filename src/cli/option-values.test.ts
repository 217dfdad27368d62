import { expect, test } from 'vitest';
import { objectivesOf, roleModels, wholeNumber } from './option-values.ts';

test.each([
  ['score', [{ name: 'score', direction: 'maximize' }]],
  [
    'score, cost<=0.002 ,latency',
    [
      { name: 'score', direction: 'maximize' },
      { name: 'cost', direction: 'minimize', bound: 0.002 },
      { name: 'latency', direction: 'minimize' },
    ],
  ],
  [
    'score>=0.8,brevity:minimize,length<=12,politeness',
    [
      { name: 'score', direction: 'maximize', bound: 0.8 },
      { name: 'brevity', direction: 'minimize' },
      { name: 'length', direction: 'minimize', bound: 12 },
      { name: 'politeness', direction: 'maximize' },
    ],
  ],
])('%s are objectives', (text, objectives) => {
  expect(objectivesOf(text)).toEqual(objectives);
});

test.each([
  ['cost', /lacks score/],
  ['score,score', /score twice/],
  ['score,cost>=1', /on the side that it is to move to/],
  ['score<=0.5', /on the side that it is to move to/],
  ['score,cost<=many', /no number/],
  ['score,cost<1', /no objective/],
  ['score,', /no objective/],
  ['score,brevity:up', /no objective/],
])('%s are refused', (text, message) => {
  expect(() => objectivesOf(text)).toThrow(message);
});

test('the models of further roles are named one by one', () => {
  const first = roleModels('judge=openai/gpt-5-mini');
  expect(roleModels('answer.model=local/smollm2=x', first)).toEqual({
    judge: 'openai/gpt-5-mini',
    'answer.model': 'local/smollm2=x',
  });
  expect(() => roleModels('judge=other', first)).toThrow('judge twice');
  expect(() => roleModels('task=other')).toThrow('--model');
  expect(() => roleModels('reflection=other')).toThrow('--reflection-model');
  expect(() => roleModels('openai/gpt-5')).toThrow('no role=model');
});

test('a port is a number that a port can have', () => {
  const port = wholeNumber(0, 65_535);
  expect([port('0'), port('65535')]).toEqual([0, 65_535]);
  for (const text of ['65536', '-1', '4747.5', '']) expect(() => port(text)).toThrow('from 0 to 65535');
});
