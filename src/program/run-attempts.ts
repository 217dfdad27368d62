import { mapAllConcurrently } from '../base/concurrency.ts';
import type { JsonObject } from '../base/json.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { AnyProgram, Prediction, Runtime } from './program.ts';
import type { TraceRecorder } from './trace-recorder.ts';

/** One run of a program among several on the same row. */
export interface Attempt {
  readonly program: AnyProgram;
  readonly inputs: JsonObject;
  readonly runtime: Runtime & { readonly candidate: Candidate };
}

/** How many runs of one row are under way at once where nobody says. */
export const attemptsAtOnce = 16;

/**
 * Runs attempts at once and notes them in their order, whoever answers first. A fault of one is thrown when the
 * others under way have ended: what they asked is then answered, and need not be asked again for a second try.
 */
export async function runAttempts<Outputs = JsonObject>(
  attempts: readonly Attempt[],
  recorder: TraceRecorder,
  atOnce: number = attemptsAtOnce,
): Promise<Prediction<Outputs>[]> {
  const placed = attempts.map((attempt) => ({ attempt, place: recorder.open() }));
  return mapAllConcurrently(
    placed,
    async ({ attempt: { program, inputs, runtime }, place }) => {
      const prediction: Prediction<Outputs> = await program.forward(inputs, runtime);
      place.fill(prediction.trace);
      return prediction;
    },
    { limit: atOnce, window: Number.POSITIVE_INFINITY },
  );
}

/** One run, noted. */
export async function runAttempt<Outputs = JsonObject>(
  attempt: Attempt,
  recorder: TraceRecorder,
): Promise<Prediction<Outputs>> {
  const place = recorder.open();
  const prediction: Prediction<Outputs> = await attempt.program.forward(attempt.inputs, attempt.runtime);
  place.fill(prediction.trace);
  return prediction;
}
