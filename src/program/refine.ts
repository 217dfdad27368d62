import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { advisedSteps, advisingSignature, attemptInputs, withAdvice } from './advice.ts';
import { bestOf, type Judged, judgedInputs } from './best-of-n.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { checkCount, checkTemperature } from './check-count.ts';
import { composed, innerName, withDraw, withSampling } from './composition.ts';
import { createProgram } from './create-program.ts';
import { judgingBy, type Reward, type Verdict } from './judging.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, ModelRole, Prediction, Program } from './program.ts';
import { runAttempt } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface RefineOptions<Inputs = JsonObject, Outputs = JsonObject> {
  /** Names the program; the advising step is then `<name>-advise`. @default 'refine', and `advise` */
  readonly name?: string | undefined;
  /** Tells a good answer from a bad one without its label; see `Reward`. What it says in words goes into the advice. */
  readonly reward: Reward<Inputs, Outputs>;
  /** Most attempts at a row. @default 3 */
  readonly attempts?: number | undefined;
  /** The reward that is good enough. @default 1 */
  readonly threshold?: number | undefined;
  /** What steps of further attempts are asked at that would be asked at 0. @default 1 */
  readonly temperature?: number | undefined;
  /** Roles that may advise, the first to start with; see `PredictOptions.models`. @default ['task'] */
  readonly models?: readonly ModelRole[] | undefined;
  /** Further settings of the advising step. */
  readonly advise?: Omit<PredictOptions, 'name' | 'models'> | undefined;
}

/**
 * Tries a row again with advice from the attempt that fell short: a step of its own reads what each step took and
 * gave and the reward's words, and advises the steps that are to blame, at the end of their instructions. The
 * first attempt is the program as it is. The attempt with the highest reward is the answer, ties to the earliest.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a number out of range, or a program without instructions to add to.
 */
export function refine<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: RefineOptions<NoInfer<Inputs>, NoInfer<Outputs>>,
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    {
      name: true,
      reward: true,
      attempts: true,
      threshold: true,
      temperature: true,
      models: true,
      advise: true,
    },
    'refine',
  );
  const { name = 'refine', attempts = 3, threshold = 1, temperature = 1, models } = options;
  checkCount(attempts, { of: name, option: 'attempts' });
  checkTemperature(temperature, name);
  const inner: AnyProgram = program;
  const steps = advisedSteps(inner);
  if (steps.length === 0) {
    throw new HoneError(
      `"${name}" cannot advise "${inner.shape.name}": none of its steps has instructions.`,
      {
        code: 'HONE_OPTION_INVALID',
        hint: 'Use bestOfN() for it.',
      },
    );
  }
  const advise = predict(advisingSignature(steps), {
    ...options.advise,
    name: innerName(options.name, 'advise'),
    models,
  });
  const judging = judgingBy(options.reward, name);
  const own = Object.keys(inner.seed);
  const parts: readonly AnyProgram[] = [inner, advise, ...judging.parts];
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('refine-1', parts, [attempts, threshold, temperature, judging.text]),
    signature: { ...program.signature, inputs: judgedInputs(inner, judging.parts) },
    calls: (candidate) =>
      sumCalls([
        ...[inner, ...judging.parts].map((part) => timesCalls(part.calls(candidate), attempts)),
        timesCalls(advise.calls(candidate), attempts - 1),
      ]),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const values = inputs as JsonObject;
      const plain = partOf(runtime.candidate, own);
      let next = { runtime, candidate: runtime.candidate };
      const tried: Judged<Outputs>[] = [];
      for (let count = 1; count <= attempts; count += 1) {
        const label = `attempt-${count}`;
        const attempt = {
          program: inner,
          inputs: values,
          runtime: { ...next.runtime, candidate: next.candidate },
        };
        const prediction = await runAttempt<Outputs>(attempt, recorder);
        const verdict = await judging.judge(prediction as Prediction, {
          inputs: values,
          runtime,
          recorder,
          label,
        });
        if (verdict.failure !== undefined) return { ...verdict.failure, trace: recorder.trace() };
        tried.push({ prediction, verdict });
        if ((verdict.score ?? Number.NEGATIVE_INFINITY) >= threshold || count === attempts) break;
        const advice = await runAttempt(
          {
            program: advise,
            inputs: attemptInputs(inner, {
              candidate: plain,
              inputs: values,
              trace: prediction.trace,
              outcome: outcomeOf(prediction as Prediction, verdict, threshold),
            }),
            runtime: withDraw(runtime, label),
          },
          recorder,
        );
        const given = advice.status === 'completed' ? advice.outputs : {};
        next = {
          runtime: withSampling(withDraw(runtime, `attempt-${count + 1}`), temperature),
          candidate: withAdvice(plain, given, steps).candidate,
        };
      }
      return { ...bestOf(tried), trace: recorder.trace() };
    },
  });
}

/** The parameters of the program inside, which is all that it may be given. */
function partOf(candidate: Candidate, names: readonly string[]): Candidate {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = candidate[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function outcomeOf(prediction: Prediction, { score, feedback }: Verdict, threshold: number): string {
  if (prediction.status === 'failed') {
    const place = prediction.step === undefined ? '' : ` at the step ${prediction.step}`;
    return `It failed${place}: ${prediction.reason}`;
  }
  const said = feedback === undefined || feedback.trim() === '' ? '' : ` ${feedback.trim()}`;
  return score === undefined
    ? `It could not be judged.${said}`
    : `It scored ${score}, and ${threshold} is wanted.${said}`;
}
