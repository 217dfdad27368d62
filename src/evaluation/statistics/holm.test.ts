import { expect, test } from 'vitest';
import { holmAdjusted } from './holm.ts';

test('Holm adjusts in steps that never fall, whatever the order', () => {
  expect(holmAdjusted([0.001, 0.012, 0.014, 0.04, 0.2]).map((p) => Number(p.toFixed(6)))).toEqual([
    0.005, 0.048, 0.048, 0.08, 0.2,
  ]);
  expect(holmAdjusted([0.2, 0.001, 0.04, 0.014, 0.012]).map((p) => Number(p.toFixed(6)))).toEqual([
    0.2, 0.005, 0.08, 0.048, 0.048,
  ]);
  expect(holmAdjusted([])).toEqual([]);
});
