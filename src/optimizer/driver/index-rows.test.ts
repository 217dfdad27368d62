import { expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { signature } from '../../signature/shorthand.ts';
import { indexRows } from './index-rows.ts';

const { shape } = predict(signature('ticket -> reply', { instructions: 'Reply.' }));

const label = 'we have received your message and will come back soon';
const rows = [
  { id: '1', inputs: { ticket: 'a', mail: { lines: ['one two three four five six seven eight'] } } },
  { id: '2', inputs: { ticket: 'b' }, expected: { reply: 'dear customer your parcel is on its way to you' } },
  { id: '3', inputs: { ticket: 'c' }, expected: { reply: label } },
  { id: '4', inputs: { ticket: 'd' }, expected: { reply: label } },
];

test('texts inside inputs and answers of one row are quoted, an answer of several rows is a label', async () => {
  const index = await indexRows(rows, shape);
  expect(index?.firstShared('As in one two three four five six seven eight.')).toBeDefined();
  expect(index?.firstShared('Say dear customer your parcel is on its way.')).toBeDefined();
  expect(index?.firstShared(`Say ${label} when unsure.`)).toBeUndefined();
});

test('a program without texts to propose has nothing to index', async () => {
  expect(await indexRows(rows, { parameters: [] })).toBeUndefined();
});
