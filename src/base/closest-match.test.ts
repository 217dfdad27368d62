import { expect, test } from 'vitest';
import { closestMatch, editDistance } from './closest-match.ts';

test.each([
  ['catgory', ['ticket', 'category'], 'category'],
  ['TICKET', ['ticket', 'category'], 'ticket'],
  ['zebra', ['ticket', 'category'], undefined],
  ['a', [], undefined],
])('for %j among %j, %j is meant', (word, choices, expected) => {
  expect(closestMatch(word, choices)).toBe(expected);
});

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['same', 'same', 0],
])('from %j to %j are %i edits', (first, second, distance) => {
  expect(editDistance(first, second)).toBe(distance);
});
