import { normalQuantile } from '../../base/distributions.ts';
import { HoneError } from '../../base/errors.ts';
import { requireSample } from '../statistics/sample.ts';

export interface KappaOptions {
  /** How much a distance of ordered labels counts. @default 'none' */
  readonly weights?: 'none' | 'linear' | 'quadratic' | undefined;
  /** The labels in their order, for weights. @default those that come, in alphabetical order */
  readonly labels?: readonly string[] | undefined;
  /** How much each row counts, such as 1 / rows of its group; above 0. @default 1 each */
  readonly rowWeights?: readonly number[] | undefined;
}

/** How far two raters agree beyond chance. JSON. */
export interface Agreement {
  readonly rows: number;
  /** Share of the rows on which they say the same. */
  readonly observed: number;
  /** Cohen's κ: 1 is full agreement, 0 what chance gives; 1 where both only ever gave one and the same label. */
  readonly kappa: number;
  /** Agreement that chance alone would give, weighed as κ is. */
  readonly chance: number;
  /** Of κ, for its interval. */
  readonly standardError: number;
  /** 95 % interval of κ, within −1 and 1. */
  readonly interval: readonly [number, number];
  /** Gwet's AC1: does not fall where nearly all labels are the same. */
  readonly ac1: number;
}

/**
 * Agreement of two raters over the same rows, with Cohen's κ, its interval and Gwet's AC1 beside it.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` without a row, `HONE_OPTION_INVALID` for lists of two lengths.
 * @see Cohen 1960; standard error: Fleiss, Cohen and Everitt 1969, eq. 13; Gwet 2008.
 */
export function agreement(
  first: readonly string[],
  second: readonly string[],
  options: KappaOptions = {},
): Agreement {
  requireSample('agreement', first.length);
  if (first.length !== second.length) {
    throw new HoneError(`One rater has ${first.length} labels, the other ${second.length}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give both the same rows in the same order.',
    });
  }
  const labels = options.labels ?? [...new Set([...first, ...second])].sort();
  const size = labels.length;
  const rows = first.length;
  let total = 0;
  const place = new Map(labels.map((label, index) => [label, index]));
  const cells = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [row, label] of first.entries()) {
    const line = cells[place.get(label) ?? -1];
    const column = place.get(second[row] ?? '');
    if (line === undefined || column === undefined) {
      throw new HoneError(`"${label}" or "${second[row]}" is none of the labels.`, {
        code: 'HONE_OPTION_INVALID',
        hint: `Name every label: ${labels.join(', ')}.`,
      });
    }
    const counts = options.rowWeights?.[row] ?? 1;
    line[column] = (line[column] ?? 0) + counts;
    total += counts;
  }
  const at = (i: number, j: number) => (cells[i]?.[j] ?? 0) / total;
  const countOf = (of: (index: number) => number | undefined) =>
    labels.reduce((sum, _, index) => sum + (of(index) ?? 0), 0) / total;
  const rowSums = labels.map((_, i) => countOf((j) => cells[i]?.[j]));
  const columnSums = labels.map((_, j) => countOf((i) => cells[i]?.[j]));
  const weight = weightOf(options.weights ?? 'none', size);
  let seen = 0;
  let chance = 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      seen += weight(i, j) * at(i, j);
      chance += weight(i, j) * (rowSums[i] ?? 0) * (columnSums[j] ?? 0);
    }
  }
  const kappa = chance === 1 ? 1 : (seen - chance) / (1 - chance);
  const observed = countOf((i) => cells[i]?.[i]);
  const standardError = errorOf({ at, rowSums, columnSums, weight, seen, chance, rows: total });
  const half = normalQuantile(0.975) * standardError;
  return {
    rows,
    observed,
    kappa,
    chance,
    standardError,
    interval: [Math.max(-1, kappa - half), Math.min(1, kappa + half)],
    ac1: ac1Of(
      observed,
      labels.map((_, i) => ((rowSums[i] ?? 0) + (columnSums[i] ?? 0)) / 2),
    ),
  };
}

function weightOf(kind: 'none' | 'linear' | 'quadratic', size: number): (i: number, j: number) => number {
  const widest = Math.max(1, size - 1);
  if (kind === 'linear') return (i, j) => 1 - Math.abs(i - j) / widest;
  if (kind === 'quadratic') return (i, j) => 1 - ((i - j) / widest) ** 2;
  return (i, j) => (i === j ? 1 : 0);
}

interface Table {
  at(i: number, j: number): number;
  readonly rowSums: readonly number[];
  readonly columnSums: readonly number[];
  weight(i: number, j: number): number;
  readonly seen: number;
  readonly chance: number;
  /** The sum of what they count. */
  readonly rows: number;
}

function errorOf({ at, rowSums, columnSums, weight, seen, chance, rows }: Table): number {
  if (chance === 1) return 0;
  const size = rowSums.length;
  const indexes = Array.from({ length: size }, (_, index) => index);
  // Mean weight of a label against the other rater's labels.
  const rowWeight = indexes.map((i) =>
    indexes.reduce((sum, j) => sum + (columnSums[j] ?? 0) * weight(i, j), 0),
  );
  const columnWeight = indexes.map((j) =>
    indexes.reduce((sum, i) => sum + (rowSums[i] ?? 0) * weight(i, j), 0),
  );
  let sum = 0;
  for (const i of indexes) {
    for (const j of indexes) {
      const mean = (rowWeight[i] ?? 0) + (columnWeight[j] ?? 0);
      sum += at(i, j) * (weight(i, j) * (1 - chance) - mean * (1 - seen)) ** 2;
    }
  }
  const inner = sum - (seen * chance - 2 * chance + seen) ** 2;
  return Math.sqrt(Math.max(0, inner) / rows) / (1 - chance) ** 2;
}

function ac1Of(observed: number, shares: readonly number[]): number {
  if (shares.length < 2) return 1;
  const chance = shares.reduce((sum, share) => sum + share * (1 - share), 0) / (shares.length - 1);
  return (observed - chance) / (1 - chance);
}

/**
 * Fleiss' κ of more than two raters.
 *
 * @param counts For each row how many raters gave each label; as many raters a row.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` without a row.
 * @see Fleiss 1971, "Measuring Nominal Scale Agreement Among Many Raters".
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number {
  requireSample('agreement', counts.length);
  const raters = (counts[0] ?? []).reduce((sum, count) => sum + count, 0);
  const labels = counts[0]?.length ?? 0;
  const observed =
    counts.reduce(
      (sum, row) =>
        sum + (row.reduce((squares, count) => squares + count ** 2, 0) - raters) / (raters * (raters - 1)),
      0,
    ) / counts.length;
  let chance = 0;
  for (let label = 0; label < labels; label += 1) {
    const share = counts.reduce((sum, row) => sum + (row[label] ?? 0), 0) / (counts.length * raters);
    chance += share ** 2;
  }
  return chance === 1 ? 1 : (observed - chance) / (1 - chance);
}
