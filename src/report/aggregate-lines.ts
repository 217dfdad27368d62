import type { Aggregates, CalibrationSummary, ScoreSlice } from '../evaluation/aggregates.ts';
import { count, counted, oneLine, score } from './numbers.ts';

/** One figure beyond the score: what it is of, and what it says. */
export interface AggregateLine {
  readonly label: string;
  readonly text: string;
}

/** Rows below which a calibration error is mostly chance. */
const fewForCalibration = 200;
const shownConfusions = 3;
const shownSlices = 10;

/** What the rows say beyond the score of each, in the order of reading; the same words on a terminal and in a file. */
export function aggregateLines(aggregates: Aggregates | undefined): readonly AggregateLine[] {
  if (aggregates === undefined) return [];
  const { classifications = [], numbers = [], calibration, passAtK, slices } = aggregates;
  return [
    ...classifications.flatMap((summary) => {
      const wrong = summary.confusion.filter(({ expected, actual }) => expected !== actual);
      const shown = wrong
        .slice(0, shownConfusions)
        .map(
          ({ expected, actual, rows }) =>
            `${oneLine(expected, 24)} → ${actual === undefined ? 'no label' : oneLine(actual, 24)} ${weight(rows)}`,
        );
      const more =
        wrong.length <= shownConfusions
          ? ''
          : `, and ${counted(wrong.length - shownConfusions, 'kind')} more`;
      return [
        {
          label: summary.field,
          text: `accuracy ${score(summary.accuracy)}, macro F1 ${score(summary.macroF1)}, micro F1 ${score(summary.microF1)}, balanced accuracy ${score(summary.balancedAccuracy)}${summary.unread === 0 ? '' : `; ${weight(summary.unread)} without a label`}`,
        },
        ...(shown.length === 0 ? [] : [{ label: '', text: `mistaken: ${shown.join(', ')}${more}` }]),
      ];
    }),
    ...numbers.map(({ field, rows, unread, meanAbsolute, rootMeanSquare, bias }) => ({
      label: field,
      text:
        meanAbsolute === undefined || rootMeanSquare === undefined || bias === undefined
          ? `no answer is a number (${count(unread)})`
          : `mean absolute error ${figure(meanAbsolute)}, root mean square ${figure(rootMeanSquare)}, bias ${figure(bias)} over ${counted(rows, 'answer')}${unread === 0 ? '' : `; ${count(unread)} no number`}`,
    })),
    ...(calibration === undefined ? [] : calibrationLines(calibration)),
    ...(passAtK === undefined
      ? []
      : [
          {
            label: 'several answers',
            text: passAtK
              .filter(({ k }) => k > 1)
              .map(
                ({ k, anyRight, allRight, rows }) =>
                  `of ${k}: one right ${score(anyRight)}, all right ${score(allRight)}${rows === passAtK[0]?.rows ? '' : ` on ${counted(rows, 'row')} with so many answers`}`,
              )
              .join('; '),
          },
        ]),
    ...(slices === undefined
      ? []
      : [
          {
            label: `by ${oneLine(slices.field, 16)}`,
            text: 'score, and in brackets as few rows allow to believe it',
          },
          ...slices.slices.slice(0, shownSlices).map((slice) => ({ label: '', text: sliceText(slice) })),
          ...(slices.slices.length <= shownSlices
            ? []
            : [
                {
                  label: '',
                  text: `and ${counted(slices.slices.length - shownSlices, 'value')} more; --json has all`,
                },
              ]),
        ]),
  ];
}

function calibrationLines({
  answers,
  meanConfidence,
  accuracy,
  equalWidth,
  equalCount,
  brier,
}: CalibrationSummary): readonly AggregateLine[] {
  return [
    {
      label: 'calibration',
      text: `error ${score(equalWidth)} (bins of equal width), ${score(equalCount)} (of equal count), Brier ${score(brier)}: says ${score(meanConfidence)}, is right ${score(accuracy)}`,
    },
    ...(answers >= fewForCalibration
      ? []
      : [
          {
            label: '',
            text: `Over ${counted(answers, 'answer')} a calibration error looks larger than it is; ${fewForCalibration} tell more.`,
          },
        ]),
  ];
}

/** One value of a field with its score. */
export function sliceText({ value, rows, mean, shrunk }: ScoreSlice): string {
  return `${oneLine(value, 40)}: ${score(mean)} (${score(shrunk)}), ${counted(rows, 'row')}`;
}

/** Trials of one row are parts of it. */
function weight(rows: number): string {
  return Number.isInteger(rows) ? count(rows) : rows.toFixed(1);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
