import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import { createMeter, type Meter } from '../model/middleware/meter.ts';
import type { Model } from '../model/model.ts';
import type { Prediction, Program } from '../program/program.ts';
import type { Candidate, CandidateHash } from '../prompt/candidate.ts';
import type { Scorer, ScorerRuntime } from '../scorer/scorer.ts';
import type { Outcome, RowResult } from './evaluation.ts';
import { usageOf } from './row-usage.ts';

/** What a row is answered and judged with; the same for all rows. */
export interface RowTask {
  readonly program: Program;
  /** Answers as the role `task`. */
  readonly model: Model;
  /** Models of other roles. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
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
  /** Whether an answer that cannot be read is asked for once more. @default true */
  readonly reask?: boolean | undefined;
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
 * Answers one row and judges the answer. A prompt that is too long for the model and an error of the
 * program's own code are the candidate's failure. A fault of the infrastructure (after the retries of the
 * call path) becomes an outcome; a fault that every row would meet and an abort throw. Whatever comes of the
 * row, its usage holds every call that was answered.
 */
export async function answerRow(job: RowJob, task: RowTask): Promise<RowResult> {
  const { hash, example, trial } = job;
  const meter = createMeter();
  const models = meteredModels(task, meter);
  const judged = await answerAndJudge(job, task, models);
  await meter.settled();
  return {
    candidate: hash,
    exampleId: example.id,
    trial,
    inputs: example.inputs,
    expected: example.expected,
    ...judged,
    usage: usageOf(meter.calls),
  };
}

type Models = Readonly<Record<string, Model>>;

function meteredModels({ model, models = {} }: RowTask, meter: Meter): Models {
  const all = Object.entries({ ...models, task: model });
  return Object.fromEntries(all.map(([role, each]) => [role, meter.wrap(each, role)]));
}

async function answerAndJudge(
  { candidate, example, trial, reask }: RowJob,
  task: RowTask,
  models: Models,
): Promise<Pick<RowResult, 'outcome' | 'others' | 'outputs' | 'trace'>> {
  const { program, signal, traces } = task;
  const draw = String(trial);
  let prediction: Prediction;
  try {
    prediction = await program.forward(example.inputs, {
      models,
      candidate,
      signal,
      draw,
      exampleId: example.id,
      reask,
    });
  } catch (thrown) {
    if (!isOverflow(thrown)) return { outcome: infrastructureError(thrown, signal) };
    prediction = { status: 'failed', reason: thrown.message, text: '', trace: [] };
  }
  const judged = await judge(prediction, { example, task, runtime: { models, draw, signal } });
  return {
    ...judged,
    outputs: prediction.status === 'completed' ? prediction.outputs : undefined,
    ...(traces && { trace: prediction.trace }),
  };
}

function isOverflow(thrown: unknown): thrown is HoneError {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_MODEL_CONTEXT_OVERFLOW';
}

/** What a prediction is judged with. */
interface Judging {
  readonly example: Example;
  readonly task: RowTask;
  readonly runtime: ScorerRuntime;
}

async function judge(
  prediction: Prediction,
  judging: Judging,
): Promise<Pick<RowResult, 'outcome' | 'others'>> {
  const [first, ...rest] = judging.task.scorers;
  if (first === undefined) return { outcome: { status: 'unscored', reason: 'No scorer was given.' } };
  const outcome = await outcomeOf(prediction, first, judging);
  if (rest.length === 0) return { outcome };
  const others: Record<string, Outcome> = {};
  for (const scorer of rest) others[scorer.name] = await outcomeOf(prediction, scorer, judging);
  return { outcome, others };
}

async function outcomeOf(
  prediction: Prediction,
  scorer: Scorer,
  { example, runtime }: Judging,
): Promise<Outcome> {
  const { signal } = runtime;
  if (prediction.status === 'failed') {
    const { reason, text, step } = prediction;
    return {
      status: 'failed',
      value: scorer.failValue ?? 0,
      feedback: reason,
      text,
      ...(step !== undefined && { step }),
    };
  }
  const { outputs, trace } = prediction;
  try {
    return await scorer.score({ example, outputs: outputs as JsonObject, trace, signal, runtime });
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
