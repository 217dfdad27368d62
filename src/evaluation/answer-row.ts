import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import { createMeter, type Meter } from '../model/middleware/meter.ts';
import { type CallRecord, type Model, type ModelCall, wrapCalls } from '../model/model.ts';
import { faultOfPrediction } from '../program/check-program.ts';
import { faultBehind } from '../program/faults.ts';
import type { Prediction, Program } from '../program/program.ts';
import type { Candidate, CandidateHash } from '../prompt/candidate.ts';
import { faultOfScore } from '../scorer/check-scorers.ts';
import type { SampleUsage, Scorer, ScorerRuntime } from '../scorer/scorer.ts';
import type { Outcome, RowResult } from './evaluation.ts';
import { takenByAnswer, usageOf } from './row-usage.ts';

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
  /** Waits before a service is tried again. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** One (candidate, row, trial). */
export interface RowJob {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  readonly example: Example;
  readonly trial: number;
  /** Whether an answer that cannot be read is asked for once more. @default true */
  readonly reask?: boolean | undefined;
  /** Instead of temperature 0; see `Runtime.samplingTemperature`. @default 0 stays 0 */
  readonly samplingTemperature?: number | undefined;
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

/** Waits before a row is tried again whose code says that a service is unavailable, in milliseconds. */
const serviceRetryDelays: readonly number[] = [500, 2_000];

/**
 * Answers one row and judges the answer. An error of the program's own code is the candidate's failure. A
 * fault of the infrastructure (after its retries), of a scorer, and a request that the provider refuses
 * become an outcome without a value; a fault that every row would meet, a provider that is gone and an abort
 * throw. Whatever comes of the row, its usage holds every call that was answered.
 */
export async function answerRow(job: RowJob, task: RowTask): Promise<RowResult> {
  const meter = createMeter();
  const models = meteredModels(task, meter);
  const judged = await answerAndJudge(job, task, { models, meter });
  await meter.settled();
  return { ...rowOf(job), ...judged, usage: usageOf(meter.calls) };
}

/** A row that nobody answers: what the provider said when it went away. */
export function lostRow(job: RowJob, fault: HoneError): RowResult {
  return { ...rowOf(job), outcome: lostTo(fault), usage: usageOf([]) };
}

function rowOf({ hash, example, trial }: RowJob) {
  return {
    candidate: hash,
    exampleId: example.id,
    ...(example.group !== undefined && { group: example.group }),
    trial,
    inputs: example.inputs,
    expected: example.expected,
  };
}

type Models = Readonly<Record<string, Model>>;

function meteredModels({ model, models = {}, signal }: RowTask, meter: Meter): Models {
  const metered: Record<string, Model> = {};
  for (const role in models) metered[role] = meter.wrap(coded(models[role] ?? model, signal), role);
  metered.task = meter.wrap(coded(model, signal), 'task');
  return metered;
}

// Of each model once, and not of each row: rows by the thousand ask the same few models with the same signal.
const codedModels = new WeakMap<Model, { readonly signal: AbortSignal | undefined; readonly model: Model }>();

function coded(model: Model, signal: AbortSignal | undefined): Model {
  const known = codedModels.get(model);
  if (known !== undefined && known.signal === signal) return known.model;
  const made = withCodes(model, signal);
  codedModels.set(model, { signal, model: made });
  return made;
}

/** Models may be the user's own code: what they throw without a code is a fault of theirs, not of the program. */
function withCodes(model: Model, signal: AbortSignal | undefined): Model {
  return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    try {
      return await call.proceed();
    } catch (thrown) {
      const isAbort = signal?.aborted || call.options.signal?.aborted;
      if (isAbort || HoneError.isInstance(thrown)) throw thrown;
      throw new HoneError(`The model ${model.id} threw: ${messageOf(thrown)}`, {
        code: 'HONE_MODEL_BAD_REPLY',
        hint: 'Let the model throw a HoneError with a HONE_MODEL_… code that says what is wrong.',
        cause: thrown,
      });
    }
  });
}

async function answerAndJudge(
  { candidate, example, trial, reask, samplingTemperature }: RowJob,
  task: RowTask,
  { models, meter }: { readonly models: Models; readonly meter: Meter },
): Promise<Pick<RowResult, 'outcome' | 'others' | 'outputs' | 'trace' | 'confidence'>> {
  const { program, signal, traces } = task;
  const draw = String(trial);
  let prediction: Prediction;
  try {
    const exampleId = example.id;
    const runtime = { models, candidate, signal, draw, exampleId, reask, samplingTemperature };
    prediction = await whileUnavailable(task, () => program.forward(example.inputs, runtime));
  } catch (thrown) {
    if (signal?.aborted || HoneError.isInstance(thrown) || faultBehind(thrown) !== undefined) {
      return { outcome: infrastructureError(thrown, signal) };
    }
    prediction = { status: 'failed', reason: messageOf(thrown), text: '', trace: [] };
  }
  const malformed = faultOfPrediction(prediction);
  if (malformed !== undefined) {
    throw new HoneError(
      `The program "${program.shape.name}" is at fault on row ${example.id}: ${malformed}.`,
      {
        code: 'HONE_PROGRAM_FAILED',
        hint: 'Let `forward` give { status, outputs, trace }, or make the program with program(name, …).',
        facts: { exampleId: example.id },
      },
    );
  }
  const usage = takenByAnswer(usageOf(meter.calls).requests);
  const runtime: ScorerRuntime = { models, draw, signal, count: meter.add };
  const judged = await judge(prediction, { example, task, runtime, usage });
  return {
    ...judged,
    outputs: prediction.status === 'completed' ? prediction.outputs : undefined,
    ...confidenceOf(prediction),
    ...(traces && { trace: prediction.trace }),
  };
}

/** How probable the last step's answer was by its own scores. */
function confidenceOf({ trace }: Prediction): Pick<RowResult, 'confidence'> {
  const last = trace.at(-1);
  if (last?.kind !== 'predict' || last.probabilities === undefined) return {};
  return { confidence: Math.max(...last.probabilities) };
}

/** Tries again while the code says that a service it needs is unavailable. */
async function whileUnavailable<Result>(
  { clock = systemClock, signal }: RowTask,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  for (const delay of serviceRetryDelays) {
    try {
      return await work();
    } catch (thrown) {
      if (signal?.aborted || faultBehind(thrown)?.code !== 'HONE_SERVICE_UNAVAILABLE') throw thrown;
      await clock.sleep(delay, signal);
    }
  }
  return work();
}

/** What a prediction is judged with. */
interface Judging {
  readonly example: Example;
  readonly task: RowTask;
  readonly runtime: ScorerRuntime;
  readonly usage: SampleUsage;
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
  { example, task, runtime, usage }: Judging,
): Promise<Outcome> {
  const { signal } = runtime;
  if (prediction.status === 'failed') {
    const { reason, fault, text, step } = prediction;
    return {
      status: 'failed',
      value: scorer.failValue ?? 0,
      feedback: reason,
      ...(fault !== undefined && { fault }),
      text,
      ...(step !== undefined && { step }),
    };
  }
  const { outputs, trace } = prediction;
  try {
    const sample = { example, outputs: outputs as JsonObject, trace, usage, signal, runtime };
    const score = await whileUnavailable(task, () => scorer.score(sample));
    const malformed = faultOfScore(score, scorer);
    if (malformed === undefined) return score;
    return faultOfScorer(`gave no usable score for row ${example.id}: ${malformed}`, scorer);
  } catch (thrown) {
    if (signal?.aborted || faultBehind(thrown) !== undefined) return infrastructureError(thrown, signal);
    return faultOfScorer(`threw on row ${example.id}: ${messageOf(thrown)}`, scorer);
  }
}

function faultOfScorer(what: string, { name }: Scorer): Outcome {
  return {
    status: 'infrastructure-error',
    code: 'HONE_SCORER_FAILED',
    reason: `Scorer "${name}" ${what}`,
    hint: 'Correct the scorer, or let it leave rows unscored that it cannot judge.',
  };
}

/** Faults beside those of models that are outcomes of their rows. */
const faultsOfRows = new Set<string>(['HONE_SCORER_FAILED', 'HONE_SERVICE_UNAVAILABLE']);

function infrastructureError(thrown: unknown, signal: AbortSignal | undefined): Outcome {
  const fault = faultBehind(thrown);
  if (signal?.aborted || fault === undefined || fault.facts.providerGone === true) throw fault ?? thrown;
  const isOfRow = fault.code.startsWith('HONE_MODEL_') || faultsOfRows.has(fault.code);
  if (!isOfRow || endsEverything.has(fault.code)) throw fault;
  return lostTo(fault);
}

function lostTo({ code, hint, message }: HoneError): Outcome {
  return {
    status: 'infrastructure-error',
    code,
    reason: message,
    ...(hint !== undefined && { hint }),
  };
}
