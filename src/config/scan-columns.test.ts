import { expect, test } from 'vitest';
import { loadDataset } from '../dataset/load.ts';
import { scanColumns } from './scan-columns.ts';

const scan = async (values: readonly unknown[]) => {
  const rows = values.map((value, index) => ({ text: `row ${index}`, answer: value }));
  const dataset = await loadDataset(rows as never, { expected: ['answer'] });
  const { columns, rows: count } = await scanColumns(dataset, ['answer']);
  expect(count).toBe(values.length);
  return columns[0];
};

test.each<[what: string, values: readonly unknown[], column: object]>([
  ['texts that repeat are a closed choice', ['b', 'a', 'b', 'a', 'a'], { choices: ['a', 'b'] }],
  ['a text seen once opens a choice of few rows', ['b', 'a', 'b', 'a', 'c'], { type: 'string' }],
  [
    'more than 20 texts are open',
    Array.from({ length: 63 }, (_, index) => `v${index % 21}`),
    { type: 'string' },
  ],
  [
    '20 texts are closed',
    Array.from({ length: 60 }, (_, index) => `v${String(index % 20).padStart(2, '0')}`),
    { choices: Array.from({ length: 20 }, (_, index) => `v${String(index).padStart(2, '0')}`) },
  ],
  ['numbers', [1, 2, 3.5], { type: 'number' }],
  ['numbers as a table holds them', ['1', '-2.5', '3e4', '12'], { type: 'number' }],
  ['booleans', [true, false, true], { type: 'boolean' }],
  ['lists', [['a'], ['b']], { type: 'json' }],
  ['numbers and words', ['1', 'many', 'few'], { type: 'string' }],
  ['rows without a value say nothing', ['x', null, 'y', 'x', 'y'], { choices: ['x', 'y'] }],
])('%s', async (_, values, column) => {
  expect(await scan(values)).toEqual({ name: 'answer', ...column });
});
