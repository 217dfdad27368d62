import type { OptimizationReport } from '../../optimizer/driver/report.ts';

/** A report with what belongs beside it. */
export interface ReportView {
  readonly report: OptimizationReport;
  /** The best candidate as a prompt file, or as JSON where the program is not one prompt. */
  readonly bestText: string;
  /** The seed in the same form. */
  readonly seedText: string;
}

/** Where the files of a report lie, as the reader may type them. */
export interface ReportFiles {
  /** The best candidate: `winner.md`, or `development-estimate.md` when nothing is proven. */
  readonly best: string;
  readonly html: string;
  readonly json: string;
}
