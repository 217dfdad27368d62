import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { sumCalls } from './calls-per-row.ts';
import { codeFailure } from './code-failure.ts';
import { composed, textOf } from './composition.ts';
import { createProgram } from './create-program.ts';
import { inputsOf, joinFields } from './joint-signature.ts';
import { votedField } from './majority.ts';
import type { AnyProgram, Prediction, Program } from './program.ts';
import { runAttempts } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';
import { answerKey, winnerOf } from './vote.ts';

export interface EnsembleProgramOptions<Outputs = JsonObject> {
  /** @default 'ensemble' */
  readonly name?: string | undefined;
  /** The output that is voted on. @default the last of the first program */
  readonly field?: (keyof Outputs & string) | undefined;
  /** How much each program counts, in their order, above 0. @default 1 each */
  readonly weights?: readonly number[] | undefined;
  /** Answers of one key count as the same. @default texts without case and outer white space, else the whole value */
  readonly keyOf?: ((value: Json | undefined) => string) | undefined;
  /** Makes one answer of those that could be read, in the order of the programs, instead of a vote. */
  readonly reduce?: ((answers: readonly Outputs[]) => Outputs | Promise<Outputs>) | undefined;
}

/**
 * Several programs for the same question, all at once; what most of them say is the answer, ties to the earlier
 * program. A program that fails has no vote; the row fails when all do.
 *
 * @param programs Each with steps of its own; `renameSteps` tells alike ones apart.
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is none, two steps have one name, a program does not give
 *   the field, or the weights do not fit.
 */
export function ensemble<Inputs, Outputs>(
  programs: readonly Program<Inputs, Outputs>[],
  options: EnsembleProgramOptions<Outputs> = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    { name: true, field: true, weights: true, keyOf: true, reduce: true },
    'ensemble',
  );
  const { name = 'ensemble', keyOf = answerKey, weights, reduce } = options;
  const [first] = programs;
  if (first === undefined) throw invalid(`"${name}" has no program.`, 'Give it at least one.');
  checkWeights(name, weights, programs.length);
  const field = votedField(name, first, options.field);
  for (const each of programs) votedField(name, each, field);
  const parts: readonly AnyProgram[] = programs;
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('ensemble-1', parts, [field, weights ?? null, textOf(options.keyOf), textOf(reduce)]),
    signature: { ...first.signature, inputs: joinFields(parts.map(({ shape }) => shape.inputs)) },
    calls: (candidate) => sumCalls(parts.map((part) => part.calls(candidate))),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const attempts = parts.map((program) => ({
        program,
        inputs: inputsOf(program, inputs as JsonObject),
        runtime,
      }));
      const predictions = await runAttempts<Outputs>(attempts, recorder);
      const trace = recorder.trace();
      const votes = predictions.flatMap((each, index) =>
        each.status === 'completed'
          ? [{ outputs: each.outputs as JsonObject, weight: weights?.[index] }]
          : [],
      );
      if (votes.length === 0) return { ...(predictions[0] as Prediction<Outputs>), trace };
      try {
        const outputs =
          reduce === undefined
            ? winnerOf(votes, (answer) => keyOf(answer[field]))
            : await reduce(votes.map((vote) => vote.outputs as Outputs));
        return { status: 'completed', outputs: outputs as Outputs, trace };
      } catch (cause) {
        return codeFailure(cause, { runtime, trace });
      }
    },
  });
}

function checkWeights(name: string, weights: readonly number[] | undefined, count: number): void {
  if (weights === undefined) return;
  const isRight =
    weights.length === count && weights.every((weight) => weight > 0 && Number.isFinite(weight));
  if (isRight) return;
  throw invalid(
    `"${name}" has the weights ${weights.join(', ')} for ${count} programs.`,
    'Give a number above 0 for each.',
  );
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
