import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { Field, Signature } from '../signature/signature.ts';
import { sumCalls } from './calls-per-row.ts';
import type { CheckedPipeline, PipelineFields, PipelineInputs, PipelineOutputs } from './composed-types.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import type { AnyProgram, Prediction, Program, Runtime } from './program.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface PipelineOptions<Name extends PropertyKey = string> {
  /** @default 'pipeline' */
  readonly name?: string | undefined;
  /** Outputs that the pipeline gives, of any of its steps. @default those of its last step */
  readonly outputs?: readonly Name[] | undefined;
}

/**
 * Steps one after another: each takes its inputs by name from the row and from the outputs of the steps before
 * it, the latest first. The inputs of the pipeline are those that no step gives.
 *
 * @param steps In the order of asking, each with a name of its own.
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is no step, two have one name, or an output that is
 *   asked for is given by none.
 */
export function pipeline<
  const Steps extends readonly AnyProgram[],
  const Names extends readonly (keyof PipelineFields<Steps>)[] | undefined = undefined,
>(
  steps: Steps & CheckedPipeline<Steps>,
  options: PipelineOptions<keyof PipelineFields<Steps>> & { readonly outputs?: Names } = {},
): Program<PipelineInputs<Steps>, PipelineOutputs<Steps, Names>> {
  checkOptionNames(options, { name: true, outputs: true }, 'pipeline');
  const { name = 'pipeline' } = options;
  const parts: readonly Program[] = steps;
  const wanted = options.outputs as readonly string[] | undefined;
  const signature = signatureOf(name, parts, wanted);
  return createProgram({
    name,
    ...composed('pipeline-1', parts, wanted ?? null),
    signature,
    calls: (candidate) => sumCalls(parts.map((part) => part.calls(candidate))),
    forward: (inputs, runtime) => runParts({ parts, outputs: signature.outputs }, inputs, runtime),
  }) as unknown as Program<PipelineInputs<Steps>, PipelineOutputs<Steps, Names>>;
}

async function runParts(
  { parts, outputs }: { readonly parts: readonly Program[]; readonly outputs: readonly Field[] },
  inputs: JsonObject,
  runtime: Runtime & { readonly candidate: Candidate },
): Promise<Prediction> {
  const recorder = createTraceRecorder();
  const values: Record<string, JsonObject[string]> = { ...inputs };
  const givenBy = new Map<string, string>();
  for (const part of parts) {
    const { shape } = part;
    const taken = shape.inputs.filter(({ name }) => values[name] !== undefined);
    const from = taken.map(({ name }) => givenBy.get(name)).findLast((id) => id !== undefined);
    const given = Object.fromEntries(taken.map(({ name }) => [name, values[name]]));
    const missing = shape.inputs.find((field) => !field.optional && given[field.name] === undefined);
    if (missing !== undefined) {
      const reason = `The step "${shape.name}" needs "${missing.name}", which the steps before it left out.`;
      return { status: 'failed', reason, text: '', step: shape.name, trace: recorder.trace() };
    }
    const prediction = await part.forward(given, runtime);
    recorder.open().fill(prediction.trace, { from });
    if (prediction.status === 'failed') return { ...prediction, trace: recorder.trace() };
    const last = recorder.trace().at(-1)?.id;
    for (const [name, value] of Object.entries(prediction.outputs)) {
      values[name] = value;
      if (last !== undefined) givenBy.set(name, last);
    }
  }
  const chosen = outputs.filter(({ name }) => values[name] !== undefined);
  return {
    status: 'completed',
    outputs: Object.fromEntries(chosen.map(({ name }) => [name, values[name]])),
    trace: recorder.trace(),
  };
}

/** What the pipeline takes and gives, from what its steps do. */
function signatureOf(
  name: string,
  parts: readonly Program[],
  wanted: readonly string[] | undefined,
): Signature {
  const last = parts.at(-1);
  if (last === undefined) throw invalid(`The pipeline "${name}" has no step.`, 'Give it at least one.');
  const given = new Map<string, Field>();
  const taken = new Map<string, Field>();
  for (const { shape } of parts) {
    for (const field of shape.inputs) {
      // What one step can do without, another may need.
      const known = taken.get(field.name);
      if (!given.has(field.name) && (known === undefined || known.optional)) taken.set(field.name, field);
    }
    for (const field of shape.outputs) given.set(field.name, field);
  }
  const outputs = (wanted ?? last.shape.outputs.map((field) => field.name)).map((output) => {
    const field = given.get(output);
    if (field !== undefined) return field;
    throw invalid(
      `No step of the pipeline "${name}" gives "${output}".`,
      `Choose among ${[...given.keys()].join(', ')}.`,
    );
  });
  return { ...last.signature, instructions: '', inputs: [...taken.values()], outputs };
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
