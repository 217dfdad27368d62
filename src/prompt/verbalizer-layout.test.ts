import { expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { renderVerbalizer, scoreByVerbalizer } from './verbalizer-layout.ts';

const parts = {
  signature: signature('ticket -> team: "billing" | "access"', { instructions: 'Sort it.' }),
  instructions: 'Sort it.',
  userTemplate: undefined,
  demos: [],
  inputs: { ticket: 'My card was charged twice.' },
} as never;

const verbalizer = {
  words: ['charge', 'login'],
  expected: [-4, -6],
  weights: { billing: [0.5, -0.5], access: [-0.5, 0.5] },
};

test('asks for the row in one word, with the instructions shared by all rows', () => {
  expect(renderVerbalizer(parts, verbalizer)).toEqual({
    prompt: {
      messages: [
        { role: 'system', content: 'Sort it.\n\n' },
        { role: 'user', content: 'Ticket: My card was charged twice.\nIn one word, this is about' },
      ],
      layout: 'completion',
      sharedMessages: 1,
    },
    continuations: [' charge', ' login'],
  });
});

test('weighs how much likelier than expected each word is', () => {
  const choices = ['billing', 'access'];
  expect(scoreByVerbalizer([-4, -6], { verbalizer, choices })).toEqual([0, 0]);
  expect(scoreByVerbalizer([-2, -7], { verbalizer, choices })).toEqual([1.5, -1.5]);
});

test('gives an answer without weights even odds, and a word that is ruled out no infinite say', () => {
  const scores = scoreByVerbalizer([Number.NEGATIVE_INFINITY, -6], {
    verbalizer,
    choices: ['billing', 'other'],
  });
  expect(scores).toEqual([-23, 0]);
});
