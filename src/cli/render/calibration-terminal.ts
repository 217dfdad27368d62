import type { JudgeCalibration } from '../../evaluation/calibrate-judge.ts';
import { counted, oneLine, score, signed } from '../../report/numbers.ts';
import { row } from './report-terminal.ts';
import type { Style } from './style.ts';

export interface CalibrationView {
  readonly name: string;
  readonly model: string;
  /** Rows that the infrastructure lost. */
  readonly lost: number;
  readonly calibration: JudgeCalibration;
}

const verdicts: Readonly<Record<JudgeCalibration['verdict'], string>> = {
  usable: 'Usable: it agrees with people well beyond chance.',
  'triage-only': 'For triage only: it may sort rows for people to look at; its scores prove nothing.',
  'too-few-labels': 'Too few labels to say.',
};

/** How far a judge is to be believed, for a terminal. */
export function renderCalibration({ name, model, lost, calibration }: CalibrationView, style: Style): string {
  const { agreement, kappaInterval, bias, flips, threshold, corrected, notes } = calibration;
  const interval = ([low, high]: readonly [number, number]) => `${score(low)} to ${score(high)}`;
  const weighed = agreement.weights === 'quadratic' ? 'weighted κ' : 'κ';
  return [
    `${style.bold(oneLine(name, 60))}  ${style.dim(oneLine(model, 60))}`,
    '',
    row('verdict', style.bold(verdicts[calibration.verdict])),
    row(
      'agreement',
      `${weighed} ${score(agreement.kappa)}, 95 % interval ${interval(kappaInterval)}; AC1 ${score(agreement.ac1)}; the same verdict on ${score(agreement.observed)} of ${counted(calibration.labels, 'label')}`,
    ),
    ...bias.map(({ label, human, judge, difference, interval: bounds }, index) =>
      row(
        index === 0 ? 'bias' : '',
        `${oneLine(label, 24)}: people ${score(human)}, judge ${score(judge)} (${signed(difference)}, ${signed(bounds[0])} to ${signed(bounds[1])})`,
      ),
    ),
    ...(flips === undefined
      ? [row('flips', 'not asked: the choices of a program of several steps cannot be turned')]
      : [
          row(
            'flips',
            `${score(flips.rate)} of ${counted(flips.rows, 'verdict')} turn with the order of the choices (${interval(flips.interval)})`,
          ),
        ]),
    ...(threshold === undefined
      ? []
      : [
          row(
            'threshold',
            `say ${oneLine(threshold.label, 24)} from a probability of ${score(threshold.value)}: κ ${score(threshold.heldOutKappa)} on rows held out, ${score(threshold.likeliestKappa)} by the likelier choice`,
          ),
        ]),
    ...(corrected ?? []).map(({ label, judged, mean, interval: bounds }, index) =>
      row(
        index === 0 ? 'corrected' : '',
        `${oneLine(label, 24)}: the judge says ${score(judged)} of ${counted(calibration.unlabelled, 'row')} without a label, people would say ${score(mean)} (${interval(bounds)})`,
      ),
    ),
    ...(lost === 0
      ? []
      : [
          row(
            'note',
            style.warn(
              `${counted(lost, 'row')} ${lost === 1 ? 'was' : 'were'} lost to faults and ${lost === 1 ? 'is' : 'are'} in no figure.`,
            ),
          ),
        ]),
    ...notes.map((note) => row('note', style.warn(note))),
  ].join('\n');
}
