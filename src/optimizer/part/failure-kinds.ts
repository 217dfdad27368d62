import { canonicalJson } from '../../base/canonical-json.ts';
import type { AnsweredRow } from './row-records.ts';

/**
 * Failed rows by kind, the most frequent kind first: the step that failed, what was expected and what was answered
 * instead. Where answers are all different, as with open texts, the step alone tells kinds apart.
 */
export function failureKinds(failed: readonly AnsweredRow[]): readonly (readonly AnsweredRow[])[] {
  const fine = groupedBy(failed, (row) => `${placeOf(row)} ${confusionOf(row)}`);
  const groups = fine.length > 1 && 2 * fine.length > failed.length ? groupedBy(failed, placeOf) : fine;
  return [...groups].sort((a, b) => b.length - a.length);
}

function placeOf({ result: { outcome } }: AnsweredRow): string {
  if (outcome.status === 'failed') return `${outcome.step ?? ''} unreadable`;
  if (outcome.status !== 'scored') return '';
  return Object.keys(outcome.stepFeedback ?? {}).join(' ');
}

function confusionOf({ example, result }: AnsweredRow): string {
  return canonicalJson([example.expected ?? null, result.outputs ?? null]);
}

function groupedBy(
  rows: readonly AnsweredRow[],
  keyOf: (row: AnsweredRow) => string,
): readonly (readonly AnsweredRow[])[] {
  const groups = new Map<string, AnsweredRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}
