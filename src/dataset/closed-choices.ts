import type { Example } from './dataset.ts';

const mostChoices = 20;

/**
 * The allowed answers of an expected column, where its values look like a closed choice: texts, at least two and
 * at most 20 different ones, each seen at least twice.
 *
 * @returns The values in alphabetical order (by code unit), or undefined for an open column.
 */
export function closedChoices(examples: readonly Example[], column: string): readonly string[] | undefined {
  const counts = new Map<string, number>();
  for (const { expected } of examples) {
    const value = expected?.[column];
    if (value === undefined) continue;
    if (typeof value !== 'string') return undefined;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > mostChoices) return undefined;
  }
  if (counts.size < 2 || [...counts.values()].some((count) => count < 2)) return undefined;
  return [...counts.keys()].sort();
}
