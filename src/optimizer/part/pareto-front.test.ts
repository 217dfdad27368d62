import { describe, expect, test } from 'vitest';
import { kneeOf, paretoFront } from './pareto-front.ts';

const objectives = [
  { name: 'score', direction: 'maximize' },
  { name: 'cost', direction: 'minimize' },
] as const;
const points = [
  [0.9, 10],
  [0.85, 6],
  [0.8, 5],
  [0.88, 9],
  [0.7, 2],
  [0.84, 7],
  [0.9, 12],
].map(([score = 0, cost = 0], id) => ({ id, objectives: { score, cost } }));

test('the front holds what no other point beats on score and cost', () => {
  expect(paretoFront(points, objectives).map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
});

test('equal points stay together, and one without a value is left out', () => {
  const [first] = points;
  const twins = [first, { ...first, id: 7 }, { id: 8, objectives: { score: 1 } }].filter(
    (point) => point !== undefined,
  );
  expect(paretoFront(twins as typeof points, objectives).map(({ id }) => id)).toEqual([0, 7]);
});

test('of one objective the front is its best', () => {
  const [score] = objectives;
  expect(paretoFront(points, [score]).map(({ id }) => id)).toEqual([0, 6]);
});

describe('the knee', () => {
  test('is the point of the front farthest before the line between its ends', () => {
    const front = paretoFront(points, objectives);
    expect(kneeOf(front, objectives)?.id).toBe(1);
  });

  test('is none where all lie on the line, or two are all there are', () => {
    const line = [0, 0.5, 1].map((share, id) => ({ id, objectives: { score: share, cost: 10 * share } }));
    expect(kneeOf(line, objectives)).toBeUndefined();
    expect(kneeOf(line.slice(0, 2), objectives)).toBeUndefined();
  });

  test('of three objectives is the nearest to the best of all', () => {
    const three = [...objectives, { name: 'latency', direction: 'minimize' }] as const;
    const measured = [
      [1, 10, 10],
      [0.9, 2, 2],
      [0.2, 0, 9],
      [0.3, 9, 0],
    ].map(([score = 0, cost = 0, latency = 0], id) => ({ id, objectives: { score, cost, latency } }));
    expect(kneeOf(measured, three)?.id).toBe(1);
  });
});
