import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { fitClassifier, type LinearClassifier } from './logistic-regression.ts';

function classify({ means, weights, offsets }: LinearClassifier, row: readonly number[]): number {
  const odds = weights.map((own, label) =>
    own.reduce((sum, weight, at) => sum + weight * ((row[at] ?? 0) - (means[at] ?? 0)), offsets[label] ?? 0),
  );
  return odds.indexOf(Math.max(...odds));
}

/** Rows of three classes: each has a feature of its own that is higher by 3, the others are noise. */
function rowsOf(count: number, seed: string) {
  const random = createRandom(seed);
  const targets = Array.from({ length: count }, (_, index) => index % 3);
  const noise = () => random.next() + random.next() + random.next() - 1.5;
  const features = targets.map((target) =>
    Array.from({ length: 40 }, (_, at) => 10 * noise() * (at > 30 ? 5 : 1) + (at === target ? 30 : 0)),
  );
  return { features, targets, classes: 3 };
}

test('tells classes apart that one feature in forty tells apart, on rows that it was not fitted to', () => {
  const classifier = fitClassifier(rowsOf(90, 'fit'));
  const { features, targets } = rowsOf(300, 'other');
  const right = features.filter((row, index) => classify(classifier, row) === targets[index]).length;
  expect(right / 300).toBeGreaterThan(0.9);
});

test('gives the minimum of its loss: the shares of the classes where features say nothing', () => {
  const targets = [...Array<number>(60).fill(0), ...Array<number>(20).fill(1)];
  const { offsets, weights } = fitClassifier({ features: targets.map(() => [7, -1]), targets, classes: 2 });
  expect((offsets[0] ?? 0) - (offsets[1] ?? 0)).toBeCloseTo(Math.log(3), 2);
  expect(weights.flat()).toEqual([0, 0, 0, 0]);
});

test('does not depend on the scale of a feature', () => {
  const { features, targets, classes } = rowsOf(60, 'scale');
  const plain = fitClassifier({ features, targets, classes });
  const scaled = fitClassifier({
    features: features.map((row) => row.map((value) => value * 1_000)),
    targets,
    classes,
  });
  expect((scaled.weights[0]?.[0] ?? 0) * 1_000).toBeCloseTo(plain.weights[0]?.[0] ?? 0, 6);
});

test('has finite weights without rows and without features', () => {
  expect(fitClassifier({ features: [], targets: [], classes: 2 })).toEqual({
    means: [],
    weights: [[], []],
    offsets: [0, 0],
  });
  expect(fitClassifier({ features: [[]], targets: [1], classes: 2 }).offsets.every(Number.isFinite)).toBe(
    true,
  );
});
