import type { JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { readNumber } from '../scorer/read-number.ts';
import { kindOf } from '../signature/json-schema.ts';
import { choicesOf, type Field } from '../signature/signature.ts';
import type { RowResult } from './evaluation.ts';
import { brierScore, expectedCalibrationError, type Forecast } from './metric/calibration.ts';
import {
  type ClassificationSummary,
  classificationSummary,
  type LabelPair,
} from './metric/classification.ts';
import { createNumberErrors, type NumberErrors } from './metric/number-errors.ts';
import { passAtK } from './metric/pass-at-k.ts';
import { createNumbers, type Numbers } from './statistics/numbers.ts';
import { shrunkTowardsMean } from './statistics/shrinkage.ts';

/** What the rows say beyond the score of each, where it applies. JSON. */
export interface Aggregates {
  /** Of each closed output with labels. */
  readonly classifications?: readonly (ClassificationSummary & { readonly field: string })[] | undefined;
  /** Of each number with labels. */
  readonly numbers?: readonly (NumberErrors & { readonly field: string })[] | undefined;
  /** How far the stated probability of an answer is from how often it is right, where choices are scored. */
  readonly calibration?: CalibrationSummary | undefined;
  /** Of several answers a row, pass/fail: the chance that one of k is right, and that all are. */
  readonly passAtK?: readonly PassAtK[] | undefined;
  /** By the values of one field. */
  readonly slices?: SliceSummary | undefined;
}

export interface PassAtK {
  readonly k: number;
  readonly anyRight: number;
  readonly allRight: number;
  /** Rows with k answers or more: those that lost some are in the figures of fewer. */
  readonly rows: number;
}

export interface CalibrationSummary {
  /** Answers with a probability and a pass/fail score. */
  readonly answers: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
  /** Expected calibration error in ten bins of equal width. */
  readonly equalWidth: number;
  /** The same in ten bins of as many answers each. */
  readonly equalCount: number;
  readonly brier: number;
}

export interface SliceSummary {
  readonly field: string;
  /** Most rows first. */
  readonly slices: readonly ScoreSlice[];
  /** Values beyond the first 50, which are together in the last slice; 0 where there are none. */
  readonly pooledValues: number;
}

export interface ScoreSlice {
  readonly value: string;
  readonly rows: number;
  readonly mean: number;
  /** The mean drawn towards that of all slices, as far as so few rows can be off by chance. */
  readonly shrunk: number;
}

/** Takes rows as they come. Memory grows with the different labels, and by a few bytes a row. */
export interface AggregateAccumulator {
  /** The trials of one row. */
  add(trials: readonly RowResult[]): void;
  summary(): Aggregates;
  /** What a reader should know: that no row has the field of the slices, or that labels are no choices. */
  notices(): readonly string[];
}

export interface AggregateOptions {
  readonly outputs: readonly Field[];
  /** Whether the first scorer says pass or fail. */
  readonly passFail: boolean;
  /** An input or expected field by whose values the score is told apart. @default none */
  readonly by?: string | undefined;
}

/** Values of a field that get a slice of their own. */
const mostSlices = 50;
/** Labels beyond the choices that are told. */
const mostStrange = 5;
/** Different pairs of labels that are kept apart. */
const mostCells = 10_000;

export function createAggregates({ outputs, passFail, by }: AggregateOptions): AggregateAccumulator {
  const closed = outputs.filter((field) => choicesOf(field) !== undefined);
  const numeric = outputs.filter(({ schema }) => ['number', 'integer'].includes(kindOf(schema)));
  const labels = new Map(closed.map(({ name }) => [name, createCells()]));
  const numbers = new Map(numeric.map(({ name }) => [name, createNumberErrors()]));
  // A wrong one is kept below 0, so that an answer takes four bytes.
  const forecasts = createNumbers({ precision: 'single' });
  const repeats = new Map<string, RepeatedRows>();
  const slices = new Map<string, { rows: number; mean: number; squares: number }>();

  const addSlice = (first: RowResult, value: number) => {
    if (by === undefined) return;
    const key = sliceOf(first, by);
    const slice = slices.get(key) ?? { rows: 0, mean: 0, squares: 0 };
    slices.set(key, slice);
    slice.rows += 1;
    const before = value - slice.mean;
    slice.mean += before / slice.rows;
    slice.squares += before * (value - slice.mean);
  };

  /** Labels that are no choice of their output, with their rows. */
  const strange = new Map(closed.map(({ name }) => [name, new Map<string, number>()]));
  const choices = new Map(closed.map((field) => [field.name, new Set(choicesOf(field))]));
  const addStrange = ({ expected }: RowResult) => {
    for (const [name, found] of strange) {
      const label = ownOf(expected ?? {}, name);
      if (typeof label !== 'string' || choices.get(name)?.has(label)) continue;
      if (found.has(label) || found.size < mostStrange) found.set(label, (found.get(label) ?? 0) + 1);
    }
  };

  const hasField = () => slices.size > 1 || !slices.has(withoutValue);
  return {
    notices: () => [
      ...(by === undefined || hasField()
        ? []
        : [`No row has an input or expected field “${by}” to tell the score apart by.`]),
      ...[...strange].flatMap(([name, found]) => (found.size === 0 ? [] : [strangeLabels(name, found)])),
    ],
    add(trials) {
      const answered = trials.filter(
        ({ outcome }) => outcome.status === 'scored' || outcome.status === 'failed',
      );
      const [first] = answered;
      if (first === undefined) return;
      addStrange(first);
      for (const trial of answered) {
        for (const [name, cells] of labels) {
          const expected = ownOf(trial.expected ?? {}, name);
          if (typeof expected !== 'string') continue;
          const actual = ownOf(trial.outputs ?? {}, name);
          cells.add(expected, typeof actual === 'string' ? actual : undefined, 1 / answered.length);
        }
        for (const [name, pairs] of numbers) {
          const expected = readNumber(ownOf(trial.expected ?? {}, name));
          if (expected !== undefined)
            pairs.add({
              expected,
              actual: readNumber(ownOf(trial.outputs ?? {}, name)),
              weight: 1 / answered.length,
            });
        }
        const { outcome, confidence } = trial;
        if (passFail && confidence !== undefined && outcome.status === 'scored') {
          forecasts.push(outcome.value === 1 ? confidence : -1 - confidence);
        }
      }
      const values = answered.flatMap(({ outcome }) => ('value' in outcome ? [outcome.value] : []));
      addSlice(first, values.reduce((sum, value) => sum + value, 0) / values.length);
      if (trials.length > 1 && passFail) {
        const right = values.filter((value) => value === 1).length;
        const key = `${right} of ${values.length}`;
        const known = repeats.get(key);
        repeats.set(key, { answers: values.length, right, rows: (known?.rows ?? 0) + 1 });
      }
    },
    summary() {
      const classifications = [...labels].flatMap(([field, cells]) => {
        const pairs = cells.pairs();
        return pairs.length === 0 ? [] : [{ field, ...classificationSummary(pairs) }];
      });
      const errors = [...numbers].flatMap(([field, pairs]) => {
        const found = pairs.summary();
        return found.rows + found.unread === 0 ? [] : [{ field, ...found }];
      });
      const repeated = passesAt([...repeats.values()]);
      return {
        ...(classifications.length > 0 && { classifications }),
        ...(errors.length > 0 && { numbers: errors }),
        ...(forecasts.length > 0 && { calibration: calibrationOf(forecasts) }),
        ...(repeated.length > 0 && { passAtK: repeated }),
        ...(by !== undefined && slices.size > 0 && hasField() && { slices: summarizeSlices(by, slices) }),
      };
    },
  };
}

function strangeLabels(name: string, found: ReadonlyMap<string, number>): string {
  const rows = [...found.values()].reduce((sum, count) => sum + count, 0);
  const labels = [...found.keys()].map((label) => `“${label}”`).join(', ');
  const atLeast = found.size === mostStrange ? 'At least ' : '';
  return `${atLeast}${rows} ${rows === 1 ? 'row expects' : 'rows expect'} a “${name}” that is none of its choices, so that no answer can be it: ${labels}.`;
}

function calibrationOf(kept: Numbers): CalibrationSummary {
  const forecasts = [...kept].map(
    (value): Forecast =>
      value < -0.5 ? { confidence: -1 - value, right: false } : { confidence: value, right: true },
  );
  const answers = forecasts.length;
  return {
    answers,
    meanConfidence: forecasts.reduce((sum, { confidence }) => sum + confidence, 0) / answers,
    accuracy: forecasts.filter(({ right }) => right).length / answers,
    equalWidth: expectedCalibrationError(forecasts),
    equalCount: expectedCalibrationError(forecasts, { by: 'count' }),
    brier: brierScore(forecasts),
  };
}

/** So many rows with so many answers, of which so many are right. */
interface RepeatedRows {
  readonly answers: number;
  readonly right: number;
  readonly rows: number;
}

/** For 1 and each double of it up to the answers of a row, and these. Rows with fewer answers are left out. */
function passesAt(rows: readonly RepeatedRows[]): readonly PassAtK[] {
  const most = Math.max(0, ...rows.map(({ answers }) => answers));
  const sizes = new Set<number>(most > 1 ? [1, most] : []);
  for (let k = 2; k < most; k *= 2) sizes.add(k);
  return [...sizes]
    .sort((a, b) => a - b)
    .map((k) => {
      const enough = rows.filter(({ answers }) => answers >= k);
      const total = enough.reduce((sum, row) => sum + row.rows, 0);
      const meanOf = (of: (row: (typeof rows)[number]) => number) =>
        enough.reduce((sum, row) => sum + row.rows * of(row), 0) / total;
      return {
        k,
        anyRight: meanOf(({ answers, right }) => passAtK(answers, right, k) ?? 0),
        // All of k are right where none of k is wrong.
        allRight: meanOf(({ answers, right }) => 1 - (passAtK(answers, answers - right, k) ?? 1)),
        rows: total,
      };
    });
}

function summarizeSlices(
  field: string,
  slices: ReadonlyMap<string, { rows: number; mean: number; squares: number }>,
): SliceSummary {
  const all = [...slices].map(([value, slice]) => ({ value, ...slice })).sort((a, b) => b.rows - a.rows);
  const kept = all.slice(0, mostSlices);
  const rest = all.slice(mostSlices);
  const freedom = all.reduce((sum, { rows }) => sum + rows - 1, 0);
  // Pooled, so that a slice of few equal scores does not look certain; without any repetition the most there can be.
  const variance = freedom === 0 ? 0.25 : all.reduce((sum, { squares }) => sum + squares, 0) / freedom;
  const shown = [
    ...kept,
    ...(rest.length === 0
      ? []
      : [
          {
            value: `${rest.length} other values`,
            rows: rest.reduce((sum, { rows }) => sum + rows, 0),
            mean:
              rest.reduce((sum, { rows, mean }) => sum + rows * mean, 0) /
              rest.reduce((sum, { rows }) => sum + rows, 0),
          },
        ]),
  ];
  const { means } = shrunkTowardsMean(
    shown.map(({ mean, rows }) => ({ mean, squaredError: variance / rows })),
  );
  return {
    field,
    pooledValues: rest.length,
    slices: shown.map(({ value, rows, mean }, index) => ({
      value,
      rows,
      mean,
      shrunk: means[index] ?? mean,
    })),
  };
}

const withoutValue = '(none)';

function sliceOf({ inputs, expected }: RowResult, field: string): string {
  const value = [expected, inputs]
    .map((part: JsonObject | undefined) => ownOf(part ?? {}, field))
    .find((each) => each !== undefined);
  if (value === undefined || value === null) return withoutValue;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function createCells() {
  const cells = new Map<string, Required<Omit<LabelPair, 'actual'>> & Pick<LabelPair, 'actual'>>();
  return {
    add(expected: string, actual: string | undefined, weight: number) {
      const key = JSON.stringify([expected, actual ?? null]);
      const cell = cells.get(key);
      if (cell !== undefined) cells.set(key, { ...cell, weight: cell.weight + weight });
      else if (cells.size < mostCells) cells.set(key, { expected, actual, weight });
    },
    pairs: (): readonly LabelPair[] => (cells.size >= mostCells ? [] : [...cells.values()]),
  };
}
