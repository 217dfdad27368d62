import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { saveCandidate } from '../prompt/saved-candidate.ts';
import { provenanceOf } from '../report/provenance.ts';
import { renderReport } from '../report/render-report.ts';
import type { ReportView } from '../report/report.ts';
import { isShown } from '../report/verdict.ts';
import type { ReportFiles } from './render/report-terminal.ts';
import { writeWholeFile } from './write-file.ts';

/** What a run leaves under `.hone/reports/<run>`. */
export interface RunFiles {
  readonly view: ReportView;
  /** The rows of the sealed test; empty where every row was tested, or none. */
  readonly sealedRows: readonly JsonObject[];
}

const provenName = 'winner';
const unprovenName = 'development-estimate';
const sealedRowsName = 'sealed-rows.jsonl';

/** The folder that reports are written to. */
export function reportsFolder(honeFolder: string): string {
  return join(honeFolder, 'reports');
}

/**
 * Writes a report under `.hone/reports/<run>` with the candidate and the sealed rows beside it, and as the
 * latest. A candidate that is not proven better never gets the name of a winner, and only a prompt file ends
 * in `.md`.
 */
export function writeReportFiles(honeFolder: string, { view, sealedRows }: RunFiles): ReportFiles {
  const { report, bestText, seedText, isPrompt } = view;
  const reports = reportsFolder(honeFolder);
  const folder = join(reports, report.runId);
  const extension = isPrompt ? 'md' : 'json';
  const bestName = `${bestNameOf(report)}.${extension}`;
  writeWholeFile(join(folder, bestName), bestText);
  writeWholeFile(join(folder, `seed.${extension}`), seedText);
  const { candidate } = report.best;
  writeWholeFile(
    join(folder, 'candidate.json'),
    saveCandidate(candidate, { provenance: provenanceOf(report, candidate) }),
  );
  if (sealedRows.length > 0) {
    writeWholeFile(
      join(folder, sealedRowsName),
      `${sealedRows.map((row) => JSON.stringify(row)).join('\n')}\n`,
    );
  }
  for (const format of ['md', 'html', 'json'] as const) {
    const text = renderReport(view, format);
    writeWholeFile(join(folder, `report.${format}`), text);
    writeWholeFile(join(reports, `latest.${format}`), text);
  }
  for (const name of [provenName, unprovenName]) {
    for (const other of ['md', 'json']) {
      const latest = join(reports, `latest-${name}.${other}`);
      if (`${name}.${other}` === bestName) writeWholeFile(latest, bestText);
      else rmSync(latest, { force: true });
    }
  }
  return filesIn(folder, report);
}

/**
 * Reads a written report.
 *
 * @param runId Left out: the latest.
 * @returns Undefined when there is none.
 * @throws {HoneError} `HONE_FILE_UNREADABLE` when the file is no report.
 */
export function readReportFiles(
  honeFolder: string,
  runId: string | undefined,
): { readonly view: ReportView; readonly files: ReportFiles } | undefined {
  const reports = reportsFolder(honeFolder);
  const path = runId === undefined ? join(reports, 'latest.json') : join(reports, runId, 'report.json');
  if (!existsSync(path)) return undefined;
  const report = parseReport(path);
  const folder = join(reports, report.runId);
  const files = filesIn(folder, report);
  const bestText = readText(files.best);
  const isPrompt = bestText !== undefined && files.best.endsWith('.md');
  const seedText = readText(join(folder, isPrompt ? 'seed.md' : 'seed.json'));
  return {
    view: {
      report,
      bestText: bestText ?? saveCandidate(report.best.candidate),
      seedText: seedText ?? saveCandidate(report.seed.candidate),
      isPrompt,
    },
    files,
  };
}

function filesIn(folder: string, report: OptimizationReport): ReportFiles {
  const best = join(folder, bestNameOf(report));
  const sealedRows = join(folder, sealedRowsName);
  return {
    best: existsSync(`${best}.json`) ? `${best}.json` : `${best}.md`,
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    sealedRows: existsSync(sealedRows) ? sealedRows : undefined,
  };
}

function bestNameOf(report: OptimizationReport): string {
  return isShown(report.verdict) ? provenName : unprovenName;
}

function parseReport(path: string): OptimizationReport {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as OptimizationReport;
    if (report.schemaVersion === 1 && typeof report.runId === 'string') return report;
    throw new TypeError('It has another version.');
  } catch (cause) {
    throw new HoneError(`${path} is not a report of this version of Hone.`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Run `hone optimize` again: stored answers are not paid twice.',
      cause,
      facts: { file: path },
    });
  }
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
