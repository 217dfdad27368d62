import { messageOf } from '../base/errors.ts';
import { causesOf, faultBehind } from './faults.ts';
import type { Prediction, Runtime } from './program.ts';
import type { Trace } from './trace.ts';

/** A prediction of an answer that cannot be used, or of code that threw. */
export type FailedPrediction = Extract<Prediction, { readonly status: 'failed' }>;

/** What threw, and where. */
export interface CodeFailureOptions {
  readonly runtime: Runtime;
  readonly trace: Trace;
  /** The failed steps whose outputs were asked for, by what asking for them threw. */
  readonly failures?: WeakMap<object, FailedPrediction> | undefined;
}

/**
 * The failed prediction of code that threw: at the step whose answer could not be used where that was the cause.
 * What is no failure of the candidate (an abort, a fault of the infrastructure) is thrown on.
 */
export function codeFailure(
  cause: unknown,
  { runtime, trace, failures }: CodeFailureOptions,
): FailedPrediction {
  if (runtime.signal?.aborted || faultBehind(cause) !== undefined) throw cause;
  const failure = causesOf(cause).flatMap((each) => failures?.get(each) ?? [])[0];
  if (failure === undefined) return { status: 'failed', reason: messageOf(cause), text: '', trace, cause };
  const { reason, fault, text, step } = failure;
  return { status: 'failed', reason, fault, text, step, trace, cause };
}
