import type { ObjectiveSummary, Outcome, RowResult, ScoreSummary } from '../../evaluation/evaluation.ts';
import { aggregateLines } from '../../report/aggregate-lines.ts';
import { count, counted, duration, oneLine, score, usageLine } from '../../report/numbers.ts';
import type { EvaluationView, WorstRow } from '../../report/report.ts';
import { valuesText } from '../../report/values-text.ts';
import { columnLines } from './plan-terminal.ts';
import { row } from './report-terminal.ts';
import type { Style } from './style.ts';

/** An evaluation as a reader wants it on a terminal. */
export function renderEvaluation(
  view: EvaluationView,
  { style, next }: { readonly style: Style; readonly next?: string | undefined },
): string {
  const { evaluation } = view;
  const { usage } = evaluation;
  const lines = [
    `${style.bold(oneLine(view.name, 60))}  ${style.dim(oneLine(`${view.model} · ${evaluation.runId}`, 100))}`,
    '',
    ...evaluation.summaries.flatMap((summary) => summaryLines(summary, style)),
    ...aggregateLines(evaluation.aggregates).map(({ label, text }) => row(oneLine(label, 20), text)),
    ...measureLines(evaluation.objectives),
    row('answers', usageLine(usage)),
    row('latency', `median ${duration(usage.latencyP50Ms)}, 95 % below ${duration(usage.latencyP95Ms)}`),
    ...columnLines(view.columns ?? []),
    ...view.notes.map((note) => row('note', style.warn(note))),
  ];
  if (view.worst.length > 0) {
    lines.push('', '  lowest rows', ...view.worst.flatMap((worst) => worstLines(worst, style)));
  }
  if (next !== undefined) lines.push('', row('next', style.accent(next)));
  return lines.join('\n');
}

function summaryLines(summary: ScoreSummary, style: Style): readonly string[] {
  const {
    name,
    mean,
    interval,
    note,
    standardDeviation,
    minimum,
    lowestTenth,
    rows,
    failed,
    unscored,
    infrastructureErrors,
  } = summary;
  const faults = [
    failed === 0 ? '' : `${count(failed)} failed`,
    unscored === 0 ? '' : `${count(unscored)} not applicable`,
    infrastructureErrors === 0 ? '' : style.warn(`${count(infrastructureErrors)} lost to faults`),
  ].filter((part) => part !== '');
  const label = oneLine(name, 40);
  const figures = `${style.bold(mean === undefined ? 'no score' : score(mean))}  95 % interval ${score(interval[0])} to ${score(interval[1])}`;
  return [
    // A long name takes a line of its own, so that the figures stay in their column.
    ...(label.length > 20 ? [`  ${label}`, row('', figures)] : [row(label, figures)]),
    row(
      '',
      `${counted(rows, 'row')}, standard deviation ${score(standardDeviation)}, lowest ${minimum === undefined ? '–' : score(minimum)}, lowest tenth to ${score(lowestTenth)}${faults.length === 0 ? '' : `; ${faults.join(', ')}`}`,
    ),
    ...(note === undefined ? [] : [row('', style.dim(note))]),
  ];
}

/** What scorers measure beside their score; cost, latency and tokens have lines of their own. */
function measureLines(objectives: readonly ObjectiveSummary[]): readonly string[] {
  const own = objectives.filter(({ unit, mean }) => unit === undefined && mean !== undefined);
  if (own.length === 0) return [];
  const shown = own.slice(0, mostMeasures).map(({ name, mean }) => `${oneLine(name, 40)} ${score(mean)}`);
  const more = own.length <= mostMeasures ? '' : `, and ${own.length - mostMeasures} more`;
  return [row('measures', `${shown.join(', ')}${more}`)];
}

const mostMeasures = 8;

function worstLines({ result, example }: WorstRow, style: Style): readonly string[] {
  const inputs = example === undefined ? '' : ` ${oneLine(valuesText(example.inputs), 70)}`;
  return [
    `  ${scoreText(result.outcome)}  ${style.dim(result.exampleId)}${inputs}`,
    style.dim(`        expected ${oneLine(valuesText(result.expected), 40)}; ${answerOf(result)}`),
  ];
}

function answerOf({ outputs, outcome }: RowResult): string {
  if (outcome.status === 'infrastructure-error') return oneLine(outcome.reason, 80);
  if (outcome.status === 'failed') return oneLine(outcome.feedback, 80);
  return `got ${oneLine(valuesText(outputs), 40)}`;
}

function scoreText(outcome: Outcome): string {
  return 'value' in outcome ? score(outcome.value) : '  – ';
}
