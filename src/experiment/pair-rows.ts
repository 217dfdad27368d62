import type { ExperimentRow } from './experiment.ts';

/** All answers to one row. */
export interface RowAnswers {
  readonly id: string;
  readonly input: string;
  readonly group?: string | undefined;
  readonly slice?: string | undefined;
  readonly answers: readonly ExperimentRow[];
}

/** Two rows that are one. */
export interface RowPair {
  readonly baseline: RowAnswers;
  readonly challenger: RowAnswers;
}

export interface Pairing {
  /** In the order of the baseline. */
  readonly pairs: readonly RowPair[];
  readonly byInput: number;
  /** Ids of rows that only one side has. */
  readonly unmatched: { readonly baseline: readonly string[]; readonly challenger: readonly string[] };
  /** Ids that mean another question on the other side. */
  readonly changed: readonly string[];
}

/** Gathers the answers to each row, in the order of the first one. */
export async function gatherRows(rows: AsyncIterable<ExperimentRow>): Promise<readonly RowAnswers[]> {
  const gathered = new Map<string, { head: ExperimentRow; answers: ExperimentRow[] }>();
  for await (const row of rows) {
    const known = gathered.get(row.id);
    if (known === undefined) gathered.set(row.id, { head: row, answers: [row] });
    else known.answers.push(row);
  }
  return [...gathered.values()].map(({ head: { id, input, group, slice }, answers }) => ({
    id,
    input,
    group,
    slice,
    answers,
  }));
}

/**
 * Pairs rows by their ids, those that are left by the canonical hash of their inputs, in their order. A row with no
 * counterpart is named, and an id that asks something else on the other side is told: nothing goes missing in silence.
 */
export function pairRows(baseline: readonly RowAnswers[], challenger: readonly RowAnswers[]): Pairing {
  const left = new Map(challenger.map((row) => [row.id, row]));
  const found = new Map<string, RowAnswers>();
  const changed: string[] = [];
  for (const row of baseline) {
    const other = left.get(row.id);
    if (other === undefined) continue;
    left.delete(row.id);
    found.set(row.id, other);
    if (other.input !== row.input) changed.push(row.id);
  }
  const byInput = new Map<string, RowAnswers[]>();
  for (const row of left.values()) {
    const same = byInput.get(row.input);
    if (same === undefined) byInput.set(row.input, [row]);
    else same.push(row);
  }
  const pairs: RowPair[] = [];
  const onlyBaseline: string[] = [];
  let pairedByInput = 0;
  for (const row of baseline) {
    const byId = found.get(row.id);
    const other = byId ?? byInput.get(row.input)?.shift();
    if (other === undefined) {
      onlyBaseline.push(row.id);
      continue;
    }
    if (byId === undefined) {
      pairedByInput += 1;
      left.delete(other.id);
    }
    pairs.push({ baseline: row, challenger: other });
  }
  return {
    pairs,
    byInput: pairedByInput,
    unmatched: { baseline: onlyBaseline, challenger: [...left.keys()] },
    changed,
  };
}
