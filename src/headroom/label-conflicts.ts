import { canonicalJson } from '../base/canonical-json.ts';
import type { Example } from '../dataset/dataset.ts';
import { groupEqualRows } from '../dataset/near-duplicates.ts';

/** Rows with the same inputs and other answers. */
export interface LabelConflict {
  readonly rows: readonly { readonly id: string; readonly expected: string }[];
}

/** What contradictions among the labels cost. JSON. */
export interface LabelConflicts {
  /** Rows whose inputs stand in another row with another answer. */
  readonly rows: number;
  /** Share of all rows that one prompt can get right at best: of each contradiction the most frequent answer. */
  readonly best: number;
  /** The largest first, five at most. */
  readonly examples: readonly LabelConflict[];
}

const mostShown = 5;

/**
 * Rows that no prompt can all get right, because they ask the same and expect different answers. Equal are inputs of
 * the same words and signs; capitals, spaces and commas do not count.
 */
export function labelConflicts(examples: readonly Example[]): LabelConflicts {
  const groups = new Map<string, Example[]>();
  const numbers = groupEqualRows(examples);
  for (const [index, example] of examples.entries()) {
    const key = `${numbers[index]} ${signsOf(example)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [example]);
    else group.push(example);
  }
  const conflicts = [...groups.values()]
    .map((group) => ({ group, counts: countAnswers(group) }))
    .filter(({ counts }) => counts.size > 1)
    .sort((first, second) => second.group.length - first.group.length);
  const rows = conflicts.reduce((sum, { group }) => sum + group.length, 0);
  const lost = conflicts.reduce(
    (sum, { group, counts }) => sum + group.length - Math.max(...counts.values()),
    0,
  );
  return {
    rows,
    best: examples.length === 0 ? 1 : 1 - lost / examples.length,
    examples: conflicts
      .slice(0, mostShown)
      .map(({ group }) => ({ rows: group.map((row) => ({ id: row.id, expected: answerOf(row) })) })),
  };
}

function countAnswers(group: readonly Example[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of group) {
    const answer = answerOf(row).trim().toLowerCase();
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return counts;
}

/** The expected values; a single one as it is. */
function answerOf({ expected = {} }: Example): string {
  const [only, another] = Object.values(expected);
  return another === undefined && typeof only === 'string' ? only : canonicalJson(expected);
}

/** "2 + 1" and "2 - 1" have the same words. */
function signsOf({ inputs }: Example): string {
  return canonicalJson(inputs).replace(/[\p{L}\p{N}\s.,!?;:'"“”‘’()[\]{}\\…]+/gu, '');
}
