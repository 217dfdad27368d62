import { createRandom } from '../base/random.ts';
import { type Comparison, compareScores, type PairSide } from '../evaluation/compare.ts';
import type { Outcome } from '../evaluation/evaluation.ts';
import { holmAdjusted } from '../evaluation/statistics/holm.ts';
import { plannedDifference } from '../evaluation/statistics/planned-difference.ts';
import { createScoreAccumulator } from '../evaluation/statistics/streaming-summary.ts';
import type { BoardColumn } from './board-views.ts';
import { evidenceOf } from './evidence.ts';

/** One answered cell of a column. */
export interface ScoredCell {
  readonly row: string;
  readonly cluster: string;
  /** By the first scorer; or why there is none. */
  readonly value: PairSide;
  /** Whether the value is that of an answer that could not be used. */
  readonly isFailed?: boolean | undefined;
}

export interface ScoredColumn {
  readonly variant: string;
  readonly scorer: string;
  readonly passFail: boolean;
  readonly cells: readonly ScoredCell[];
}

export interface ColumnsRequest {
  /** The first is what the others are held against. */
  readonly columns: readonly ScoredColumn[];
  /** Rows of the whole table, which an evaluation would ask. */
  readonly allRows: number;
}

/** Rows beyond which the plan of a larger sample is not worked out: by then it finds any difference of note. */
const mostPlanned = 2_000;
const significance = 0.05;

/**
 * Each column as a whole, and what the rows say of it and the first one. A difference is never called decided here:
 * whoever writes a text with these rows in sight fits it to them.
 */
export function boardColumns({ columns, allRows }: ColumnsRequest): readonly BoardColumn[] {
  const [base, ...others] = columns;
  if (base === undefined) return [];
  const compared = others.map((column) => compareColumns(base, column));
  const pValues = holmAdjusted(compared.map((comparison) => comparison?.pValue ?? 1));
  return [
    { ...totalsOf(base), fixed: [], broken: [] },
    ...others.map((column, index) => {
      const comparison = compared[index];
      const { fixed = [], broken = [] } = comparison ?? {};
      const adjustedP = pValues[index] ?? 1;
      if (base.scorer !== column.scorer) {
        const evidence = evidenceOf({ name: column.scorer, verdict: 'not-comparable', comparison });
        return { ...totalsOf(column), evidence, fixed: [], broken: [] };
      }
      return {
        ...totalsOf(column),
        fixed,
        broken,
        ...(comparison !== undefined && {
          evidence: evidenceOf({
            name: column.scorer,
            verdict: 'no-reliable-difference',
            comparison,
            adjustedP,
          }),
          sentence: sentenceOf(comparison, {
            names: [base.variant, column.variant],
            passFail: column.passFail,
            isClear: adjustedP <= significance && isOneSided(comparison),
            allRows,
          }),
        }),
      };
    }),
  ];
}

function totalsOf({ variant, scorer, passFail, cells }: ScoredColumn) {
  const sums = createScoreAccumulator({ name: scorer, passFail, random: createRandom(`board/${scorer}`) });
  const clusters = new Map<string, number>();
  for (const { cluster } of cells) clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1);
  for (const cell of cells) {
    const isAlone = clusters.get(cell.cluster) === 1;
    sums.add(outcomeOf(cell), { cluster: isAlone ? undefined : cell.cluster });
  }
  const { mean, interval, rows, failed, unscored, infrastructureErrors: lost } = sums.summary();
  return { variant, mean, interval, rows, failed, unscored, lost };
}

function outcomeOf({ value, isFailed }: ScoredCell): Outcome {
  if (value === 'lost') return { status: 'infrastructure-error', code: 'HONE_MODEL_BAD_REPLY', reason: '' };
  if (value === 'unscored') return { status: 'unscored', reason: '' };
  return isFailed ? { status: 'failed', value, feedback: '', text: '' } : { status: 'scored', value };
}

/** Undefined where no row has a score in both. */
function compareColumns(base: ScoredColumn, column: ScoredColumn): Comparison | undefined {
  const known = new Map(base.cells.map((cell) => [cell.row, cell]));
  const pairs = column.cells.flatMap(({ row, cluster, value }) => {
    const before = known.get(row);
    return before === undefined ? [] : [{ exampleId: row, cluster, seed: before.value, winner: value }];
  });
  if (!pairs.some(({ seed, winner }) => typeof seed === 'number' && typeof winner === 'number')) {
    return undefined;
  }
  const passFail = base.passFail && column.passFail;
  return compareScores({ pairs, passFail, random: createRandom('board') });
}

function isOneSided({ interval: [low, high] }: Comparison): boolean {
  return low > 0 || high < 0;
}

function sentenceOf(
  { clusters, difference, interval }: Comparison,
  {
    names: [base, other],
    passFail,
    isClear,
    allRows,
  }: {
    readonly names: readonly [string, string];
    readonly passFail: boolean;
    readonly isClear: boolean;
    readonly allRows: number;
  },
): { readonly head: string; readonly rest: string } {
  const rows = `${clusters} ${clusters === 1 ? 'row' : 'rows'}`;
  const larger = Math.min(allRows, mostPlanned);
  const whole = plannedDifference(Math.max(1, larger), { passFail });
  const offer =
    larger > clusters && whole < 1
      ? ` ${larger} rows would find one of ${points(whole)} points in four of five runs.`
      : '';
  if (isClear) {
    const way = difference > 0 ? 'higher' : 'lower';
    return {
      head: `${other} scores ${points(Math.abs(difference))} points ${way} than ${base} on these ${rows} (${signed(interval[0])} to ${signed(interval[1])}).`,
      rest: 'They were in sight while the text was written: a reason to evaluate it on others, and no proof.',
    };
  }
  const smallest = plannedDifference(clusters, { passFail });
  const power =
    smallest >= 1
      ? 'So few can show no difference at all.'
      : `So few find a difference of ${points(smallest)} points or more.`;
  return { head: `${rows} cannot separate ${base} and ${other}.`, rest: `${power}${offer}` };
}

function points(share: number): string {
  return (Math.ceil(share * 1_000) / 10).toFixed(share >= 0.1 ? 0 : 1);
}

function signed(share: number): string {
  return `${share < 0 ? '−' : ''}${Math.abs(share * 100).toFixed(1)}`;
}
