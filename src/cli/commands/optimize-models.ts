import { extname, join, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { estimateOptimization } from '../../config/estimate-run.ts';
import { asRows } from '../../config/sealed-rows.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import type { ReportView } from '../../report/report.ts';
import { renderTransferAsMarkdown } from '../../report/transfer-table.ts';
import { optimizeForModels, type TransferRun } from '../../transfer/optimize-for-models.ts';
import { shareOf } from '../../transfer/share-budget.ts';
import type { TransferResult } from '../../transfer/transfer-report.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { candidateTextOf, exitCodeOf, handoffNote, optimizeRequest } from '../optimize-request.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { writtenPath } from '../output-files.ts';
import { type PreparedCommand, prepareCommand, variablesOf } from '../prepare-command.ts';
import { isNews, renderEvent } from '../render/event-line.ts';
import { renderPlan } from '../render/plan-terminal.ts';
import { renderTransfer, type TransferFiles } from '../render/transfer-terminal.ts';
import { reportsFolder, writeReportFiles } from '../report-files.ts';
import { resultWrites } from '../result-writes.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { pathFrom, writeWholeFile } from '../write-file.ts';

export interface SeveralModels {
  /** As they stand on the command line, two or more. */
  readonly models: readonly string[];
  readonly options: OptimizeCommandOptions;
}

/** `hone optimize --model A --model B`: a search for each model, then each winner on each. */
export async function runOptimizeModels(
  subject: string | undefined,
  { models, options }: SeveralModels,
  { io, argv }: CommandContext,
): Promise<number> {
  for (const path of options.output ?? []) checkFormat(path);
  if (typeof options.parity === 'string') throw severalReplace(options.parity);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { honeFolder: home } = workspace;
  const own = options.dryRun ? {} : { home, folders: [reportsFolder(home)] };
  const prepared: PreparedCommand[] = [];
  for (const model of models) {
    prepared.push(await prepareCommand(subject, { ...options, model }, { io, workspace, ...own }));
  }
  // A paid model among them has its limits hold for all.
  const first = prepared.find(({ budget }) => budget.usd !== undefined) ?? prepared[0];
  if (first === undefined) throw new TypeError('There are models.');
  const setting = { io, argv, store: workspace.store };
  if (options.dryRun) return planAll(prepared, { first, options, setting });
  const note = handoffNote(first, options);
  if (note !== undefined && !options.quiet) writeLine(io.stderr, note);
  const release = workspace.store.hold();
  const presentation: Presentation = { prepared, options, io, workspace };
  let started: Promise<string | undefined> = Promise.resolve(undefined);
  try {
    const { model: _, ...request } = await optimizeRequest(first, options, setting);
    const run = optimizeForModels({ ...request, taskModels: prepared.map(({ model }) => model) });
    started = run.id.catch(() => undefined);
    const ended = await watchRun(run, {
      io,
      style: styleFor(io, io.stderr),
      quiet: options.quiet ?? false,
      limitUsd: first.budget.usd,
      news: newsOf(run, { verbose: options.verbose ?? false, models: prepared.length }),
    });
    if (ended.status === 'interrupted') return exitCodes.interrupted;
    return await present(ended.result, presentation);
  } catch (thrown) {
    await keepFinished(await started, presentation);
    throw thrown;
  } finally {
    await release();
  }
}

interface Planning {
  readonly first: PreparedCommand;
  readonly options: OptimizeCommandOptions;
  readonly setting: Parameters<typeof optimizeRequest>[2];
}

async function planAll(
  prepared: readonly PreparedCommand[],
  { first, options, setting }: Planning,
): Promise<number> {
  const { io } = setting;
  const plans = [];
  for (const each of prepared) {
    const request = await optimizeRequest(each, options, setting);
    const budget = shareOf(first.budget, prepared.length);
    plans.push(await estimateOptimization({ ...request, budget }, each.task.columns));
  }
  if (options.json) writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, plans }));
  else {
    for (const plan of plans) writeLine(io.stdout, `${renderPlan(plan)}\n`);
    writeLine(
      io.stdout,
      `The limits are for all ${prepared.length} models together; each has the share above, and a fifth is kept for the winners on the other models.`,
    );
  }
  return exitCodes.ok;
}

interface NewsOptions {
  readonly verbose: boolean;
  readonly models: number;
}

async function* newsOf(run: TransferRun, { verbose, models }: NewsOptions): AsyncGenerator<string> {
  let started = 0;
  for await (const told of run) {
    switch (told.type) {
      case 'model-started':
        started += 1;
        yield `model ${started} of ${models}: ${told.model} (${told.runId})`;
        break;
      case 'model-event':
        if (verbose || isNews(told.event)) yield renderEvent(told.event);
        break;
      case 'transfers-started':
        yield `every winner on every model: ${told.rows} rows of the sealed test`;
    }
  }
}

interface Presentation {
  readonly prepared: readonly PreparedCommand[];
  readonly options: OptimizeCommandOptions;
  readonly io: CommandIo;
  readonly workspace: Workspace;
}

/** Writes the reports of the models that were finished before a fault: what was paid for is not lost with it. */
async function keepFinished(id: string | undefined, presentation: Presentation): Promise<void> {
  const { workspace, io } = presentation;
  const runs = await workspace.store.runs.list({ kind: 'optimization', status: 'completed', limit: 1_000 });
  for (const { plan, result } of runs) {
    if (id === undefined || plan.partOf !== id || typeof plan.part !== 'number') continue;
    const report = result as unknown as OptimizationReport;
    const { best } = writeReportFiles(workspace.honeFolder, {
      view: viewOf(report, plan.part, presentation),
      sealedRows: [],
    });
    writeLine(io.stderr, `finished before: ${report.model}, ${pathFrom(io.cwd, best)}`);
  }
}

function viewOf(report: OptimizationReport, part: number, { prepared, options }: Presentation): ReportView {
  const own = prepared[part] as PreparedCommand;
  const textOf = candidateTextOf(own, { report, baseUrl: options.baseUrl });
  return {
    report,
    bestText: textOf(report.best.candidate),
    seedText: textOf(report.seed.candidate),
    isPrompt: own.task.promptText !== undefined,
  };
}

async function present(
  { report, reports, test }: TransferResult,
  { prepared, options, io, workspace }: Presentation,
): Promise<number> {
  const { honeFolder } = workspace;
  const writes = resultWrites(io, { printsTexts: options.json !== true });
  const best: { readonly model: string; readonly path: string }[] = [];
  for (const [index, each] of reports.entries()) {
    const view = viewOf(each, index, { prepared, options, io, workspace });
    await writes.attempt(
      () => {
        const files = writeReportFiles(honeFolder, { view, sealedRows: asRows(test, options.id) });
        best.push({ model: each.model, path: pathFrom(io.cwd, files.best) });
      },
      () => [view.bestText],
    );
  }
  const folder = join(reportsFolder(honeFolder), report.runId);
  const document = `${JSON.stringify(report, null, 2)}\n`;
  const page = renderTransferAsMarkdown(report);
  const files: TransferFiles = {
    markdown: pathFrom(io.cwd, join(folder, 'transfer.md')),
    json: pathFrom(io.cwd, join(folder, 'transfer.json')),
    best,
  };
  await writes.attempt(() => writeWholeFile(join(folder, 'transfer.md'), page));
  await writes.attempt(() => writeWholeFile(join(folder, 'transfer.json'), document));
  for (const path of options.output ?? []) {
    const text = checkFormat(path) === 'json' ? document : page;
    const wrote = await writes.attempt(
      () => writeWholeFile(writtenPath(resolve(io.cwd, path)), text),
      () => [text],
    );
    if (wrote) writeLine(io.stderr, `wrote ${path}`);
  }
  writeLine(
    io.stdout,
    options.json
      ? JSON.stringify({ ...report, reports })
      : renderTransfer(report, { style: styleFor(io, io.stdout), width: io.stdout.columns ?? 100, files }),
  );
  await writes.finish();
  return Math.max(...reports.map((each) => exitCodeOf(each, options)));
}

function severalReplace(parity: string): HoneError {
  return new HoneError(`Several models were given, and --parity ${parity} is replaced by one.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Leave --parity out, or name one --model.',
  });
}

function checkFormat(path: string): 'json' | 'md' {
  const extension = extname(path).slice(1).toLowerCase();
  if (!/\.candidate\.json$/i.test(path) && (extension === 'json' || extension === 'md')) return extension;
  throw new HoneError(`Of several models there are several winners, so "${path}" cannot be one of them.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .json or .md for the table of all; the winners are written under .hone/reports.',
  });
}
