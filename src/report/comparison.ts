import type {
  ComparedRow,
  Delta,
  ExperimentComparison,
  ExperimentVerdict,
  RowChange,
  RowDetail,
  ScoreComparison,
} from '../experiment/experiment.ts';
import { changeOrder } from '../experiment/select-rows.ts';
import {
  count,
  counted,
  differenceInterval,
  dollars,
  duration,
  probability,
  signed,
  testName,
} from './numbers.ts';

/** A comparison with the rows that are shown of it. */
export interface ComparisonView {
  readonly comparison: ExperimentComparison;
  /** In their order, with what was asked and answered. */
  readonly shown: readonly ShownRow[];
  /** Rows that passed the filter, shown or not. */
  readonly selected: number;
}

export interface ShownRow {
  readonly row: ComparedRow;
  readonly baseline?: RowDetail | undefined;
  readonly challenger?: RowDetail | undefined;
}

/** The formats that a comparison is written in. */
export const comparisonFormats = ['json', 'md', 'html', 'xml', 'csv'] as const;
export type ComparisonFormat = (typeof comparisonFormats)[number];

export function verdictWords(verdict: ExperimentVerdict): string {
  switch (verdict) {
    case 'improved':
      return 'improved';
    case 'regressed':
      return 'regressed';
    case 'no-reliable-difference':
      return 'no reliable difference';
    case 'incomplete':
      return 'incomplete';
    case 'not-comparable':
      return 'not comparable';
  }
}

/** The verdict of the first scorer in a sentence. */
export function comparisonSentence({ scores, counts }: ExperimentComparison): string {
  const [first] = scores;
  if (first?.comparison === undefined) return 'No row has a score on both sides: nothing was compared.';
  const { difference, interval, rows } = first.comparison;
  const figures = `${signed(difference)} (95 % interval ${differenceInterval(interval)}) on ${counted(rows, 'row')}`;
  const turned = `${count(counts.improved)} improved, ${count(counts.regressed)} regressed`;
  switch (first.verdict) {
    case 'improved':
      return `Better: ${figures}; ${turned}.`;
    case 'regressed':
      return `Worse: ${figures}; ${turned}.`;
    case 'no-reliable-difference':
      return `No reliable difference: ${figures}; ${turned}. That is no proof of equality.`;
    case 'incomplete':
      return `Incomplete: ${figures}, and too much hangs on rows that one side lacks; ${turned}.`;
    case 'not-comparable':
      return `Not comparable: the two were scored by different measures; ${turned}.`;
  }
}

/** p as it decides, with its test. */
export function pText({ comparison, adjustedP }: ScoreComparison): string {
  if (comparison === undefined) return '–';
  const p = probability(adjustedP ?? comparison.pValue);
  const isAdjusted = adjustedP !== undefined && adjustedP !== comparison.pValue;
  return `${p} (${testName(comparison.test)}${isAdjusted ? ', Holm' : ''})`;
}

/** `improved 3, regressed 1, unchanged 196`; kinds without a row are left out, except the first two. */
export function countsText(counts: Readonly<Record<RowChange, number>>): string {
  const words = {
    improved: 'improved',
    regressed: 'regressed',
    unchanged: 'unchanged',
    error: 'lost',
    unscored: 'not scored',
  };
  return changeOrder
    .filter((change) => counts[change] > 0 || change === 'improved' || change === 'regressed')
    .map((change) => `${count(counts[change])} ${words[change]}`)
    .join(', ');
}

/** A cost or a time with its sign where it is a difference. */
export function deltaText({ unit }: Pick<Delta, 'unit'>, value: number, isDifference = false): string {
  const size = Math.abs(value);
  const text = unit === 'usd' ? dollars(size) : duration(size);
  if (!isDifference) return text;
  return `${value < 0 ? '−' : value > 0 ? '+' : ''}${text}`;
}

export function deltaInterval(delta: Delta): string {
  if (delta.interval === undefined) return '–';
  const [low, high] = delta.interval;
  return `${deltaText(delta, low, true)} to ${deltaText(delta, high, true)}`;
}

const namedIds = 20;

/** Rows without a counterpart, by name: a blank would look like an answer. */
export function unmatchedTexts({ unmatched, baseline, challenger }: ExperimentComparison): readonly string[] {
  const text = (ids: readonly string[], of: string) => {
    const more = ids.length > namedIds ? ` and ${count(ids.length - namedIds)} more` : '';
    return `${counted(ids.length, 'row')} only in ${of}: ${ids.slice(0, namedIds).join(', ')}${more}.`;
  };
  return [
    ...(unmatched.baseline.length === 0 ? [] : [text(unmatched.baseline, `the baseline ${baseline.id}`)]),
    ...(unmatched.challenger.length === 0
      ? []
      : [text(unmatched.challenger, `the challenger ${challenger.id}`)]),
  ];
}

/** Everything that must be read beside the figures. */
export function comparisonNotes(comparison: ExperimentComparison): readonly string[] {
  const { notes, scores, pairedBy } = comparison;
  return [
    ...notes,
    ...(pairedBy.input === 0
      ? []
      : [`${counted(pairedBy.input, 'row')} had another id and were paired by the same inputs.`]),
    ...scores.flatMap(({ name, comparison: figures }) =>
      figures?.note === undefined ? [] : [`${name}: ${asBaseline(figures.note)}`],
    ),
    ...unmatchedTexts(comparison),
  ];
}

/** Notes of a comparison speak of seed and winner; here they are the baseline and the challenger. */
function asBaseline(note: string): string {
  return note.replaceAll('the seed', 'the baseline').replaceAll('the winner', 'the challenger');
}
