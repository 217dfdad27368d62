import { HoneError } from '../base/errors.ts';
import { clusterKeys, findClusters } from './cluster-rows.ts';
import { type CollectOptions, collectExamples } from './collect.ts';
import type { Dataset, DatasetSplit, Example, RowRoles } from './dataset.ts';
import { createRowGate } from './unique-ids.ts';

const roleNames = ['train', 'validation', 'test'] as const;
type RoleName = (typeof roleNames)[number];

/** Most pairs of rows that a message names. */
const mostNamed = 3;

/** Whether rows come with their roles, rather than as one dataset to split. */
export function isRowRoles(rows: Dataset | Iterable<Example> | RowRoles): rows is RowRoles {
  return roleNames.every((role) => role in rows);
}

/**
 * Reads rows whose roles are given, each role as {@link collectExamples} does, and looks for leaks between the roles:
 * equal rows, near-duplicates and rows of one group. Between train and validation they are named in a notice; those of
 * the test are refused, because a prompt that has seen a row cannot be proven on its copy.
 *
 * @param options.limit Most rows of each role. @default 10_000
 * @returns The rows in the order of their sources, ids unique over all three.
 * @throws {HoneError} `HONE_DATASET_LEAK` for rows of the test that other roles know, unless `roles.allowLeaks`;
 * `HONE_DATASET_EMPTY` for a role without rows; `HONE_DATASET_INVALID` for a row that is no example.
 */
export async function collectRoles(
  roles: RowRoles,
  options: CollectOptions = {},
): Promise<DatasetSplit & { readonly examples: readonly Example[] }> {
  const gate = createRowGate('the rows of all roles');
  const notices: string[] = [];
  const rowsOf: Record<RoleName, readonly Example[]> = { train: [], validation: [], test: [] };
  for (const role of roleNames) {
    const collected = await collectRole(role, roles[role], options);
    rowsOf[role] = collected.examples.map((example) => gate.admit(example));
    notices.push(...collected.notices.map((notice) => `${role}: ${notice}`));
  }
  const renamed = gate.notice();
  if (renamed !== undefined) notices.push(renamed);

  const examples = roleNames.flatMap((role) => rowsOf[role]);
  const placed = roleNames.flatMap((role) => rowsOf[role].map((example) => ({ role, example })));
  const { clusters } = findClusters(examples);
  const shared = clusters.map((cluster) => cluster.map((row) => placed[row] as PlacedRow));
  const { ofTest, ofOthers } = findLeaks(shared);
  if (ofTest.length > 0 && roles.allowLeaks !== true) throw leak(ofTest, rowsOf.test.length);
  if (ofTest.length > 0)
    notices.push(`${sentence(ofTest, 'test')} That is allowed here; the proof is weaker for it.`);
  if (ofOthers.length > 0) notices.push(sentence(ofOthers, 'validation'));
  return { ...rowsOf, examples, clusters: clusterKeys(examples, clusters), notices };
}

async function collectRole(role: RoleName, rows: Dataset | Iterable<Example>, options: CollectOptions) {
  try {
    return await collectExamples(rows, options);
  } catch (thrown) {
    if (!HoneError.isInstance(thrown)) throw thrown;
    const { code, hint, facts } = thrown;
    throw new HoneError(`${role}: ${thrown.message}`, { code, hint, facts, cause: thrown });
  }
}

interface PlacedRow {
  readonly role: RoleName;
  readonly example: Example;
}

/** A row, and one of another role that tells what it is. */
interface Leak {
  readonly row: PlacedRow;
  readonly known: PlacedRow;
}

function findLeaks(clusters: readonly (readonly PlacedRow[])[]) {
  const ofTest: Leak[] = [];
  const ofOthers: Leak[] = [];
  for (const cluster of clusters) {
    const firstOf = (role: RoleName) => cluster.find((row) => row.role === role);
    const train = firstOf('train');
    const known = train ?? firstOf('validation');
    for (const row of cluster) {
      if (row.role === 'test' && known !== undefined) ofTest.push({ row, known });
      if (row.role === 'validation' && train !== undefined) ofOthers.push({ row, known: train });
    }
  }
  return { ofTest, ofOthers };
}

function sentence(leaks: readonly Leak[], role: RoleName): string {
  const named = leaks
    .slice(0, mostNamed)
    .map(({ row, known }) => `“${row.example.id}” as “${known.example.id}” of ${known.role}`);
  const further = leaks.length > mostNamed ? ', …' : '';
  const rows = leaks.length === 1 ? '1 row' : `${leaks.length} rows`;
  return `${rows} of ${role} ${leaks.length === 1 ? 'is' : 'are'} a copy, a near-duplicate or of the same group as a row of another role: ${named.join(', ')}${further}.`;
}

function leak(leaks: readonly Leak[], rows: number): HoneError {
  return new HoneError(sentence(leaks, 'test'), {
    code: 'HONE_DATASET_LEAK',
    hint: `Take these rows out of the test or of the others; \`allowLeaks: true\` goes on with a weaker proof.`,
    facts: { leaks: leaks.length, rows, ids: leaks.map(({ row }) => row.example.id).slice(0, 100) },
  });
}
