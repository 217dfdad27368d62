import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { saveCandidate } from '../prompt/saved-candidate.ts';
import { renderReport } from '../report/render-report.ts';
import type { ReportView } from '../report/report.ts';
import type { ReportFiles } from './render/report-terminal.ts';
import { writeWholeFile } from './write-file.ts';

const provenName = 'winner.md';
const unprovenName = 'development-estimate.md';

/**
 * Writes a report under `.hone/reports/<run>` with the candidate beside it, and as the latest. A candidate that
 * is not proven better never gets the name of a winner.
 */
export function writeReportFiles(honeFolder: string, view: ReportView): ReportFiles {
  const { report, bestText, seedText } = view;
  const folder = join(honeFolder, 'reports', report.runId);
  const bestName = bestNameOf(report);
  writeWholeFile(join(folder, bestName), bestText);
  writeWholeFile(join(folder, 'seed.md'), seedText);
  writeWholeFile(join(folder, 'candidate.json'), saveCandidate(report.best.candidate));
  for (const format of ['md', 'html', 'json'] as const) {
    const text = renderReport(view, format);
    writeWholeFile(join(folder, `report.${format}`), text);
    writeWholeFile(join(honeFolder, 'reports', `latest.${format}`), text);
  }
  for (const name of [provenName, unprovenName]) {
    const latest = join(honeFolder, 'reports', `latest-${name}`);
    if (name === bestName) writeWholeFile(latest, bestText);
    else rmSync(latest, { force: true });
  }
  return {
    best: join(folder, bestName),
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
  };
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
  const reports = join(honeFolder, 'reports');
  const path = runId === undefined ? join(reports, 'latest.json') : join(reports, runId, 'report.json');
  if (!existsSync(path)) return undefined;
  const report = parseReport(path);
  const folder = join(reports, report.runId);
  const best = join(folder, bestNameOf(report));
  return {
    view: {
      report,
      bestText: readText(best) ?? saveCandidate(report.best.candidate),
      seedText: readText(join(folder, 'seed.md')) ?? saveCandidate(report.seed.candidate),
    },
    files: { best, html: join(folder, 'report.html'), json: join(folder, 'report.json') },
  };
}

function bestNameOf(report: OptimizationReport): string {
  return report.verdict === 'improved' ? provenName : unprovenName;
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
