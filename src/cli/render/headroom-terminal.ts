import type { Headroom } from '../../headroom/headroom.ts';
import { count, counted, dollars, oneLine } from '../../report/numbers.ts';
import { row } from './report-terminal.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap-text.ts';

export interface HeadroomView {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
}

const mostShown = 5;

/** Whether optimizing can pay, first; then what says so. */
export function renderHeadroom(headroom: Headroom, { style, width }: HeadroomView): string {
  const { name, verdict, summary, figures, seed, prompts, labels, power, rows, usage, notes } = headroom;
  const paint = verdict === 'promising' ? style.good : verdict === 'at-ceiling' ? style.accent : style.warn;
  const wrong = headroom.sameWrongAnswer;
  return [
    `${style.bold(name)}  ${paint(verdict.replaceAll('-', ' '))}`,
    ...wrapText(summary, { width: Math.min(100, width) }),
    '',
    row(
      'your prompt',
      `${score(seed.mean)} on ${counted(seed.rows, 'row')}, 95 % interval ${score(seed.interval[0])} to ${score(seed.interval[1])}`,
    ),
    ...prompts.map(({ name: prompt, what, mean, rows: on }) =>
      row(prompt, `${score(mean)} on ${counted(on, 'row')}: ${what}`),
    ),
    ...(figures === undefined
      ? []
      : [
          row('any of them', `${score(figures.reachable)}: the best prompt of each row`),
          row(
            '',
            `${share(figures.between.always)} of the rows always right, ${share(figures.between.never)} never`,
          ),
          row('asked again', `${share(figures.repeats.differing)} of the rows scored otherwise`),
          ...(figures.prompts === undefined
            ? []
            : [row('said otherwise', `${share(figures.prompts.differing)} of the rows scored otherwise`)]),
          row(
            'spread',
            `${score(figures.repeats.deviation)} between answers, ${score(figures.prompts?.deviation ?? 0)} between prompts that say the same, ${score(figures.between.deviation)} between rows`,
          ),
        ]),
    row(
      'labels',
      labels.rows === 0
        ? 'no two rows contradict each other'
        : `${count(labels.rows)} of ${count(rows)} rows contradict another; at best ${score(labels.best)} can be right`,
    ),
    ...labels.examples.map(({ rows: same }) =>
      row('', oneLine(same.map(({ id, expected }) => `${id} → ${expected}`).join(', '), 120)),
    ),
    row(
      'a test finds',
      power.smallestDifference === undefined
        ? `nothing: ${counted(rows, 'row')} allow none`
        : `a difference of ${score(power.smallestDifference)} or more in ${counted(rows, 'row')}`,
    ),
    ...(wrong.length === 0
      ? []
      : [
          row(
            'worth a look',
            `${oneLine(wrong.slice(0, mostShown).join(', '), 100)}${wrong.length > mostShown ? ' …' : ''}: all answers agree, and not with the label`,
          ),
        ]),
    row(
      'calls',
      `${count(usage.calls)} (${count(usage.cachedCalls)} stored before), ${dollars(usage.spentUsd)}`,
    ),
    ...notes.map((note) => row('note', note)),
  ].join('\n');
}

function score(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(2);
}

function share(value: number): string {
  return `${Math.round(100 * value)} %`;
}
