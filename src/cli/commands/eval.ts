import { relative, resolve } from 'node:path';
import { estimateEvaluation } from '../../config/estimate-run.ts';
import { isEvalFile } from '../../config/eval-files.ts';
import { readOrigin } from '../../config/origin.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { type EvaluationRun, evaluate } from '../../evaluation/evaluate.ts';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { evaluationDocument } from '../../report/evaluation-document.ts';
import { count } from '../../report/numbers.ts';
import type { EvaluationView } from '../../report/report.ts';
import { calledAs } from '../called-as.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { evaluationFormatOf, evaluationText, writeEvaluation } from '../evaluation-files.ts';
import { exitCodes } from '../exit-codes.ts';
import { withFailingRows } from '../failing-rows.ts';
import { hashInputs } from '../input-files.ts';
import type { EvalOptions } from '../options.ts';
import { writtenPath } from '../output-files.ts';
import { type PreparedCommand, prepareCommand, variablesOf } from '../prepare-command.ts';
import { readCandidate } from '../read-candidate.ts';
import { renderEvaluation } from '../render/evaluation-terminal.ts';
import { renderPlan } from '../render/plan-terminal.ts';
import { shellCommand } from '../render/shell-command.ts';
import { resultWrites } from '../result-writes.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { findWorstRows } from '../worst-rows.ts';

/** Share of rows lost to faults from which an evaluation counts as failed. */
const mostLost = 0.05;

/** Answers up to which the messages of each are kept, to be read again: beyond, they would be most of the store. */
const mostTraces = 5_000;

/** `hone eval`: runs a prompt on every row and scores the answers. */
export async function runEval(
  subject: string | undefined,
  options: EvalOptions,
  { io, argv }: CommandContext,
): Promise<number> {
  for (const path of options.output ?? []) evaluationFormatOf(path);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const whole = await prepareCommand(subject, options, { io, workspace });
  const prepared = { ...whole, task: await withFailingRows(whole.task, options, workspace) };
  const candidate =
    options.candidate === undefined
      ? undefined
      : readCandidate(options.candidate, { program: prepared.task.program, io });
  const { task, model, models, budget, cache, concurrency } = prepared;
  const trials = options.trials ?? task.trials ?? 1;
  if (options.dryRun) {
    const plan = await estimateEvaluation({ ...prepared, trials, candidate });
    writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...plan }) : renderPlan(plan));
    return exitCodes.ok;
  }
  const total = task.rows === undefined ? undefined : task.rows * trials;
  const release = workspace.store.hold();
  try {
    const run = evaluate({
      program: task.program,
      dataset: task.dataset,
      scorer: task.scorers,
      candidate,
      model,
      models,
      store: workspace.store,
      trials,
      traces: total !== undefined && total <= mostTraces,
      by: options.by,
      concurrency,
      cache,
      budget,
      name: task.name,
      origin: await readOrigin(io.cwd),
      plan: { argv, cwd: io.cwd, files: await hashInputs(prepared.task.inputFiles, io.cwd) },
    });
    const ended = await watchRun(withTotal(run, total), {
      io,
      style: styleFor(io, io.stderr),
      quiet: options.quiet ?? false,
      limitUsd: budget.usd,
    });
    if (ended.status === 'interrupted') return exitCodes.interrupted;
    return await present({ evaluation: ended.result, prepared, options, total }, { io, argv });
  } finally {
    await release();
  }
}

/** The number of rows is known here, where the run itself only sees a stream. */
function withTotal(run: EvaluationRun, total: number | undefined) {
  return {
    id: run.id,
    progress: () => ({ ...run.progress(), total }),
    result: () => run.result(),
    cancel: () => run.cancel(),
  };
}

interface Finished {
  readonly evaluation: Evaluation;
  readonly prepared: PreparedCommand;
  readonly options: EvalOptions;
  readonly total: number | undefined;
}

async function present(
  { evaluation, prepared, options, total }: Finished,
  { io, argv }: Pick<CommandContext, 'io' | 'argv'>,
): Promise<number> {
  const { task, model } = prepared;
  const { results: _, ...figures } = evaluation;
  const [summary] = evaluation.summaries;
  const answered =
    summary === undefined ? 0 : summary.scored + summary.unscored + summary.infrastructureErrors;
  const isCut = total !== undefined && answered < total;
  const lostShare = answered === 0 ? 0 : (summary?.infrastructureErrors ?? 0) / answered;
  const view: EvaluationView = {
    name: task.name,
    model: model.id,
    evaluation: figures,
    columns: task.columns,
    worst: await findWorstRows(evaluation, task.dataset),
    notes: [
      ...evaluation.notices,
      ...(isCut ? [`The budget ended it after ${count(answered)} of ${count(total)} answers.`] : []),
      ...(summary !== undefined && summary.rows === 0 && summary.unscored > 0
        ? ['No row has a score: the scorer applied to none, such as for want of an expected answer.']
        : []),
      ...(lostShare > mostLost
        ? ['More than 5 % of the rows were lost to faults; the figures are of the others.']
        : []),
    ],
  };
  const writes = resultWrites(io, { printsTexts: options.json !== true });
  const written = { view, evaluation, dataset: task.allRows };
  for (const path of options.output ?? []) {
    const wrote = await writes.attempt(
      () => writeEvaluation(writtenPath(resolve(io.cwd, path)), written),
      () => evaluationText(written, evaluationFormatOf(path)),
    );
    if (wrote) writeLine(io.stderr, `wrote ${path}`);
  }
  if (options.json) writeLine(io.stdout, JSON.stringify(evaluationDocument(view)));
  else {
    const next = calledAs(
      shellCommand([
        'hone',
        'optimize',
        ...nextArguments(argv, { options, name: task.name, folder: io.cwd }),
      ]),
      io.variables,
    );
    writeLine(io.stdout, renderEvaluation(view, { style: styleFor(io, io.stdout), next }));
  }
  await writes.finish();
  if (isCut) return exitCodes.proofNotCompleted;
  return lostShare > mostLost ? exitCodes.error : exitCodes.ok;
}

const evalOnly = new Set([
  '--candidate',
  '--trials',
  '--by',
  '--failing',
  '-o',
  '--output',
  '--budget-usd',
  '--max-calls',
  '--max-tokens',
  '--max-tokens',
  '--max-minutes',
  '--first',
  '--sample',
]);

/** A suite goes by its name and its file, wherever it was found. */
function nextArguments(
  argv: readonly string[],
  {
    options,
    name,
    folder,
  }: { readonly options: EvalOptions; readonly name: string; readonly folder: string },
): readonly string[] {
  const given = optimizeArguments(argv);
  if (options.config === undefined || !isEvalFile(options.config)) return given;
  const file = relative(folder, resolve(folder, options.config));
  const named = new Set([name, file, options.config]);
  const rest = given.filter(
    (argument, index) =>
      !named.has(argument) && !(['--config', '-c'].includes(argument) && named.has(given[index + 1] ?? '')),
  );
  return [name, '--config', file, ...rest];
}

/** The same task for `hone optimize`: without what only an evaluation takes, and without its limits. */
function optimizeArguments(argv: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let index = argv.indexOf('eval') + 1; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const flag = argument.split('=')[0] ?? '';
    if (evalOnly.has(flag)) index += argument.includes('=') ? 0 : 1;
    else if (!['--json', '--watch', '-w'].includes(argument)) kept.push(argument);
  }
  return kept;
}
