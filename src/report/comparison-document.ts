import type { ComparisonView } from './comparison.ts';

/** Comparisons as one JSON document: every figure and every row, without the texts of the rows. */
export function comparisonDocument(views: readonly ComparisonView[]) {
  return {
    schemaVersion: 1,
    kind: 'comparison',
    comparisons: views.map(({ comparison }) => comparison),
  } as const;
}
