import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { timesCalls } from './calls-per-row.ts';
import { checkCount, checkTemperature } from './check-count.ts';
import { codeFailure } from './code-failure.ts';
import { composed, textOf, withDraw, withSampling } from './composition.ts';
import { createProgram } from './create-program.ts';
import type { AnyProgram, Prediction, Program } from './program.ts';
import { attemptsAtOnce, runAttempts } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';
import { answerKey, winnerOf } from './vote.ts';

export interface MajorityOptions<Outputs = JsonObject> {
  /** @default 'majority' */
  readonly name?: string | undefined;
  /** How often a row is answered. @default 5 */
  readonly samples?: number | undefined;
  /** The output that is voted on. @default the last */
  readonly field?: (keyof Outputs & string) | undefined;
  /** What steps are asked at that would be asked at 0, so that their answers differ. @default 0.7 */
  readonly temperature?: number | undefined;
  /** Answers of one key count as the same. @default texts without case and outer white space, else the whole value */
  readonly keyOf?: ((value: Json | undefined) => string) | undefined;
  /** Most answers under way at once for one row. @default 16 */
  readonly atOnce?: number | undefined;
}

/**
 * Answers a row several times, each time on its own, and gives what most of them say: self-consistency. The other
 * outputs are those of the first answer that says so. Ties go to the earliest answer; an answer that cannot be
 * read has no vote. Where a model scores choices instead of writing them, all answers are the same.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a field that is no output, or a number out of range.
 * @see Wang et al. 2023, "Self-Consistency Improves Chain of Thought Reasoning in Language Models".
 *   https://arxiv.org/abs/2203.11171
 */
export function majority<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: MajorityOptions<NoInfer<Outputs>> = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    { name: true, samples: true, field: true, temperature: true, keyOf: true, atOnce: true },
    'majority',
  );
  const {
    name = 'majority',
    samples = 5,
    temperature = 0.7,
    keyOf = answerKey,
    atOnce = attemptsAtOnce,
  } = options;
  checkCount(samples, { of: name, option: 'samples' });
  checkCount(atOnce, { of: name, option: 'atOnce' });
  checkTemperature(temperature, name);
  const field = votedField(name, program, options.field);
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('majority-1', [program], [samples, field, temperature, textOf(options.keyOf)]),
    signature: program.signature,
    calls: (candidate) => timesCalls(program.calls(candidate), samples),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const attempts = Array.from({ length: samples }, (_, index) => ({
        program,
        inputs: inputs as JsonObject,
        runtime: withSampling(withDraw(runtime, `sample-${index + 1}`), temperature),
      }));
      const predictions = await runAttempts<Outputs>(attempts, recorder, atOnce);
      const trace = recorder.trace();
      const [first] = predictions;
      const votes = predictions.flatMap((each) =>
        each.status === 'completed' ? [{ outputs: each.outputs as JsonObject }] : [],
      );
      try {
        const winner = winnerOf(votes, (outputs) => keyOf(outputs[field]));
        if (winner !== undefined) return { status: 'completed', outputs: winner as Outputs, trace };
      } catch (cause) {
        return codeFailure(cause, { runtime, trace });
      }
      return { ...(first as Prediction<Outputs>), trace };
    },
  });
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when it is no output. */
export function votedField(name: string, { shape }: AnyProgram, wanted: string | undefined): string {
  const names = shape.outputs.map((field) => field.name);
  const field = wanted ?? names.at(-1);
  if (field !== undefined && names.includes(field)) return field;
  throw new HoneError(`"${name}" votes on "${field}", which "${shape.name}" does not give.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Choose among ${names.join(', ')}.`,
  });
}
