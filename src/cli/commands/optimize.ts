import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { estimateOptimization } from '../../config/estimate-run.ts';
import { sealedRows } from '../../config/sealed-rows.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import { optimize } from '../../optimizer/driver/optimize.ts';
import type { OptimizationRun } from '../../optimizer/driver/optimize-options.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import { saveCandidate } from '../../prompt/saved-candidate.ts';
import { provenanceOf } from '../../report/provenance.ts';
import { renderReport } from '../../report/render-report.ts';
import type { ReportFormat, ReportView } from '../../report/report.ts';
import { isShown } from '../../report/verdict.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { parityNote, withParity } from '../look-at-parity.ts';
import { nextSteps } from '../next-steps.ts';
import { candidateTextOf, exitCodeOf, handoffNote, optimizeRequest } from '../optimize-request.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { writtenPath } from '../output-files.ts';
import { type PreparedCommand, prepareCommand, variablesOf } from '../prepare-command.ts';
import { isNews, renderEvent } from '../render/event-line.ts';
import { renderPlan } from '../render/plan-terminal.ts';
import { type ReportFiles, renderReportForTerminal } from '../render/report-terminal.ts';
import { reportsFolder, writeReportFiles } from '../report-files.ts';
import { resultWrites } from '../result-writes.ts';
import { shownFiles } from '../shown-files.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { writeWholeFile } from '../write-file.ts';

/** `hone optimize`: searches a better prompt and proves it on rows that the search never saw. */
export async function runOptimize(
  subject: string | undefined,
  options: OptimizeCommandOptions,
  { io, argv, resumes }: CommandContext,
): Promise<number> {
  for (const path of options.output ?? []) outputFormatOf(path);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { honeFolder: home } = workspace;
  const own = options.dryRun ? {} : { home, folders: [reportsFolder(home)] };
  const prepared = await prepareCommand(subject, options, { io, workspace, ...own });
  checkPromptOutputs(prepared, options);
  const { budget } = prepared;
  const runOptions = await optimizeRequest(prepared, options, { io, argv, store: workspace.store });
  if (options.dryRun) {
    const estimated = await estimateOptimization(runOptions, prepared.task.columns);
    const note = parityNote(prepared);
    const plan = { ...estimated, notes: [...estimated.notes, ...(note === undefined ? [] : [note])] };
    writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...plan }) : renderPlan(plan));
    return exitCodes.ok;
  }
  for (const note of [handoffNote(prepared, options), parityNote(prepared)]) {
    if (note !== undefined && !options.quiet) writeLine(io.stderr, note);
  }
  const release = workspace.store.hold();
  try {
    const run = optimize(runOptions);
    const style = styleFor(io, io.stderr);
    const news = newsOf(run, { verbose: options.verbose ?? false, resumes });
    const ended = await watchRun(run, {
      io,
      style,
      quiet: options.quiet ?? false,
      limitUsd: budget.usd,
      news,
    });
    if (ended.status === 'interrupted') return exitCodes.interrupted;
    const report = await withParity(ended.result.report, { prepared, options, request: runOptions, io });
    if (report === undefined) return exitCodes.interrupted;
    const rows = report.sealedTest?.method === 'held-out' ? await sealedRows(runOptions, options.id) : [];
    return await present({ report, sealedRows: rows }, { prepared, options, io, workspace, subject, argv });
  } finally {
    await release();
  }
}

interface NewsOptions {
  /** Every decision, not only what a reader wants. */
  readonly verbose: boolean;
  readonly resumes: string | undefined;
}

async function* newsOf(run: OptimizationRun, { verbose, resumes }: NewsOptions): AsyncGenerator<string> {
  const id = await run.id;
  if (resumes !== undefined && id !== resumes) {
    yield `note: this is ${id}, a new run: a setting, a module or the version of Hone is not as it was for ${resumes}`;
  }
  for await (const event of run) if (verbose || isNews(event)) yield renderEvent(event);
}

interface Presentation {
  readonly prepared: PreparedCommand;
  readonly options: OptimizeCommandOptions;
  readonly io: CommandIo;
  readonly workspace: Workspace;
  readonly subject: string | undefined;
  readonly argv: readonly string[];
}

interface Finished {
  readonly report: OptimizationReport;
  readonly sealedRows: readonly JsonObject[];
}

async function present(finished: Finished, presentation: Presentation): Promise<number> {
  const { prepared, options, io, workspace } = presentation;
  const { report } = finished;
  const textOf = candidateTextOf(prepared, { report, baseUrl: options.baseUrl });
  const view: ReportView = {
    report,
    bestText: textOf(report.best.candidate),
    seedText: textOf(report.seed.candidate),
    isPrompt: prepared.task.promptText !== undefined,
  };
  const writes = resultWrites(io, { printsTexts: options.json !== true });
  let files: ReportFiles | undefined;
  await writes.attempt(
    () => {
      files = writeReportFiles(workspace.honeFolder, { view, sealedRows: finished.sealedRows });
    },
    () => [view.bestText],
  );
  for (const path of options.output ?? []) {
    const format = outputFormatOf(path);
    const isResult = format === 'prompt' || format === 'candidate';
    const text = isResult
      ? format === 'prompt'
        ? textOf(report.candidate.candidate)
        : saveCandidate(report.candidate.candidate, {
            program: prepared.task.program,
            provenance: provenanceOf(report, report.candidate.candidate),
          })
      : renderReport(view, format);
    const wrote = await writes.attempt(
      () => writeWholeFile(writtenPath(resolve(io.cwd, path)), text),
      () => [text],
    );
    const unchanged = isResult && !isShown(report.verdict) ? ' (the seed: nothing better is proven)' : '';
    if (wrote) writeLine(io.stderr, `wrote ${path}${unchanged}`);
  }
  if (options.json) writeLine(io.stdout, JSON.stringify(report));
  else {
    const shown = files && shownFiles(files, io.cwd);
    writeLine(
      io.stdout,
      renderReportForTerminal(report, {
        style: styleFor(io, io.stdout),
        files: shown,
        next: shown && nextSteps(shown, { ...presentation, report }),
      }),
    );
  }
  await writes.finish();
  return exitCodeOf(report, options);
}

type OptimizeOutput = 'prompt' | 'candidate' | Exclude<ReportFormat, 'md'>;

/** A prompt, unless the name says candidate or a format of the report. */
function outputFormatOf(path: string): OptimizeOutput {
  const extension = extname(path).slice(1).toLowerCase();
  if (/\.candidate\.json$/i.test(path)) return 'candidate';
  if (extension === 'json' || extension === 'html') return extension;
  if (extension === 'md' || extension === 'txt' || extension === 'prompt') return 'prompt';
  throw new HoneError(`Nothing can be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .md or .txt for the prompt, .candidate.json for its parameters, .json or .html for the report.',
  });
}

/** A program in code is no prompt file: its result must not be written under the name of one. */
function checkPromptOutputs({ task }: PreparedCommand, { output = [] }: OptimizeCommandOptions): void {
  const path = output.find((name) => outputFormatOf(name) === 'prompt');
  if (task.promptText !== undefined || path === undefined) return;
  throw new HoneError(`The program of "${task.name}" is written in code, so its result is no prompt file.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Write its parameters instead: --output ${path.slice(0, -extname(path).length)}.candidate.json`,
  });
}
