import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { sumCalls } from './calls-per-row.ts';
import { checkCount } from './check-count.ts';
import type { CheckedParallel, ParallelInputs, ParallelOutputs } from './composed-types.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import { inputsOf, jointSignature } from './joint-signature.ts';
import type { AnyProgram, Program } from './program.ts';
import { attemptsAtOnce, runAttempts } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface ParallelOptions {
  /** @default 'parallel' */
  readonly name?: string | undefined;
  /** Most programs under way at once for one row. @default 16 */
  readonly atOnce?: number | undefined;
}

/**
 * Programs beside each other, all at once: each takes its inputs by name from the row, and their outputs are
 * given together. The first program that fails, in their order, fails the row.
 *
 * @param programs Each with steps and outputs of its own.
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is none, two give the same output, or two steps have one
 *   name.
 */
export function parallel<const Parts extends readonly AnyProgram[]>(
  programs: Parts & CheckedParallel<Parts>,
  options: ParallelOptions = {},
): Program<ParallelInputs<Parts>, ParallelOutputs<Parts>> {
  checkOptionNames(options, { name: true, atOnce: true }, 'parallel');
  const { name = 'parallel', atOnce = attemptsAtOnce } = options;
  const parts: readonly AnyProgram[] = programs;
  checkParts(name, parts);
  checkCount(atOnce, { of: name, option: 'atOnce' });
  return createProgram<JsonObject, JsonObject>({
    name,
    ...composed('parallel-1', parts),
    signature: jointSignature(parts),
    calls: (candidate) => sumCalls(parts.map((part) => part.calls(candidate))),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const attempts = parts.map((program) => ({ program, inputs: inputsOf(program, inputs), runtime }));
      const predictions = await runAttempts(attempts, recorder, atOnce);
      const failed = predictions.find(({ status }) => status === 'failed');
      const trace = recorder.trace();
      if (failed !== undefined) return { ...failed, trace };
      const outputs = Object.assign(
        {},
        ...predictions.map((each) => (each.status === 'completed' ? each.outputs : {})),
      );
      return { status: 'completed', outputs, trace };
    },
  }) as unknown as Program<ParallelInputs<Parts>, ParallelOutputs<Parts>>;
}

function checkParts(name: string, parts: readonly AnyProgram[]): void {
  if (parts.length === 0) {
    throw new HoneError(`"${name}" has no program.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give it at least one.',
    });
  }
  const givenBy = new Map<string, string>();
  for (const { shape } of parts) {
    for (const field of shape.outputs) {
      const other = givenBy.get(field.name);
      if (other !== undefined) {
        throw new HoneError(
          `Two programs of "${name}" give "${field.name}": "${other}" and "${shape.name}".`,
          {
            code: 'HONE_OPTION_INVALID',
            hint: 'Rename one of the outputs, or let ensemble() vote between programs that answer the same.',
          },
        );
      }
      givenBy.set(field.name, shape.name);
    }
  }
}
