import type { Example } from '../dataset/dataset.ts';
import type { Evaluation, RowResult } from '../evaluation/evaluation.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';

/** The formats that the report of an optimization is written in. */
export type ReportFormat = 'json' | 'md' | 'html';

/** The report of an optimization with what belongs beside it. */
export interface ReportView {
  readonly report: OptimizationReport;
  /** The best candidate: a prompt file, or a saved candidate where the program is not one prompt. */
  readonly bestText: string;
  /** The seed in the same form. */
  readonly seedText: string;
  /** Whether these texts are prompt files; else they are candidates in JSON. */
  readonly isPrompt: boolean;
}

/** A row that scored low, with what it asked. */
export interface WorstRow {
  readonly result: RowResult;
  readonly example?: Example | undefined;
}

/** An evaluation with what a reader asks next: the rows that went wrong, and what to know of the figures. */
export interface EvaluationView {
  readonly name: string;
  readonly model: string;
  readonly evaluation: Omit<Evaluation, 'results'>;
  /** Lowest first. */
  readonly worst: readonly WorstRow[];
  readonly notes: readonly string[];
  /** What every column was taken for, in words. */
  readonly columns?:
    | readonly { readonly name: string; readonly part: 'input' | 'expected'; readonly taken: string }[]
    | undefined;
}
