import { mapConcurrently } from '../base/concurrency.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError } from '../base/errors.ts';
import { answerRow, lostRow, type RowJob, type RowTask } from './answer-row.ts';
import type { RowResult } from './evaluation.ts';

/** Rows that may be lost in a row, at the start, before the evaluation is given up. */
const mostLostAtStart = 16;

/**
 * Share of the rows that must have been answered, so that a provider that refuses the last ones counts as there:
 * rows that it refuses for ever come last, with nothing after them that it could answer.
 */
const answeredByPresent = 0.5;

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
 * back from the start, or when the provider is gone before the last row was begun, the evaluation ends with that
 * fault instead of trying every row against a server that is not there; rows lost on the way there do not count,
 * and are asked again next time.
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
  let areAllBegun = false;
  async function* untilStop() {
    for await (const job of jobs) {
      wasCut = stop?.aborted ?? false;
      if (wasCut || ledger.isOver) return;
      yield job;
    }
    areAllBegun = true;
  }
  const work = async (job: RowJob, index: number): Promise<RowResult> => {
    try {
      const result = await answerRow(job, task);
      ledger.note(result, index);
      return result;
    } catch (thrown) {
      if (!isGone(thrown)) throw thrown;
      const result = lostRow(job, thrown);
      ledger.noteGone(result, index, thrown);
      return result;
    }
  };
  // Lost rows are given out when they count, and those after them wait.
  const held: RowResult[] = [];
  const window = Math.max(mostWaiting, 2 * limit);
  for await (const result of mapConcurrently(untilStop(), work, { limit, window })) {
    if (ledger.hopeless !== undefined) throw ledger.hopeless;
    held.push(result);
    while (held[0] !== undefined && !ledger.isOpen(held[0])) yield held.shift() as RowResult;
  }
  if (wasCut) {
    yield* held.filter((result) => !ledger.isOpen(result));
    throw stop?.reason;
  }
  ledger.close({ areAllBegun });
  yield* held;
}

/** Decides which lost rows count, and when it is not the rows but the provider. */
interface Losses {
  /** Whether nothing further must be asked. */
  readonly isOver: boolean;
  /** Why, when nothing was answered from the start. */
  readonly hopeless: HoneError | undefined;
  note(result: RowResult, index: number): void;
  /** A row that was not asked, or not answered, because the provider is gone. */
  noteGone(result: RowResult, index: number, fault: HoneError): void;
  /** Whether a result is a loss that does not count yet. */
  isOpen(result: RowResult): boolean;
  /** What was begun is done. @throws {HoneError} when the rows left over are not the rows' own losses. */
  close(rows: { readonly areAllBegun: boolean }): void;
}

function createLosses({
  answeredBefore,
  onSettled = () => undefined,
}: Pick<RunRowsOptions, 'answeredBefore' | 'onSettled'>): Losses {
  const open = new Map<RowResult, number>();
  let settled = 0;
  let anyAnswered = answeredBefore ?? false;
  let hopeless: HoneError | undefined;
  let fault: HoneError | undefined;
  const settle = (result: RowResult, index: number) => {
    settled += 1;
    onSettled(result, index);
  };
  const settleOpen = () => {
    for (const [lost, place] of open) settle(lost, place);
    open.clear();
  };
  return {
    get isOver() {
      return hopeless !== undefined || fault !== undefined;
    },
    get hopeless() {
      return hopeless;
    },
    note(result, index) {
      if (isLost(result)) {
        open.set(result, index);
        if (!anyAnswered && open.size >= mostLostAtStart) hopeless ??= nothingAnswers([...open.keys()]);
        return;
      }
      anyAnswered = true;
      if (hopeless === undefined && fault === undefined) settleOpen();
      settle(result, index);
    },
    noteGone(result, index, thrown) {
      fault ??= thrown;
      open.set(result, index);
    },
    isOpen: (result) => open.has(result),
    close({ areAllBegun }) {
      if (hopeless !== undefined) throw hopeless;
      const isPresent = areAllBegun && settled >= answeredByPresent * (settled + open.size);
      if (fault !== undefined && !isPresent) throw gone(fault, anyAnswered ? 0 : open.size);
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

/** @param lost Rows that were lost when none was answered; 0 when some were. */
function gone(fault: HoneError, lost: number): HoneError {
  const { code, facts, hint = 'Check the model and its address.' } = fault;
  const next =
    lost > 0
      ? `None of the first ${lost} rows was answered; run the same command again when that is done.`
      : 'Rows that were answered are kept; run the same command again to go on from there.';
  return new HoneError(fault.message, {
    code,
    hint: `${hint} ${next}`,
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
