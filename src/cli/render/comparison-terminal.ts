import type { ScoreComparison } from '../../experiment/experiment.ts';
import {
  type ComparisonView,
  comparisonNotes,
  comparisonSentence,
  countsText,
  deltaInterval,
  deltaText,
  pText,
  type ShownRow,
  verdictWords,
} from '../../report/comparison.ts';
import { count, differenceInterval, oneLine, score, signed } from '../../report/numbers.ts';
import { valuesText } from '../../report/values-text.ts';
import type { ListedExperiment } from '../commands/experiments.ts';
import { row } from './report-terminal.ts';
import type { Style } from './style.ts';

/** Comparisons as a reader wants them on a terminal: the prompt first, then figures, then rows. */
export function renderComparison(views: readonly ComparisonView[], style: Style): string {
  return views.map((view) => renderOne(view, style)).join('\n\n');
}

function renderOne(view: ComparisonView, style: Style): string {
  const { comparison, shown, selected } = view;
  const { baseline, challenger, scores, deltas, counts, slices = [], prompt } = comparison;
  const lines = [
    `${style.bold(oneLine(challenger.name, 60))}  ${style.dim(`${baseline.id} → ${challenger.id}`)}`,
    `  ${verdictStyle(scores[0], style)(comparisonSentence(comparison))}`,
    '',
    ...promptLines(prompt, style),
    ...scores.flatMap((each) => scoreLines(each, style)),
    ...deltas.map((delta) =>
      row(
        delta.name,
        `${deltaText(delta, delta.baseline)} → ${deltaText(delta, delta.challenger)} an answer, ${deltaText(delta, delta.difference, true)} (${deltaInterval(delta)})`,
      ),
    ),
    row('rows', countsText(counts)),
    ...comparisonNotes(comparison).map((note) => row('note', style.warn(plain(note)))),
    ...slices.map(({ slice, rows, difference, interval }) =>
      row(
        'slice',
        `${oneLine(slice, 40)}  ${signed(difference)}  ${differenceInterval(interval)}  ${count(rows)} rows`,
      ),
    ),
  ];
  if (shown.length > 0) lines.push('', ...shown.flatMap((each) => rowLines(each, style)));
  if (selected > shown.length)
    lines.push(style.dim(`  … and ${count(selected - shown.length)} more (--limit)`));
  return lines.join('\n');
}

function promptLines(prompt: ComparisonView['comparison']['prompt'], style: Style): readonly string[] {
  if (prompt === undefined) return [row('prompt', 'not kept')];
  if (prompt.length === 0) return [row('prompt', 'the same')];
  return [
    ...prompt.flatMap(({ name, lines }) => [
      row('prompt', name),
      ...lines.map(({ kind, text }) => {
        const shown = plain(text);
        if (kind === 'added') return style.good(`  + ${shown}`);
        return kind === 'removed' ? style.bad(`  - ${shown}`) : style.dim(`    ${shown}`);
      }),
    ]),
    '',
  ];
}

function scoreLines(each: ScoreComparison, style: Style): readonly string[] {
  const { name, comparison, verdict } = each;
  const words = verdictStyle(each, style)(verdictWords(verdict));
  if (comparison === undefined) return [row(oneLine(name, 20), words)];
  const { seedMean, winnerMean, difference, interval, minimumDetectableEffect } = comparison;
  const label = oneLine(name, 40);
  const figures = `${score(seedMean)} → ${score(winnerMean)}  ${style.bold(signed(difference))}  95 % interval ${differenceInterval(interval)}  ${pText(each)}  ${words}`;
  return [
    ...(label.length > 20 ? [`  ${label}`, row('', figures)] : [row(label, figures)]),
    row(
      '',
      style.dim(
        `so many rows find a difference of ${minimumDetectableEffect.toFixed(2)} in four of five comparisons`,
      ),
    ),
  ];
}

function verdictStyle(of: ScoreComparison | undefined, style: Style): (text: string) => string {
  if (of?.verdict === 'improved') return style.good;
  if (of?.verdict === 'regressed') return style.bad;
  return of?.verdict === 'no-reliable-difference' ? (text) => text : style.warn;
}

function rowLines({ row: of, baseline, challenger }: ShownRow, style: Style): readonly string[] {
  const delta = of.delta === undefined ? of.change : signed(of.delta);
  const values = (given: Parameters<typeof valuesText>[0], width: number) =>
    oneLine(valuesText(given), width);
  return [
    `  ${of.change === 'regressed' ? style.bad(delta) : delta}  ${style.dim(oneLine(of.id, 40))} ${values(challenger?.inputs ?? baseline?.inputs, 60)}`,
    style.dim(
      `        expected ${values(challenger?.expected ?? baseline?.expected, 30)}; was ${values(baseline?.outputs, 30)}; is ${values(challenger?.outputs, 30)}`,
    ),
  ];
}

/** The list of experiments, newest first. */
export function renderExperimentList(listed: readonly ListedExperiment[], style: Style): string {
  if (listed.length === 0)
    return 'There is no experiment yet. Run: hone eval prompt.md --data rows.csv --expected <column>';
  return listed
    .map((each) => {
      const { id, name, createdAt, interval, rows, model, commit, isDirty, status } = each;
      const figures =
        each.score === undefined || interval === undefined
          ? (each.verdict ?? status)
          : `${score(each.score)} (${score(interval[0])} to ${score(interval[1])}) on ${count(rows ?? 0)} rows`;
      const where = [
        new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
        ...(model === undefined ? [] : [model]),
        ...(commit === undefined ? [] : [`${commit.slice(0, 8)}${isDirty ? ', with changes' : ''}`]),
      ].join(' · ');
      return `${style.bold(id)}  ${oneLine(name, 40)}  ${figures}\n  ${style.dim(oneLine(where, 100))}`;
    })
    .join('\n');
}

/** Control characters of a row must not reach the terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
