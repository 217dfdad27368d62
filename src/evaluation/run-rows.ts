import { mapConcurrently } from '../base/concurrency.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError } from '../base/errors.ts';
import { answerRow, type RowJob, type RowTask } from './answer-row.ts';
import type { RowResult } from './evaluation.ts';

/** Rows that may be lost in a row, at the start, before the evaluation is given up. */
const mostLostAtStart = 16;

/** Results that wait for a slower row before them; others go on while one hangs. */
const mostWaiting = 1024;

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
  /**
   * Called for each result as soon as it counts, whatever rows before it still take: the moment to store it.
   * A row counts when it is answered; a lost one when another is answered after it or all rows are done.
   *
   * @param index The place of its job among the jobs, from 0.
   */
  readonly onSettled?: ((result: RowResult, index: number) => void) | undefined;
}

/**
 * Runs rows, at most `concurrency` at once, and yields their results in order. When nothing but faults come
 * back from the start, or when the provider is gone, the evaluation ends with that fault instead of trying
 * every row against a server that is not there; rows lost on the way there do not count, and are asked again
 * next time.
 *
 * @throws {HoneError} the code of the first lost row when none of the first 16 rows gave a result, or none of
 *   all and none was answered before; that of the fault by which the provider is gone; the reason of `stop`
 *   when that left rows out.
 */
export async function* runRows(
  jobs: Iterable<RowJob> | AsyncIterable<RowJob>,
  task: RowTask,
  options: RunRowsOptions,
): AsyncGenerator<RowResult, void, void> {
  const { concurrency, stop = task.signal, answeredBefore = false, onSettled } = options;
  const limit = Math.max(1, Math.min(concurrency, task.model.maxConcurrency ?? concurrency));
  const ledger = createLosses({ answeredBefore, onSettled });
  let wasCut = false;
  async function* untilStop() {
    for await (const job of jobs) {
      wasCut = stop?.aborted ?? false;
      if (wasCut || ledger.end !== undefined) return;
      yield job;
    }
  }
  const work = async (job: RowJob, index: number): Promise<RowResult> => {
    try {
      const result = await answerRow(job, task);
      ledger.note(result, index);
      return result;
    } catch (thrown) {
      throw ledger.noteThrown(thrown);
    }
  };
  // Lost rows are given out when they count, and those after them wait.
  const held: RowResult[] = [];
  const window = Math.max(mostWaiting, 2 * limit);
  for await (const result of mapConcurrently(untilStop(), work, { limit, window })) {
    if (ledger.end !== undefined) throw ledger.end;
    held.push(result);
    while (held[0] !== undefined && !ledger.isOpen(held[0])) yield held.shift() as RowResult;
  }
  if (ledger.end !== undefined) throw ledger.end;
  if (wasCut) {
    yield* held.filter((result) => !ledger.isOpen(result));
    throw stop?.reason;
  }
  ledger.close();
  yield* held;
}

/** Decides which lost rows count, and when it is not the rows but the provider. */
interface Losses {
  /** Why nothing further must be asked. */
  readonly end: HoneError | undefined;
  note(result: RowResult, index: number): void;
  /** The error to end with. */
  noteThrown(thrown: unknown): unknown;
  /** Whether a result is a loss that does not count yet. */
  isOpen(result: RowResult): boolean;
  /** All rows are done. @throws {HoneError} when none was ever answered. */
  close(): void;
}

function createLosses({
  answeredBefore,
  onSettled = () => undefined,
}: Pick<RunRowsOptions, 'answeredBefore' | 'onSettled'>): Losses {
  const open = new Map<RowResult, number>();
  let anyAnswered = answeredBefore ?? false;
  let end: HoneError | undefined;
  const settleOpen = () => {
    for (const [lost, place] of open) onSettled(lost, place);
    open.clear();
  };
  return {
    get end() {
      return end;
    },
    note(result, index) {
      if (end !== undefined && isLost(result)) return;
      if (isLost(result)) {
        open.set(result, index);
        if (!anyAnswered && open.size >= mostLostAtStart) end ??= nothingAnswers([...open.keys()]);
        return;
      }
      anyAnswered = true;
      if (end === undefined) settleOpen();
      onSettled(result, index);
    },
    noteThrown(thrown) {
      if (!isGone(thrown)) return thrown;
      end ??= gone(thrown);
      return end;
    },
    isOpen: (result) => open.has(result),
    close() {
      if (!anyAnswered && open.size > 0) throw nothingAnswers([...open.keys()]);
      settleOpen();
    },
  };
}

function isLost({ outcome }: RowResult): boolean {
  return outcome.status === 'infrastructure-error';
}

/** Whether the call path has found that no other call will be answered either. */
export function isGone(thrown: unknown): thrown is HoneError {
  return HoneError.isInstance(thrown) && thrown.facts.providerGone === true;
}

function gone(fault: HoneError): HoneError {
  const { code, facts, hint = 'Check the model and its address.' } = fault;
  return new HoneError(fault.message, {
    code,
    hint: `${hint} Rows that were answered are kept; run the same command again to go on from there.`,
    cause: fault,
    facts: { ...facts, interrupted: true },
  });
}

function nothingAnswers(lost: readonly RowResult[]): HoneError {
  const outcome = lost[0]?.outcome;
  if (outcome?.status !== 'infrastructure-error')
    throw new TypeError('Only lost rows can end an evaluation.');
  return new HoneError(outcome.reason, {
    code: outcome.code as ErrorCode,
    hint: `${outcome.hint ?? 'Check the model and its address.'} None of the first ${lost.length} rows gave a result; run the same command again when that is done.`,
    facts: { interrupted: true },
  });
}
