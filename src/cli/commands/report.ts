import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import { saveCandidate } from '../../prompt/saved-candidate.ts';
import { renderReport } from '../../report/render-report.ts';
import type { ReportFormat, ReportView } from '../../report/report.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { type ReportFiles, renderReportForTerminal } from '../render/report-terminal.ts';
import { readReportFiles } from '../report-files.ts';
import { shownFiles } from '../shown-files.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';

interface ReportOptions extends CommonOptions {
  readonly format: ReportFormat | 'terminal';
  readonly output?: readonly string[] | undefined;
}

/** `hone report`: shows the latest or a named report again, in any format. */
export async function runReport(
  run: string | undefined,
  { format, output = [] }: ReportOptions,
  { io }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const outputs = output.map((path) => ({ path, format: formatOf(path) }));
  const { view, files } = readReportFiles(workspace.honeFolder, run) ?? (await fromStore(run, workspace));
  for (const { path, format: wanted } of outputs) {
    writeWholeFile(resolve(io.cwd, path), renderReport(view, wanted));
    writeLine(io.stderr, `wrote ${path}`);
  }
  if (outputs.length > 0) return exitCodes.ok;
  if (format !== 'terminal') {
    io.stdout.write(renderReport(view, format));
    return exitCodes.ok;
  }
  const shown = files && shownFiles(files, io.cwd);
  writeLine(
    io.stdout,
    renderReportForTerminal(view.report, { style: styleFor(io, io.stdout), files: shown }),
  );
  return exitCodes.ok;
}

/** The format that a file's extension means. */
export function formatOf(path: string): ReportFormat {
  const extension = extname(path).slice(1).toLowerCase();
  if (extension === 'json' || extension === 'md' || extension === 'html') return extension;
  throw new HoneError(`A report cannot be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .md, .html or .json.',
  });
}

/** The report of a run whose files were moved away: the database keeps it too. */
async function fromStore(
  run: string | undefined,
  workspace: Workspace,
): Promise<{ readonly view: ReportView; readonly files?: ReportFiles | undefined }> {
  const newest = async () =>
    (await workspace.store.runs.list({ kind: 'optimization' })).find(({ status }) => status === 'completed');
  // Looking must not make a database.
  const isThere = workspace.store.exists();
  const find = () => (run === undefined ? newest() : workspace.store.runs.read(run));
  const record = isThere ? await find() : undefined;
  if (record === undefined) {
    throw new HoneError(run === undefined ? 'There is no report yet.' : `There is no run ${run}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint:
        run === undefined
          ? 'Run: hone optimize prompt.md --data rows.csv --expected <column>'
          : 'Leave the id out for the latest report.',
    });
  }
  if (record.kind !== 'optimization' || record.result === undefined) {
    throw new HoneError(
      `The run ${record.id} has no report: it is ${record.kind === 'optimization' ? 'not finished' : 'an evaluation'}.`,
      {
        code: 'HONE_RUN_NOT_FOUND',
        hint: `Run: hone resume ${record.id}`,
      },
    );
  }
  // The store holds what this program wrote into it.
  const report = record.result as unknown as OptimizationReport;
  return {
    view: {
      report,
      bestText: saveCandidate(report.best.candidate),
      seedText: saveCandidate(report.seed.candidate),
      isPrompt: false,
    },
  };
}
