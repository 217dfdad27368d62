import type { ReportFiles } from './render/report-terminal.ts';
import { pathFrom } from './write-file.ts';

/** The files of a report as they may be typed in a folder. */
export function shownFiles({ best, html, json, sealedRows }: ReportFiles, folder: string): ReportFiles {
  return {
    best: pathFrom(folder, best),
    html: pathFrom(folder, html),
    json: pathFrom(folder, json),
    sealedRows: sealedRows && pathFrom(folder, sealedRows),
  };
}
