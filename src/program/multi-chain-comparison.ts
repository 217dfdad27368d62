import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { valueText } from '../prompt/template.ts';
import { labelOf, type Signature } from '../signature/signature.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { checkCount, checkTemperature } from './check-count.ts';
import { composed, innerName, withDraw, withSampling } from './composition.ts';
import { createProgram } from './create-program.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, ModelRole, Prediction, Program } from './program.ts';
import { runAttempt, runAttempts } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface MultiChainOptions {
  /** Names the program; its steps are then `<name>-chain` and `<name>-compare`. @default 'multi-chain', `chain`, `compare` */
  readonly name?: string | undefined;
  /** Chains of thought that are compared. @default 3 */
  readonly chains?: number | undefined;
  /** What the chains are asked at where the step would be asked at 0, so that they differ. @default 0.7 */
  readonly temperature?: number | undefined;
  /** Roles that may compare, the first to start with; see `PredictOptions.models`. @default ['task'] */
  readonly judges?: readonly ModelRole[] | undefined;
  /** Further settings of both steps. */
  readonly step?: Omit<PredictOptions, 'name' | 'models'> | undefined;
}

/** The outputs, and why. */
export type WithRationale<Outputs> = { readonly rationale: string } & Outputs;

/**
 * Thinks several times, each time on its own, then compares the chains of thought, whole, and answers. Unlike a
 * majority it can side with the one chain that is right. A chain that cannot be read is left out; the row fails when
 * none is left.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field called `rationale`, `attempts` or
 *   `reasoning` already.
 */
export function multiChainComparison<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: MultiChainOptions = {},
): Program<Inputs, WithRationale<Outputs>> {
  checkOptionNames(
    options,
    { name: true, chains: true, temperature: true, judges: true, step: true },
    'multiChainComparison',
  );
  const { name = 'multi-chain', chains = 3, temperature = 0.7, judges } = options;
  checkCount(chains, { of: name, option: 'chains' });
  checkTemperature(temperature, name);
  const plain = signature as Signature;
  checkFields(plain);
  const named = (step: string) => innerName(options.name, step);
  const chain = chainOfThought(plain, { ...options.step, name: named('chain') });
  const compare = predict(comparingSignature(plain), {
    ...options.step,
    name: named('compare'),
    models: judges,
  });
  const parts: readonly AnyProgram[] = [chain, compare];
  return createProgram<Inputs, WithRationale<Outputs>>({
    name,
    ...composed('multi-chain-1', parts, [chains, temperature]),
    signature: compareless(compare.signature, plain) as unknown as Signature<Inputs, WithRationale<Outputs>>,
    calls: (candidate) => sumCalls([timesCalls(chain.calls(candidate), chains), compare.calls(candidate)]),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const task = inputs as JsonObject;
      const attempts = Array.from({ length: chains }, (_, index) => ({
        program: chain,
        inputs: task,
        runtime: withSampling(withDraw(runtime, `chain-${index + 1}`), temperature),
      }));
      const thought = await runAttempts(attempts, recorder);
      const read = thought.flatMap((each) => (each.status === 'completed' ? [each.outputs] : []));
      const [first] = thought;
      if (read.length === 0 && first !== undefined) {
        return { ...(first as Prediction<WithRationale<Outputs>>), trace: recorder.trace() };
      }
      const compared = await runAttempt<WithRationale<Outputs>>(
        {
          program: compare,
          inputs: { ...task, attempts: read.map((each) => attemptText(each, plain)) },
          runtime,
        },
        recorder,
      );
      return { ...compared, trace: recorder.trace() };
    },
  });
}

function attemptText(outputs: JsonObject, { outputs: fields }: Signature): string {
  const answers = fields.map(({ name }) => `${labelOf(name)}: ${valueText(outputs[name])}`);
  return [String(outputs.reasoning ?? ''), ...answers].join('\n');
}

function comparingSignature({ instructions, inputs, outputs }: Signature): Signature {
  return {
    instructions: [
      instructions,
      'Several attempts at it are given, each with its reasoning. They may disagree, and most of them may be wrong: weigh the reasoning, not the number. Then answer.',
    ].join('\n\n'),
    inputs: [
      ...inputs,
      { name: 'attempts', schema: { type: 'array', items: { type: 'string' } }, description: 'the attempts' },
    ],
    outputs: [
      { name: 'rationale', schema: { type: 'string' }, description: 'which reasoning holds, and why' },
      ...outputs,
    ],
  };
}

/** What goes in is the row alone. */
function compareless({ outputs }: Signature, { inputs, instructions }: Signature): Signature {
  return { instructions, inputs, outputs };
}

function checkFields({ inputs, outputs }: Signature): void {
  const taken = [...inputs, ...outputs].find(({ name }) => ['rationale', 'attempts'].includes(name));
  if (taken === undefined) return;
  throw new HoneError(`The signature has a field called "${taken.name}" already.`, {
    code: 'HONE_SIGNATURE_INVALID',
    hint: 'Rename the field, or use majority().',
  });
}
