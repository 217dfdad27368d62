import { type CallRecord, type Model, type ModelCall, type Usage, wrapCalls } from '../model.ts';
import { readCount } from '../read-count.ts';

/** One call that was made through a meter and has ended. */
export interface MeteredCall {
  /** What the model was asked as: `task`, `judge` and so on. */
  readonly role: string;
  readonly modelId: string;
  /** What the answer said about its making; absent for a call that failed after its retries. */
  readonly record?: CallRecord | undefined;
  /** What a failed call threw. */
  readonly thrown?: unknown;
}

/** Counts what models are asked, whoever asks them and whatever becomes of the answers. */
export interface Meter {
  /** A model whose every call is recorded once, when it has ended. */
  wrap(model: Model, role: string): Model;
  /** Counts a call that was made elsewhere and has ended. */
  add(call: MeteredCall): void;
  /** The calls that have ended, in the order of asking. */
  readonly calls: readonly MeteredCall[];
  /** Resolves when no call is under way: code may have left some behind. */
  settled(): Promise<void>;
}

/** A meter of its own for each thing that is to be counted: a row, a reflection, a judgement. */
export function createMeter(): Meter {
  // One place for each call, taken when it starts, so that sums do not depend on who answers first.
  const places: (MeteredCall | undefined)[] = [];
  const underWay = new Set<Promise<unknown>>();
  return {
    get calls() {
      return places.filter((call) => call !== undefined);
    },
    add: ({ record, ...call }) =>
      places.push({ ...call, ...(record !== undefined && { record: recordOf(record) }) }),
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    wrap: (model, role) =>
      wrapCalls(model, <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
        const place = places.push(undefined) - 1;
        const base = { role, modelId: model.id };
        const work = call.proceed().then(
          (answer) => {
            places[place] = { ...base, record: recordOf(answer) };
            return answer;
          },
          (thrown: unknown) => {
            places[place] = { ...base, thrown };
            throw thrown;
          },
        );
        underWay.add(work);
        const land = () => underWay.delete(work);
        work.then(land, land);
        return work;
      }),
  };
}

/** The record alone, with every figure that is no finite number from 0 as unknown. */
export function recordOf({ usage, costUsd, latencyMs, cached, retries, key }: CallRecord): CallRecord {
  return {
    usage: knownUsage(usage),
    costUsd: readCount(costUsd),
    latencyMs: readCount(latencyMs) ?? 0,
    cached: cached === true ? true : undefined,
    retries: readCount(retries),
    key: typeof key === 'string' ? key : undefined,
  };
}

function knownUsage(usage: Usage | null | undefined): Usage {
  return {
    inputTokens: readCount(usage?.inputTokens),
    cachedInputTokens: readCount(usage?.cachedInputTokens),
    outputTokens: readCount(usage?.outputTokens),
    reasoningTokens: readCount(usage?.reasoningTokens),
  };
}
