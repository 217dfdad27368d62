import type { Clock } from '../../base/clock.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import { HoneError } from '../../base/errors.ts';
import type { CallOptions, CallRecord, Model, ModelCall } from '../model.ts';

/**
 * What all calls of one model at one endpoint know together: whether it still answers. When enough calls failed
 * with nothing answered between, it is suspected: then a request that it has answered before is asked again, and
 * only when that fails too, or none is known, the provider counts as gone. So rows that are refused for what they
 * say are lost alone, however many follow each other. Once it is gone, whoever waits and whoever comes fails at
 * once with the provider's own error and `facts.providerGone`. An answer takes that back, and so does `reset`; from
 * time to time one call may try.
 */
export interface Circuit {
  /** How often the provider showed that it works. */
  readonly answers: number;
  /** The longest time of an answer so far, in milliseconds. */
  readonly slowestMs: number;
  readonly isGone: boolean;
  /** @throws {HoneError} the provider's error while it counts as gone, unless this call is the one to try. */
  admit(): void;
  /** The provider answered, or refused a request for a reason of the request itself. */
  answered(latencyMs?: number): void;
  /** A request that was answered, now or in an earlier process. */
  remember(answered: ModelCall<CallRecord>): void;
  /**
   * The first attempt of a call ended without a word.
   *
   * @returns whether the provider is now suspected: `check` then decides.
   */
  timedOut(fault: HoneError): boolean;
  /**
   * A call has used up its tries, or failed in a way that trying again cannot heal.
   *
   * @returns whether the provider is now suspected: `check` then decides.
   */
  lost(fault: HoneError): boolean;
  /**
   * Decides on a suspicion, once for all calls that share it.
   *
   * @param options.model Makes one attempt of a request, without tries of its own.
   * @returns whether the provider is gone.
   */
  check(fault: HoneError, options: ProbeOptions): Promise<boolean>;
  /** The provider said itself that it will not answer: everything ends now. */
  close(fault: HoneError): void;
  /** Calls `listener` when the provider counts as gone. @returns stops listening. */
  onGone(listener: (error: HoneError) => void): () => void;
  /** Forgets what failed, so that a new run asks again. */
  reset(): void;
}

export interface ProbeOptions extends Pick<CallOptions, 'signal'> {
  readonly model: Model;
}

/** Calls in a row that failed, or timed out at first, until the provider is suspected: one odd row is none. */
const lostCallsBound = 4;
const timeoutsBound = 4;
/** Until one call may try whether the provider is back; doubles with each that fails. */
const firstProbeMs = 30_000;
const longestProbeMs = 600_000;

export function createCircuit(clock: Clock): Circuit {
  const listeners = new Set<(error: HoneError) => void>();
  let answers = 0;
  let slowestMs = 0;
  let lostInRow = 0;
  let timeoutsInRow = 0;
  let gone: { readonly error: HoneError; probeAt: number; isTrying: boolean } | undefined;
  let probeMs = firstProbeMs;
  let known: ModelCall<CallRecord> | undefined;
  let checking: Promise<boolean> | undefined;

  const forget = () => {
    lostInRow = 0;
    timeoutsInRow = 0;
    probeMs = firstProbeMs;
    gone = undefined;
  };
  const end = (fault: HoneError) => {
    const { retryAfterMs } = fault.facts;
    const wait = Math.max(probeMs, typeof retryAfterMs === 'number' ? retryAfterMs : 0);
    probeMs = Math.min(longestProbeMs, probeMs * 2);
    const error = providerGone(fault);
    gone = { error, probeAt: clock.monotonic() + wait, isTrying: false };
    for (const listener of [...listeners]) listener(error);
    listeners.clear();
  };
  /** One more failure. @returns whether it is for `check` to decide. */
  const suspect = (inRow: number, bound: number, fault: HoneError): boolean => {
    if (gone !== undefined) {
      if (gone.isTrying) end(fault);
      return false;
    }
    if (inRow < bound) return false;
    // Nothing was ever answered, so there is nothing to ask again.
    if (known === undefined) end(fault);
    return known !== undefined;
  };
  const answered = () => {
    answers += 1;
    if (lostInRow + timeoutsInRow > 0 || gone !== undefined) forget();
  };
  const probe = async (fault: HoneError, options: ProbeOptions): Promise<boolean> => {
    const before = answers;
    const isThere = known !== undefined && (await isAnswered(known, options));
    // Whoever asked was stopped: nothing is known of the provider.
    if (options.signal?.aborted) return gone !== undefined;
    if (isThere || answers > before) answered();
    else if (gone === undefined) end(fault);
    return gone !== undefined;
  };

  return {
    get answers() {
      return answers;
    },
    get slowestMs() {
      return slowestMs;
    },
    get isGone() {
      return gone !== undefined;
    },
    admit() {
      if (gone === undefined) return;
      if (clock.monotonic() < gone.probeAt) throw gone.error;
      // One call tries; until it is back the others go on failing.
      gone.probeAt = clock.monotonic() + probeMs;
      gone.isTrying = true;
    },
    answered(latencyMs = 0) {
      if (latencyMs > slowestMs) slowestMs = latencyMs;
      answered();
    },
    remember(call) {
      known = call;
    },
    timedOut(fault) {
      timeoutsInRow += 1;
      return suspect(timeoutsInRow, timeoutsBound, fault);
    },
    lost(fault) {
      lostInRow += 1;
      return suspect(lostInRow, lostCallsBound, fault);
    },
    check(fault, options) {
      checking ??= probe(fault, options).finally(() => {
        checking = undefined;
      });
      return checking;
    },
    close(fault) {
      if (gone === undefined || gone.isTrying) end(fault);
    },
    onGone(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    reset: forget,
  };
}

/** Whether the server shows that it is there: it answers, or refuses the request for what it says. */
async function isAnswered(
  { kind, request, choices = [], options }: ModelCall<CallRecord>,
  { model, signal }: ProbeOptions,
): Promise<boolean> {
  const call: CallOptions = { draw: options.draw, signal };
  try {
    await (kind === 'score-choices'
      ? model.scoreChoices?.(request, choices, call)
      : model.generate(request, call));
    return true;
  } catch (thrown) {
    return HoneError.isInstance(thrown) && faultKindOf(thrown) === 'answer';
  }
}

/** The provider's own error, for a call that is not made any more. */
export function providerGone(fault: HoneError): HoneError {
  if (fault.facts.providerGone === true) return fault;
  return new HoneError(fault.message, {
    code: fault.code,
    hint: fault.hint,
    cause: fault.cause,
    facts: { ...fault.facts, retryable: false, providerGone: true },
  });
}

/** What a failed attempt says about the provider; undefined where it says nothing. */
export type FaultKind = 'rejection' | 'timeout' | 'fault' | 'answer';

const kinds: Partial<Record<ErrorCode, FaultKind>> = {
  HONE_MODEL_RATE_LIMITED: 'rejection',
  HONE_MODEL_TIMEOUT: 'timeout',
  HONE_MODEL_AUTHENTICATION: 'fault',
  HONE_MODEL_BAD_REPLY: 'fault',
  HONE_MODEL_SERVER: 'fault',
  HONE_MODEL_UNKNOWN: 'fault',
  HONE_MODEL_UNREACHABLE: 'fault',
  // The server is there and read the request.
  HONE_MODEL_CONTEXT_OVERFLOW: 'answer',
  HONE_MODEL_REJECTED: 'answer',
};

export function faultKindOf(fault: HoneError): FaultKind | undefined {
  return kinds[fault.code];
}
