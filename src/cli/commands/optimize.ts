import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { estimateOptimization } from '../../config/estimate-run.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import { defaultEmbeddedModelId } from '../../model/embedded-models.ts';
import { optimize } from '../../optimizer/driver/optimize.ts';
import type { OptimizationRun } from '../../optimizer/driver/optimize-options.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { saveCandidate } from '../../prompt/saved-candidate.ts';
import { renderReport } from '../../report/render-report.ts';
import type { ReportFormat, ReportView } from '../../report/report.ts';
import { calledAs } from '../called-as.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { type PreparedCommand, prepareCommand, variablesOf } from '../prepare-command.ts';
import { isNews, renderEvent } from '../render/event-line.ts';
import { renderPlan } from '../render/plan-terminal.ts';
import { renderReportForTerminal } from '../render/report-terminal.ts';
import { shellCommand } from '../render/shell-command.ts';
import { writeReportFiles } from '../report-files.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { pathFrom, writeWholeFile } from '../write-file.ts';

/** `hone optimize`: searches a better prompt and proves it on rows that the search never saw. */
export async function runOptimize(
  subject: string | undefined,
  options: OptimizeCommandOptions,
  { io, argv }: CommandContext,
): Promise<number> {
  for (const path of options.output ?? []) outputFormatOf(path);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const prepared = await prepareCommand(subject, options, { io, workspace });
  const { task, model, reflectionModel, budget, cache, concurrency } = prepared;
  const runOptions = {
    program: task.program,
    dataset: task.dataset,
    scorer: task.scorers,
    optimizer: task.optimizer,
    model,
    reflectionModel,
    store: workspace.store,
    budget,
    randomSeed: task.seed,
    concurrency,
    cache,
    maxCandidates: options.maxCandidates,
    name: task.name,
    plan: { argv, cwd: io.cwd },
  };
  if (options.dryRun) {
    const plan = await estimateOptimization(runOptions);
    writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...plan }) : renderPlan(plan));
    return exitCodes.ok;
  }
  const release = workspace.store.hold();
  try {
    const run = optimize(runOptions);
    const style = styleFor(io, io.stderr);
    const news = newsOf(run, options.verbose ?? false);
    const ended = await watchRun(run, {
      io,
      style,
      quiet: options.quiet ?? false,
      limitUsd: budget.usd,
      news,
    });
    if (ended.status === 'interrupted') {
      writeLine(
        io.stderr,
        calledAs(
          `stopped; what was answered is kept. Go on with: hone resume ${await run.id.catch(() => '')}`.trimEnd(),
          io.variables,
        ),
      );
      return exitCodes.interrupted;
    }
    return present(ended.result.report, { prepared, options, io, workspace });
  } finally {
    await release();
  }
}

async function* newsOf(run: OptimizationRun, verbose: boolean): AsyncGenerator<string> {
  for await (const event of run) if (verbose || isNews(event)) yield renderEvent(event);
}

interface Presentation {
  readonly prepared: PreparedCommand;
  readonly options: OptimizeCommandOptions;
  readonly io: CommandIo;
  readonly workspace: Workspace;
}

function present(report: OptimizationReport, { prepared, options, io, workspace }: Presentation): number {
  const textOf = candidateTextOf(prepared, options);
  const view: ReportView = {
    report,
    bestText: textOf(report.best.candidate),
    seedText: textOf(report.seed.candidate),
  };
  const files = writeReportFiles(workspace.honeFolder, view);
  for (const path of options.output ?? []) {
    const format = outputFormatOf(path);
    const isPrompt = format === 'prompt';
    writeWholeFile(
      resolve(io.cwd, path),
      isPrompt ? textOf(report.candidate.candidate) : renderReport(view, format),
    );
    const unchanged =
      isPrompt && report.verdict !== 'improved' ? ' (the seed: nothing better is proven)' : '';
    writeLine(io.stderr, `wrote ${path}${unchanged}`);
  }
  if (options.json) writeLine(io.stdout, JSON.stringify(report));
  else {
    const best = pathFrom(io.cwd, files.best);
    const shown = { best, html: pathFrom(io.cwd, files.html), json: pathFrom(io.cwd, files.json) };
    writeLine(
      io.stdout,
      renderReportForTerminal(report, {
        style: styleFor(io, io.stdout),
        files: shown,
        next: calledAs(nextCommand(best, options, prepared), io.variables),
      }),
    );
  }
  return exitCodeOf(report, options);
}

/** A prompt file where the program is one prompt. A name on a server of one's own is no name for others. */
function candidateTextOf(
  { task: { promptText, model = defaultEmbeddedModelId } }: PreparedCommand,
  { baseUrl }: OptimizeCommandOptions,
): (candidate: Candidate) => string {
  if (promptText === undefined) return saveCandidate;
  const name = typeof model === 'string' && baseUrl === undefined ? model : undefined;
  return (candidate) => promptText(candidate, name);
}

/** A prompt, unless the extension names a format of the report. */
function outputFormatOf(path: string): 'prompt' | Exclude<ReportFormat, 'md'> {
  const extension = extname(path).slice(1).toLowerCase();
  if (extension === 'json' || extension === 'html') return extension;
  if (extension === 'md' || extension === 'txt' || extension === 'prompt') return 'prompt';
  throw new HoneError(`Nothing can be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .md or .txt for the prompt, .json or .html for the report.',
  });
}

/** What to do with the result; a program in code has no file to evaluate. */
function nextCommand(
  best: string,
  options: OptimizeCommandOptions,
  { task }: PreparedCommand,
): string | undefined {
  const { data, id, baseUrl, inputs } = options;
  if (task.promptText === undefined || data === undefined) return undefined;
  return shellCommand([
    'hone',
    'eval',
    best,
    '--data',
    data,
    ...(inputs === undefined ? [] : ['--inputs', inputs.join(',')]),
    ...(id === undefined ? [] : ['--id', id]),
    ...(baseUrl === undefined ? [] : ['--model', options.model ?? '', '--base-url', baseUrl]),
  ]);
}

function exitCodeOf(
  { verdict, stopReason }: OptimizationReport,
  { failOnInconclusive }: OptimizeCommandOptions,
): number {
  if (verdict === 'incomplete') {
    const isBudget = stopReason === 'calls' || stopReason === 'cost' || stopReason === 'time';
    return isBudget ? exitCodes.proofNotCompleted : exitCodes.error;
  }
  return failOnInconclusive && verdict !== 'improved' ? exitCodes.inconclusive : exitCodes.ok;
}
