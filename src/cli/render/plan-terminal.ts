import type { RunEstimate } from '../../config/estimate-run.ts';
import type { ColumnNote } from '../../config/task.ts';
import type { OptimizationBudget } from '../../optimizer/driver/optimize-options.ts';
import { count, counted, dollars, oneLine } from '../../report/numbers.ts';
import { row } from './report-terminal.ts';

/** A plan as a reader wants it before anything is spent. */
export function renderPlan(plan: RunEstimate): string {
  const total = plan.calls.reduce((sum, { calls }) => sum + calls, 0);
  const lines = [
    `Plan of hone ${plan.command}: ${plan.name}. Nothing is called.`,
    '',
    row('model', plan.model),
    ...(plan.optimizer === undefined ? [] : [row('optimizer', plan.optimizer)]),
    row(
      'rows',
      plan.split === undefined
        ? count(plan.rows)
        : `${count(plan.rows)}: ${count(plan.split.train)} train, ${count(plan.split.validation)} validation, ${count(plan.split.test)} sealed test`,
    ),
    ...columnLines(plan.columns ?? []),
    row(
      'calls',
      `at most ${counted(total, 'call')}${plan.budget.calls !== undefined && total > plan.budget.calls ? `, cut to ${count(plan.budget.calls)} by the budget` : ''}`,
    ),
    ...(plan.calls.length < 2
      ? []
      : plan.calls.map(({ part, calls }) => row('', `${count(calls).padStart(9)}  ${part}`))),
    ...(plan.reflectionCalls ? [row('reflection', `at most ${counted(plan.reflectionCalls, 'call')}`)] : []),
    row('tokens', `about ${count(plan.inputTokens)} in, ${count(plan.outputTokens)} out`),
    row(
      'cost',
      plan.costUsd === undefined
        ? 'unknown: the price of the model is unknown'
        : plan.costUsd === 0
          ? 'none: the model is free'
          : `about ${dollars(plan.costUsd)}`,
    ),
    row('limits', limits(plan.budget)),
    ...plan.notes.map((note) => row('note', note)),
  ];
  return lines.join('\n');
}

/** What every column was taken for: those that the prompt sees in one line. */
export function columnLines(columns: readonly ColumnNote[]): readonly string[] {
  const inputs = columns.filter(({ part }) => part === 'input').map(({ name }) => name);
  const expected = columns.filter(({ part }) => part === 'expected');
  return [
    ...(inputs.length === 0 ? [] : [row('prompt sees', oneLine(inputs.join(', '), 120))]),
    ...expected.map(({ name, taken }) => row('answer', oneLine(`${name}: ${taken}`, 160))),
  ];
}

function limits({ usd, calls, reflectionCalls, tokens, minutes }: OptimizationBudget): string {
  const parts = [
    usd === undefined ? '' : dollars(usd),
    calls === undefined ? '' : counted(calls, 'call'),
    reflectionCalls === undefined ? '' : counted(reflectionCalls, 'reflection call'),
    tokens === undefined ? '' : counted(tokens, 'token'),
    minutes === undefined ? '' : counted(minutes, 'minute'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}
