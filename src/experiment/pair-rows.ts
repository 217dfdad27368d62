import type { ExperimentRow } from './experiment.ts';

/** All answers to one row. */
export interface RowAnswers {
  readonly id: string;
  readonly input: string;
  /** What the row counts once with: its group, else its copies; undefined where it stands alone. */
  readonly group?: string | undefined;
  readonly slice?: string | undefined;
  readonly answers: readonly ExperimentRow[];
}

/** Two rows that are one. */
export interface RowPair {
  readonly baseline: RowAnswers;
  readonly challenger: RowAnswers;
  /** Of whichever side knows what its rows say. */
  readonly slice?: string | undefined;
}

export interface Pairing {
  /** In the order of the baseline. */
  readonly pairs: readonly RowPair[];
  /** How many of them were paired by their inputs. */
  readonly byInput: number;
  /** Rows that only one side has. */
  readonly alone: { readonly baseline: readonly RowAnswers[]; readonly challenger: readonly RowAnswers[] };
  /** Ids that mean another question on the other side. */
  readonly changed: readonly string[];
}

/** Gathers the answers to each row, in the order of the first one. */
export async function gatherRows(rows: AsyncIterable<ExperimentRow>): Promise<readonly RowAnswers[]> {
  // One object a row and no further copies: there may be hundreds of thousands.
  const gathered = new Map<string, Omit<RowAnswers, 'answers'> & { readonly answers: ExperimentRow[] }>();
  for await (const row of rows) {
    const known = gathered.get(row.id);
    if (known !== undefined) known.answers.push(row);
    else {
      const { id, input, group, slice } = row;
      gathered.set(id, { id, input, group, slice, answers: [row] });
    }
  }
  return withCopies([...gathered.values()]);
}

/** Rows that ask the same are one row, in the group of whichever of them has one. */
function withCopies(rows: readonly RowAnswers[]): readonly RowAnswers[] {
  const known = new Map<string, { rows: number; group?: string | undefined }>();
  for (const row of rows) {
    if (!isKnown(row)) continue;
    const same = known.get(row.input);
    if (same === undefined) known.set(row.input, { rows: 1, group: row.group });
    else {
      same.rows += 1;
      same.group ??= row.group;
    }
  }
  return rows.map((row) => {
    const same = known.get(row.input);
    if (row.group !== undefined || same === undefined || same.rows === 1) return row;
    return { ...row, group: same.group ?? `copies of ${row.input}` };
  });
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
    if (isKnown(row) && isKnown(other) && other.input !== row.input) changed.push(row.id);
  }
  const byInput = new Map<string, RowAnswers[]>();
  for (const row of left.values()) {
    if (!isKnown(row)) continue;
    const same = byInput.get(row.input);
    if (same === undefined) byInput.set(row.input, [row]);
    else same.push(row);
  }
  const pairs: RowPair[] = [];
  const onlyBaseline: RowAnswers[] = [];
  let pairedByInput = 0;
  for (const row of baseline) {
    const byId = found.get(row.id);
    const other = byId ?? byInput.get(row.input)?.shift();
    if (other === undefined) {
      onlyBaseline.push(row);
      continue;
    }
    if (byId === undefined) {
      pairedByInput += 1;
      left.delete(other.id);
    }
    const slice = row.slice ?? other.slice;
    pairs.push({ baseline: row, challenger: other, ...(slice !== undefined && { slice }) });
  }
  return {
    pairs,
    byInput: pairedByInput,
    alone: { baseline: onlyBaseline, challenger: [...left.values()] },
    changed,
  };
}

/** Where both sides have the same version of the rows, nobody hashes them: their ids are enough. */
function isKnown({ input }: RowAnswers): boolean {
  return input !== '';
}

/** The pairs of one slice; a row alone stays named where nobody knows its slice. */
export function onlySlice(pairing: Pairing, slice: string): Pairing {
  const isIn = (row: RowAnswers) => row.slice === undefined || row.slice === slice;
  const pairs = pairing.pairs.filter((pair) => pair.slice === slice);
  const ids = new Set(pairs.map(({ baseline }) => baseline.id));
  return {
    pairs,
    byInput: pairs.filter(({ baseline, challenger }) => baseline.id !== challenger.id).length,
    alone: {
      baseline: pairing.alone.baseline.filter(isIn),
      challenger: pairing.alone.challenger.filter(isIn),
    },
    changed: pairing.changed.filter((id) => ids.has(id)),
  };
}
