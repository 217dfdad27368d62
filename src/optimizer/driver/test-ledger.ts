import { canonicalJson } from '../../base/canonical-json.ts';
import { hashJson } from '../../base/hash.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RunOwner, Store } from '../../store/store.ts';

export interface TestEntry {
  /** Who tests. */
  readonly owner: RunOwner;
  /** Of the run, for people. */
  readonly name: string;
  /** Of the run: the same search with the same seed makes the same comparison, which is no further use. */
  readonly identity: string;
  readonly rows: readonly Example[];
}

/**
 * Enters that a run tests these rows, before it does, and counts the comparisons that they served before. A run that
 * goes on, or is made again, finds its first entry, and what counts before that never changes, so it decides as it did.
 */
export async function enterTest(
  store: Pick<Store, 'sealedTests' | 'runs'>,
  { owner, name, identity, rows }: TestEntry,
): Promise<number> {
  const test = hashOfTest(rows);
  await store.sealedTests.use(owner, { test, name, rows: rows.length });
  const uses = await store.sealedTests.list(test);
  const runs = await Promise.all(uses.map(({ runId }) => store.runs.read(runId)));
  // A run that was deleted made some comparison all the same.
  const comparisons = runs.map((run, index) => run?.identity ?? `deleted ${index}`);
  // The same comparison made again is the one that it was first, whatever was compared in between.
  return new Set(comparisons.slice(0, comparisons.indexOf(identity))).size;
}

/** The same rows in another order, or under other ids, are the same test. */
function hashOfTest(rows: readonly Example[]): string {
  return hashJson(
    rows.map(({ inputs, expected }) => canonicalJson({ inputs, expected: expected ?? null })).sort(),
  );
}
