import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { checkCount, checkTemperature } from './check-count.ts';
import { composed, withDraw, withSampling } from './composition.ts';
import { createProgram } from './create-program.ts';
import { joinFields } from './joint-signature.ts';
import { judgingBy, type Reward, type Verdict } from './judging.ts';
import type { AnyProgram, Prediction, Program } from './program.ts';
import { attemptsAtOnce, runAttempts } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface BestOfNOptions<Inputs = JsonObject, Outputs = JsonObject> {
  /** @default 'best-of' */
  readonly name?: string | undefined;
  /** Tells a good answer from a bad one without its label; see `Reward`. */
  readonly reward: Reward<Inputs, Outputs>;
  /** Most answers of a row. @default 3 */
  readonly samples?: number | undefined;
  /** The reward that is good enough: nothing is asked after an answer that has it. @default none, all are asked */
  readonly threshold?: number | undefined;
  /** What steps are asked at that would be asked at 0, so that their answers differ. @default 1 */
  readonly temperature?: number | undefined;
  /** Answers under way at once for one row. @default 1 with a threshold, else 16 */
  readonly atOnce?: number | undefined;
}

/**
 * Answers a row several times, each time on its own, and gives the answer with the highest reward, ties to the
 * earliest. With a threshold it stops at the first answer that reaches it. The row fails when no answer can be read.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a number out of range, or a reward that is a program without a number.
 */
export function bestOfN<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: BestOfNOptions<NoInfer<Inputs>, NoInfer<Outputs>>,
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    { name: true, reward: true, samples: true, threshold: true, temperature: true, atOnce: true },
    'bestOfN',
  );
  const { name = 'best-of', samples = 3, threshold, temperature = 1 } = options;
  const { atOnce = threshold === undefined ? attemptsAtOnce : 1 } = options;
  checkCount(samples, { of: name, option: 'samples' });
  checkCount(atOnce, { of: name, option: 'atOnce' });
  checkTemperature(temperature, name);
  const judging = judgingBy(options.reward, name);
  const parts: readonly AnyProgram[] = [program, ...judging.parts];
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('best-of-1', parts, [samples, threshold ?? null, temperature, atOnce, judging.text]),
    signature: { ...program.signature, inputs: judgedInputs(program, judging.parts) },
    calls: (candidate) => timesCalls(sumCalls(parts.map((part) => part.calls(candidate))), samples),
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const values = inputs as JsonObject;
      const tried: Judged<Outputs>[] = [];
      for (let start = 0; start < samples; start += atOnce) {
        const count = Math.min(atOnce, samples - start);
        const labels = Array.from({ length: count }, (_, index) => `sample-${start + index + 1}`);
        const attempts = labels.map((label) => ({
          program,
          inputs: values,
          runtime: withSampling(withDraw(runtime, label), temperature),
        }));
        const predictions = await runAttempts<Outputs>(attempts, recorder, atOnce);
        for (const [index, prediction] of predictions.entries()) {
          const verdict = await judging.judge(prediction as Prediction, {
            inputs: values,
            runtime,
            recorder,
            label: labels[index] ?? '',
          });
          if (verdict.failure !== undefined) return { ...verdict.failure, trace: recorder.trace() };
          tried.push({ prediction, verdict });
        }
        if (threshold !== undefined && tried.some(({ verdict }) => (verdict.score ?? -Infinity) >= threshold))
          break;
      }
      return { ...bestOf(tried), trace: recorder.trace() };
    },
  });
}

/** An attempt and how it did. */
export interface Judged<Outputs> {
  readonly prediction: Prediction<Outputs>;
  readonly verdict: Verdict;
}

/** The highest score, ties to the earliest; without any, the first that could be read, else the first failure. */
export function bestOf<Outputs>(tried: readonly Judged<Outputs>[]): Prediction<Outputs> {
  let best: Judged<Outputs> | undefined;
  for (const each of tried) if (rankOf(each) > rankOf(best)) best = each;
  return (best ?? (tried[0] as Judged<Outputs>)).prediction;
}

function rankOf(judged: Judged<unknown> | undefined): number {
  if (judged === undefined) return Number.NEGATIVE_INFINITY;
  if (judged.prediction.status === 'failed') return Number.NEGATIVE_INFINITY;
  return judged.verdict.score ?? -Number.MAX_VALUE;
}

/** The inputs of a program, and those that its judge needs beside its outputs. */
export function judgedInputs(
  program: AnyProgram,
  judges: readonly AnyProgram[],
): AnyProgram['shape']['inputs'] {
  const given = new Set(program.shape.outputs.map(({ name }) => name));
  const needed = judges.flatMap(({ shape }) => shape.inputs.filter(({ name }) => !given.has(name)));
  return joinFields([program.shape.inputs, needed]);
}
