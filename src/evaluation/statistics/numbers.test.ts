import { expect, test } from 'vitest';
import { createNumbers, quantiles } from './numbers.ts';

test('numbers come back as they were put in, across pages', () => {
  const numbers = createNumbers();
  for (let value = 0; value < 40_000; value += 1) numbers.push(value / 3);
  expect(numbers.length).toBe(40_000);
  expect([0, 16_383, 16_384, 39_999].map((index) => numbers.at(index))).toEqual([
    0,
    16_383 / 3,
    16_384 / 3,
    39_999 / 3,
  ]);
  expect(numbers.at(40_000)).toBeUndefined();
  expect(numbers.at(-1)).toBeUndefined();
  expect([...numbers]).toHaveLength(40_000);
});

test('p50 and p95 are exact, whatever the order', () => {
  const latencies = createNumbers({ precision: 'single' });
  for (let index = 0; index < 20_001; index += 1) latencies.push((index * 7919) % 20_001);
  expect(quantiles(latencies, [0.5, 0.95])).toEqual([10_000, 19_000]);
});

test('single precision keeps seven digits', () => {
  const numbers = createNumbers({ precision: 'single' });
  numbers.push(1234.5678);
  expect(numbers.at(0)).toBeCloseTo(1234.5678, 3);
  expect(numbers.at(0)).not.toBe(1234.5678);
});

test('quantiles of nothing are refused', () => {
  expect(() => quantiles(createNumbers(), [0.5])).toThrow(
    expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }),
  );
});
