import type { Example } from '../dataset/dataset.ts';
import type { PairSide } from '../evaluation/compare.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import type { CandidateHash } from '../prompt/candidate.ts';
import type { Store } from '../store/store.ts';

/** Id of a row → its score, or why it has none. */
export type TestScores = ReadonlyMap<string, PairSide>;

/** What a run has recorded of a candidate on these rows; undefined when it has not answered them all. */
export async function recordedScores(
  store: Pick<Store, 'outcomes'>,
  {
    runId,
    candidate,
    rows,
  }: { readonly runId: string; readonly candidate: CandidateHash; readonly rows: readonly Example[] },
): Promise<TestScores | undefined> {
  const wanted = new Set(rows.map(({ id }) => id));
  const scores = new Map<string, PairSide>();
  for await (const { example, trial, outcome } of store.outcomes.read(runId, { effect: 'row', candidate })) {
    if (trial !== 0 || !wanted.has(example)) continue;
    scores.set(example, sideOf(JSON.parse(outcome) as Pick<RowResult, 'outcome'>));
  }
  return scores.size === wanted.size ? scores : undefined;
}

/** The score of one answer, or why it has none. */
export function sideOf({ outcome }: Pick<RowResult, 'outcome'>): PairSide {
  if ('value' in outcome) return outcome.value;
  return outcome.status === 'unscored' ? 'unscored' : 'lost';
}
