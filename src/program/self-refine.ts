import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Field, Signature } from '../signature/signature.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { checkCount } from './check-count.ts';
import { composed, innerName, withDraw } from './composition.ts';
import { createProgram } from './create-program.ts';
import { judgingBy, type Reward } from './judging.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, ModelRole, Prediction, Program } from './program.ts';
import { runAttempt } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface SelfRefineOptions<Inputs = JsonObject, Outputs = JsonObject> {
  /** Names the program; its steps are then `<name>-draft` and so on. @default 'self-refine', and `draft`, `critique`, `improve` */
  readonly name?: string | undefined;
  /** Most improvements of a draft. @default 3 */
  readonly rounds?: number | undefined;
  /** What a good answer has, for the critique. @default nothing beyond the instructions */
  readonly criteria?: readonly string[] | undefined;
  /**
   * Judges drafts from outside, which a model that cannot judge itself (on sums, on logic) needs. The best draft by
   * it is the answer. @default the critique's own score
   */
  readonly check?: Reward<Inputs, Outputs> | undefined;
  /** The score of `check` that is good enough. @default 1 */
  readonly threshold?: number | undefined;
  /** Roles that may critique, the first to start with; see `PredictOptions.models`. @default ['task'] */
  readonly critics?: readonly ModelRole[] | undefined;
  /** Further settings of the steps that draft and improve. */
  readonly draft?: Omit<PredictOptions, 'name'> | undefined;
}

/** The critique's own score is out of this. */
const bestScore = 10;

/**
 * Drafts an answer, has it criticized, and improves it with all earlier drafts and critiques in view, until the
 * critique (or `check`) finds nothing left to improve. The best draft is the answer, not the last: a later draft may
 * be worse.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field that the critique needs itself.
 * @see Madaan et al. 2023, "Self-Refine: Iterative Refinement with Self-Feedback". https://arxiv.org/abs/2303.17651
 *   Deviation: the last draft is criticized too, since the paper gives it back however good it is.
 */
export function selfRefine<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: SelfRefineOptions<NoInfer<Inputs>, NoInfer<Outputs>> = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    { name: true, rounds: true, criteria: true, check: true, threshold: true, critics: true, draft: true },
    'selfRefine',
  );
  const { name = 'self-refine', rounds = 3, criteria = [], threshold = 1, critics } = options;
  checkCount(rounds, { of: name, option: 'rounds' });
  checkFields(signature);
  const named = (step: string) => innerName(options.name, step);
  const draft = predict(signature as Signature, { ...options.draft, name: named('draft') });
  const critique = predict(critiqueSignature(signature as Signature, criteria), {
    name: named('critique'),
    models: critics,
    temperature: 0.7,
  });
  const improve = predict(improveSignature(signature as Signature), {
    ...options.draft,
    name: named('improve'),
  });
  const judging = options.check === undefined ? undefined : judgingBy(options.check, name);
  const parts: readonly AnyProgram[] = [draft, critique, improve, ...(judging?.parts ?? [])];
  // A check from outside tells how good the last draft is; without one the critique has to.
  const critiques = judging === undefined ? rounds + 1 : rounds;
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('self-refine-1', parts, [rounds, threshold, judging?.text ?? null]),
    signature,
    calls: (candidate) =>
      sumCalls([
        draft.calls(candidate),
        timesCalls(critique.calls(candidate), critiques),
        timesCalls(improve.calls(candidate), rounds),
        ...(judging?.parts ?? []).map((part) => timesCalls(part.calls(candidate), rounds + 1)),
      ]),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const task = inputs as JsonObject;
      const earlier: JsonObject[] = [];
      let best: { readonly outputs: JsonObject; readonly score: number } | undefined;
      let prediction = await runAttempt({ program: draft, inputs: task, runtime }, recorder);
      for (let round = 0; ; round += 1) {
        // A draft that cannot be read is no better than the ones before it.
        if (prediction.status === 'failed') break;
        const { outputs } = prediction;
        const label = `round-${round + 1}`;
        const checked = await judging?.judge(prediction as Prediction, {
          inputs: task,
          runtime,
          recorder,
          label,
        });
        if (checked?.failure !== undefined) return { ...checked.failure, trace: recorder.trace() };
        const isEnough = checked?.score !== undefined && checked.score >= threshold;
        const said =
          isEnough || (judging !== undefined && round === rounds)
            ? undefined
            : await runAttempt(
                {
                  program: critique,
                  inputs: {
                    ...task,
                    ...outputs,
                    ...(checked?.feedback !== undefined && { found: checked.feedback }),
                  },
                  runtime: withDraw(runtime, label),
                },
                recorder,
              );
        const critic = said?.status === 'completed' ? said.outputs : undefined;
        const score =
          judging === undefined ? Number(critic?.score ?? -1) : (checked?.score ?? -Number.MAX_VALUE);
        // Of equal drafts the later one has answered more of the critique.
        if (best === undefined || score >= best.score) best = { outputs, score };
        const isDone = judging === undefined && critic?.verdict === 'good';
        if (isEnough || isDone || round === rounds) break;
        earlier.push({ ...outputs, critique: String(critic?.critique ?? checked?.feedback ?? '') });
        prediction = await runAttempt(
          { program: improve, inputs: { ...task, drafts: [...earlier] }, runtime: withDraw(runtime, label) },
          recorder,
        );
      }
      const trace = recorder.trace();
      if (best !== undefined) return { status: 'completed', outputs: best.outputs as Outputs, trace };
      return { ...(prediction as Prediction<Outputs>), trace };
    },
  });
}

const ownFields = ['critique', 'score', 'verdict', 'drafts', 'found'];

function checkFields({ inputs, outputs }: Signature<unknown, unknown>): void {
  const taken = [...inputs, ...outputs].find(({ name }) => ownFields.includes(name));
  if (taken === undefined) return;
  throw new HoneError(`The signature has a field "${taken.name}", which the critique needs itself.`, {
    code: 'HONE_SIGNATURE_INVALID',
    hint: `Rename it: ${ownFields.join(', ')} are taken.`,
  });
}

function critiqueSignature(
  { inputs, outputs, instructions }: Signature,
  criteria: readonly string[],
): Signature {
  const drafted = outputs.map((field): Field => ({ ...field, optional: true }));
  const found: Field = {
    name: 'found',
    schema: { type: 'string' },
    description: 'what a check found',
    optional: true,
  };
  return {
    instructions: [
      'Criticize a draft of an answer, so that its writer can improve it. Name the part that is wrong or weak, say why, and say what would be better. Blame nothing without a reason, and do not write a new draft.',
      `The draft was to follow these instructions: ${instructions}`,
      ...(criteria.length === 0 ? [] : [`Judge it by:\n${criteria.map((each) => `- ${each}`).join('\n')}`]),
    ].join('\n\n'),
    inputs: [...inputs, ...drafted, found],
    outputs: [
      { name: 'critique', schema: { type: 'string' }, description: 'point by point' },
      {
        name: 'score',
        schema: { type: 'number', minimum: 0, maximum: bestScore },
        description: `how good the draft is, ${bestScore} when nothing is left to improve`,
      },
      { name: 'verdict', schema: { type: 'string', enum: ['good', 'improve'] } },
    ],
  };
}

function improveSignature({ inputs, outputs, instructions }: Signature): Signature {
  return {
    instructions: [
      instructions,
      'Earlier drafts and what was criticized of them are given, the latest last. Write a better answer: change what the critique is right about, and leave the rest as it is.',
    ].join('\n\n'),
    inputs: [
      ...inputs,
      { name: 'drafts', schema: { type: 'array', items: { type: 'object' } }, description: 'earlier drafts' },
    ],
    outputs,
  };
}
