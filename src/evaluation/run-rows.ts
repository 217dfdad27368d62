import { mapConcurrently } from '../base/concurrency.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError } from '../base/errors.ts';
import { answerRow, type RowJob, type RowTask } from './answer-row.ts';
import type { RowResult } from './evaluation.ts';

/** Rows that may be lost in a row, at the start, before the evaluation is given up. */
const mostLostAtStart = 16;

export interface RunRowsOptions {
  /** Most rows in work at once. A model may allow fewer. */
  readonly concurrency: number;
  /**
   * Starts nothing new; rows in flight finish and are yielded. @default the task's signal, which also aborts
   * those
   */
  readonly stop?: AbortSignal | undefined;
  /** Whether rows were answered before these, so that a few lost ones are not the end. @default false */
  readonly answeredBefore?: boolean | undefined;
}

/**
 * Runs rows, at most `concurrency` at once, and yields their results in order. When nothing but faults of
 * the infrastructure come back from the start, the evaluation ends with that fault instead of trying every
 * row against a server that is not there.
 *
 * @throws {HoneError} `HONE_MODEL_…` of the first row when all of the first 16 rows are lost, or all rows and
 *   none was answered before; the reason of `stop` when that left rows out.
 */
export async function* runRows(
  jobs: Iterable<RowJob> | AsyncIterable<RowJob>,
  task: RowTask,
  { concurrency, stop = task.signal, answeredBefore = false }: RunRowsOptions,
): AsyncGenerator<RowResult, void, void> {
  const limit = Math.max(1, Math.min(concurrency, task.model.maxConcurrency ?? concurrency));
  const lost: RowResult[] = [];
  let anyAnswered = false;
  let wasCut = false;
  async function* untilStop() {
    for await (const job of jobs) {
      wasCut = stop?.aborted ?? false;
      if (wasCut) return;
      yield job;
    }
  }
  const results = mapConcurrently(untilStop(), (job) => answerRow(job, task), { limit });
  for await (const result of results) {
    if (anyAnswered) {
      yield result;
      continue;
    }
    if (result.outcome.status === 'infrastructure-error') {
      lost.push(result);
      if (lost.length >= mostLostAtStart) throw nothingAnswers(lost);
      continue;
    }
    anyAnswered = true;
    yield* lost;
    yield result;
  }
  if (!anyAnswered && lost.length > 0) {
    if (!answeredBefore && !wasCut) throw nothingAnswers(lost);
    yield* lost;
  }
  if (wasCut) throw stop?.reason;
}

function nothingAnswers(lost: readonly RowResult[]): HoneError {
  const outcome = lost[0]?.outcome;
  if (outcome?.status !== 'infrastructure-error')
    throw new TypeError('Only lost rows can end an evaluation.');
  return new HoneError(outcome.reason, {
    code: outcome.code as ErrorCode,
    hint: `${outcome.hint ?? 'Check the model and its address.'} None of the first ${lost.length} rows was answered; run the same command again when that is done.`,
  });
}
