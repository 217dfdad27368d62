import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { Model } from '../model/model.ts';
import { callsOf, type Prediction, type Program, type Trace } from '../program/program.ts';
import type { Candidate, CandidateHash } from '../prompt/candidate.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { Outcome, RowResult, RowUsage } from './evaluation.ts';
import { sumKnown } from './sum-known.ts';

/** What a row is answered and judged with; the same for all rows. */
export interface RowTask {
  readonly program: Program;
  readonly model: Model;
  /** The first counts. */
  readonly scorers: readonly Scorer[];
  /** Whether results carry their traces. @default false */
  readonly traces?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One (candidate, row, trial). */
export interface RowJob {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  readonly example: Example;
  readonly trial: number;
}

/** Faults that another row would meet as well: they end the evaluation instead of filling it with errors. */
const endsEverything = new Set<string>([
  'HONE_ABORTED',
  'HONE_ANSWER_MISSING',
  'HONE_BUDGET_EXHAUSTED',
  'HONE_MISSING_DEPENDENCY',
  'HONE_MODEL_AUTHENTICATION',
  'HONE_MODEL_FILE_INVALID',
  'HONE_MODEL_UNKNOWN',
  'HONE_PRICE_UNKNOWN',
]);

/**
 * Answers one row and judges the answer. A prompt that is too long for the model is the candidate's failure. A
 * fault of the infrastructure (after the retries of the call path) becomes an outcome; a fault that every row
 * would meet, a broken scorer and an abort throw.
 */
export async function answerRow(job: RowJob, task: RowTask): Promise<RowResult> {
  const { candidate, hash, example, trial } = job;
  const base = { candidate: hash, exampleId: example.id, trial, expected: example.expected };
  let prediction: Prediction;
  try {
    prediction = await task.program.forward(example.inputs, {
      model: task.model,
      candidate,
      signal: task.signal,
      draw: String(trial),
      exampleId: example.id,
    });
  } catch (thrown) {
    if (HoneError.isInstance(thrown) && thrown.code === 'HONE_MODEL_CONTEXT_OVERFLOW') {
      prediction = { status: 'failed', reason: thrown.message, text: '', trace: [] };
    } else return { ...base, outcome: infrastructureError(thrown, task.signal), usage: usageOf([]) };
  }
  const { trace } = prediction;
  const judged = await judge(prediction, example, task);
  return {
    ...base,
    ...judged,
    outputs: prediction.status === 'completed' ? prediction.outputs : undefined,
    ...(task.traces && { trace }),
    usage: usageOf(trace),
  };
}

async function judge(
  prediction: Prediction,
  example: Example,
  { scorers, signal }: RowTask,
): Promise<Pick<RowResult, 'outcome' | 'others'>> {
  const [first, ...rest] = scorers;
  if (first === undefined) return { outcome: { status: 'unscored', reason: 'No scorer was given.' } };
  const outcome = await outcomeOf(prediction, { example, scorer: first, signal });
  if (rest.length === 0) return { outcome };
  const others: Record<string, Outcome> = {};
  for (const scorer of rest) others[scorer.name] = await outcomeOf(prediction, { example, scorer, signal });
  return { outcome, others };
}

async function outcomeOf(
  prediction: Prediction,
  {
    example,
    scorer,
    signal,
  }: { readonly example: Example; readonly scorer: Scorer; readonly signal?: AbortSignal | undefined },
): Promise<Outcome> {
  if (prediction.status === 'failed') {
    const { reason, text } = prediction;
    return { status: 'failed', value: scorer.failValue ?? 0, feedback: reason, text };
  }
  const { outputs, trace } = prediction;
  try {
    return await scorer.score({ example, outputs: outputs as JsonObject, trace, signal });
  } catch (thrown) {
    return infrastructureError(thrown, signal);
  }
}

function infrastructureError(thrown: unknown, signal: AbortSignal | undefined): Outcome {
  if (signal?.aborted || !HoneError.isInstance(thrown)) throw thrown;
  if (!thrown.code.startsWith('HONE_MODEL_') || endsEverything.has(thrown.code)) throw thrown;
  const { code, hint } = thrown;
  return {
    status: 'infrastructure-error',
    code,
    reason: messageOf(thrown),
    ...(hint !== undefined && { hint }),
  };
}

/** Adds up the calls of a trace. A sum is undefined when any part of it is unknown. */
export function usageOf(trace: Trace): RowUsage {
  const calls = callsOf(trace);
  const sums = { cachedCalls: 0, latencyMs: 0, retries: 0 };
  let inputTokens: number | undefined = 0;
  let cachedInputTokens: number | undefined = 0;
  let outputTokens: number | undefined = 0;
  let costUsd: number | undefined = 0;
  let spentUsd: number | undefined = 0;
  for (const call of calls) {
    const isCached = call.cached === true;
    if (isCached) sums.cachedCalls += 1;
    sums.latencyMs += call.latencyMs;
    sums.retries += call.retries ?? 0;
    inputTokens = sumKnown(inputTokens, call.usage.inputTokens);
    cachedInputTokens = sumKnown(cachedInputTokens, call.usage.cachedInputTokens);
    outputTokens = sumKnown(outputTokens, call.usage.outputTokens);
    costUsd = sumKnown(costUsd, call.costUsd);
    spentUsd = sumKnown(spentUsd, isCached ? 0 : call.costUsd);
  }
  return { calls: calls.length, ...sums, inputTokens, cachedInputTokens, outputTokens, costUsd, spentUsd };
}
