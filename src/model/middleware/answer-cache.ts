import { type LazyController, lazyController, onAbort } from '../../base/abort.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import { HoneError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { contentText } from '../content.ts';
import { type CallRecord, type Model, type ModelCall, type ModelMiddleware, wrapCalls } from '../model.ts';

/**
 * `on`: stored answers are read, new ones stored. `read`: read, nothing stored. `off`: neither. `replay`:
 * stored answers alone, the model is never asked.
 */
export type AnswerCacheMode = 'on' | 'off' | 'read' | 'replay';

/** Where answers are kept; the store is one. */
export interface AnswerLog {
  read(key: string): Promise<string | undefined>;
  /** Resolves after the commit. Keeps the first answer of a key. */
  write(answer: { readonly key: string; readonly modelId: string; readonly answer: string }): Promise<void>;
}

export interface AnswerCacheOptions {
  readonly log: AnswerLog;
  /** @default 'on' */
  readonly mode?: AnswerCacheMode | undefined;
  /** Is told each call whose answer was stored: the model has answered it before. */
  readonly onStored?: ((call: ModelCall<CallRecord>) => void) | undefined;
}

/** What identifies an answer. */
export interface AnswerIdentity {
  readonly endpoint: string;
  readonly modelId: string;
  readonly kind: ModelCall<CallRecord>['kind'];
  readonly payload: Json;
  /** See `CallOptions.draw`. @default '0' */
  readonly draw?: string | undefined;
}

/** Raised when the meaning of a key changes, so that no answer is read for another request. */
const keyVersion = 1;

/** The key of a stored answer: SHA-256 of version, endpoint, model, kind, draw and the whole request. */
export function answerKey({ endpoint, modelId, kind, payload, draw = '0' }: AnswerIdentity): string {
  return sha256(`${JSON.stringify([keyVersion, endpoint, modelId, kind, draw])}${canonicalJson(payload)}`);
}

/** A call under way that identical calls wait for. */
interface Flight {
  readonly answer: Promise<CallRecord>;
  waiters: number;
  /** Ends the call once nobody waits for it. */
  leave(reason: unknown): void;
}

// By log, because two call paths on one log must share calls as well.
const flightsByLog = new WeakMap<AnswerLog, Map<string, Flight>>();

function flightsOf(log: AnswerLog): Map<string, Flight> {
  const known = flightsByLog.get(log);
  if (known !== undefined) return known;
  const flights = new Map<string, Flight>();
  flightsByLog.set(log, flights);
  return flights;
}

/**
 * Answers from what was stored and stores what was asked. Identical concurrent calls share one: each caller
 * may abort alone, and the call is aborted when all have. An answer is committed before it is handed on. A
 * stored or shared answer keeps its usage, cost and latency and says `cached: true`. Every answer carries its key.
 *
 * @throws {HoneError} `HONE_ANSWER_MISSING` in mode `replay`, `HONE_STORE_CORRUPTED` when a stored answer
 *   cannot be read.
 */
export function withAnswerCache({ log, mode = 'on', onStored }: AnswerCacheOptions): ModelMiddleware {
  if (mode === 'off') return (model) => model;
  const flights = flightsOf(log);
  return (model) => {
    const ask = <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const { signal, draw } = call.options;
      if (signal?.aborted) return Promise.reject(signal.reason);
      const key = answerKey({
        endpoint: model.endpoint,
        modelId: model.id,
        kind: call.kind,
        payload: call.payload,
        draw,
      });
      const known = flights.get(key);
      if (known !== undefined) {
        known.waiters += 1;
        return wait(known, signal).then(
          (answer) => ({ ...answer, cached: true }) as Answer,
          (thrown) => {
            if (!isOfOneCaller(thrown) || signal?.aborted) throw thrown;
            return ask(call);
          },
        );
      }
      const controller = lazyController();
      const answer = readOrAsk({ log, mode, model, key, call, controller, onStored });
      const land = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      const flight: Flight = {
        answer,
        waiters: 1,
        leave: (reason) => {
          // Whoever asks from now on starts anew.
          land();
          controller.abort(reason);
        },
      };
      flights.set(key, flight);
      answer.then(land, land);
      return wait(flight, signal) as Promise<Answer>;
    };
    return wrapCalls(model, ask);
  };
}

/** Whether a shared call failed for a reason of who made it: a budget, a deadline, a stop, or replaying. */
function isOfOneCaller(thrown: unknown): boolean {
  if (!HoneError.isInstance(thrown)) return thrown instanceof Error && thrown.name === 'AbortError';
  const { code } = thrown;
  return code === 'HONE_BUDGET_EXHAUSTED' || code === 'HONE_ABORTED' || code === 'HONE_ANSWER_MISSING';
}

function wait(flight: Flight, signal: AbortSignal | undefined): Promise<CallRecord> {
  if (signal === undefined) return flight.answer;
  return new Promise((resolve, reject) => {
    const ignore = onAbort(signal, () => {
      flight.waiters -= 1;
      if (flight.waiters === 0) flight.leave(signal.reason);
      reject(signal.reason);
    });
    flight.answer.then(
      (answer) => {
        ignore();
        resolve(answer);
      },
      (thrown) => {
        ignore();
        reject(thrown);
      },
    );
  });
}

interface Asking<Answer extends CallRecord> extends Pick<AnswerCacheOptions, 'onStored'> {
  readonly log: AnswerLog;
  readonly mode: AnswerCacheMode;
  readonly model: Model;
  readonly key: string;
  readonly call: ModelCall<Answer>;
  readonly controller: LazyController;
}

async function readOrAsk<Answer extends CallRecord>(asking: Asking<Answer>): Promise<Answer> {
  const { log, mode, model, key, call, controller } = asking;
  const stored = await log.read(key);
  if (stored !== undefined) {
    asking.onStored?.(call);
    return readStored<Answer>(stored, key);
  }
  if (mode === 'replay') throw missing(model, key, call);
  // A caller without a signal never leaves, and then nobody can end the call.
  const signal = call.options.signal && controller.signal;
  signal?.throwIfAborted();
  const answer = await call.proceed({ ...call.options, signal });
  if (mode === 'on') await log.write({ key, modelId: model.id, answer: JSON.stringify(answer) });
  return { ...answer, key };
}

function readStored<Answer extends CallRecord>(text: string, key: string): Answer {
  try {
    const answer = JSON.parse(text) as Answer & { cached?: boolean; key?: string };
    answer.cached = true;
    answer.key = key;
    return answer;
  } catch (cause) {
    throw new HoneError(`The stored answer ${key.slice(0, 12)} is not JSON.`, {
      code: 'HONE_STORE_CORRUPTED',
      hint: 'Run: hone cache clear',
      cause,
      facts: { key },
    });
  }
}

function missing(model: Model, key: string, call: ModelCall<CallRecord>): HoneError {
  const last = contentText(call.request.messages.at(-1)?.content ?? '');
  return new HoneError(
    `No stored answer of ${model.id} for this request (key ${key.slice(0, 12)}, draw ${call.options.draw ?? '0'}): "${last.slice(-80).trim()}"`,
    {
      code: 'HONE_ANSWER_MISSING',
      hint: 'Run once without `--replay` (cache mode `on`), or restore the store that the answers were kept in.',
      facts: { key, modelId: model.id, endpoint: model.endpoint, retryable: false },
    },
  );
}
