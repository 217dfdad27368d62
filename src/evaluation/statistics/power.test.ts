import { expect, test } from 'vitest';
import { minimumDetectableEffect, minimumDetectableMeanDifference, rowsNeeded } from './power.ts';

test.each([
  { rows: 50, effects: [0.1224, 0.173, 0.2119] },
  { rows: 100, effects: [0.0876, 0.1238, 0.1516] },
  { rows: 200, effects: [0.0623, 0.0881, 0.1079] },
  { rows: 500, effects: [0.0395, 0.0559, 0.0685] },
  { rows: 1000, effects: [0.028, 0.0396, 0.0485] },
])('$rows rows find $effects when 10, 20 and 30 % of them differ', ({ rows, effects }) => {
  const found = [0.1, 0.2, 0.3].map((discordantRate) => minimumDetectableEffect(rows, { discordantRate }));
  for (const [index, effect] of effects.entries()) expect(found[index]).toBeCloseTo(effect, 4);
});

test.each([
  { difference: 0.05, discordantRate: 0.2, rows: 626 },
  { difference: 0.1, discordantRate: 0.2, rows: 155 },
  { difference: 0.03, discordantRate: 0.1, rows: 870 },
  { difference: 0.05, discordantRate: 0.3, rows: 940 },
])('a difference of $difference with $discordantRate differing needs $rows rows', ({ rows, ...plan }) => {
  expect(Math.ceil(rowsNeeded(plan.difference, plan))).toBe(rows);
});

test('a difference of 0.05 needs 625.55 rows unless said otherwise', () => {
  expect(rowsNeeded(0.05)).toBeCloseTo(625.55, 2);
});

test('three rows find nothing', () => {
  expect(minimumDetectableEffect(3)).toBe(1);
});

test('without any differing row nothing is found', () => {
  expect(minimumDetectableEffect(1000, { discordantRate: 0 })).toBe(1);
});

test('a mean difference of 0.03 with a variance of 1/9 needs 969 rows', () => {
  const effect = minimumDetectableMeanDifference(969, { standardDeviation: 1 / 3 });
  expect(effect).toBeCloseTo(0.03, 4);
});

test.each([0, -0.1, 0.5, Number.NaN])('a difference of %d is refused', (difference) => {
  expect(() => rowsNeeded(difference)).toThrow(expect.objectContaining({ code: 'HONE_OPTION_INVALID' }));
});
