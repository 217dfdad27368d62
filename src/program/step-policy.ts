import { abortable, followSignal } from '../base/abort.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { checkCount } from './check-count.ts';
import { codeFailure } from './code-failure.ts';
import { composed, textOf, withDraw, withSampling } from './composition.ts';
import { createProgram } from './create-program.ts';
import { faultBehind } from './faults.ts';
import { inputsOf } from './joint-signature.ts';
import type { AnyProgram, CallCount, Prediction, Program, Runtime } from './program.ts';
import { createTraceRecorder, type TraceRecorder } from './trace-recorder.ts';

/**
 * What to do where a step did not work. `fail`: the row has failed. `throw`: the row is lost to the infrastructure
 * and may be tried again. `use`: this answer. `ask`: another program, for example one with a larger model. `again`:
 * so many more times, each with a draw of its own, then `otherwise`. `shorten`: again with what a function leaves of the
 * inputs, at most `times` times, then `otherwise`.
 */
export type Remedy<Inputs = JsonObject, Outputs = JsonObject> =
  | 'fail'
  | 'throw'
  | { readonly use: Outputs }
  | { readonly ask: Program<Inputs, Outputs> }
  | { readonly again: number; readonly otherwise?: Remedy<Inputs, Outputs> | undefined }
  | {
      readonly shorten: (inputs: Inputs) => Inputs;
      /** @default 1 */
      readonly times?: number | undefined;
      readonly otherwise?: Remedy<Inputs, Outputs> | undefined;
    };

export interface StepPolicy<Inputs = JsonObject, Outputs = JsonObject> {
  /** @default the program's own */
  readonly name?: string | undefined;
  /** Longest time of one run in milliseconds, whatever it asks inside. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** When `timeoutMs` is over, or a call of a model has timed out. @default 'throw' */
  readonly onTimeout?: Remedy<Inputs, Outputs> | undefined;
  /** When an answer cannot be read, after it was asked for again. @default 'fail' */
  readonly onUnreadable?: Remedy<Inputs, Outputs> | undefined;
  /** When the prompt is too long for the model. @default 'throw' */
  readonly onOverflow?: Remedy<Inputs, Outputs> | undefined;
  /** When code of the program threw: a tool, a look-up, a function. @default 'fail' */
  readonly onError?: Remedy<Inputs, Outputs> | undefined;
  /** Ends the waiting. @default the system's clock */
  readonly clock?: Clock | undefined;
}

type Trouble = 'timeout' | 'unreadable' | 'overflow' | 'error';

/**
 * A program that knows what to do where it did not work: a time-out, an answer that cannot be read, a prompt that is
 * too long, code that threw. Each remedy that was taken is a step called `policy` in the trace, with the reason.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a number out of range.
 */
export function withPolicy<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  policy: StepPolicy<NoInfer<Inputs>, NoInfer<Outputs>>,
): Program<Inputs, Outputs> {
  checkOptionNames(
    policy,
    {
      name: true,
      timeoutMs: true,
      onTimeout: true,
      onUnreadable: true,
      onOverflow: true,
      onError: true,
      clock: true,
    },
    'withPolicy',
  );
  const { name = program.shape.name, timeoutMs, clock = systemClock } = policy;
  const inner: AnyProgram = program;
  const remedies: Readonly<Record<Trouble, Remedy>> = {
    timeout: (policy.onTimeout ?? 'throw') as Remedy,
    unreadable: (policy.onUnreadable ?? 'fail') as Remedy,
    overflow: (policy.onOverflow ?? 'throw') as Remedy,
    error: (policy.onError ?? 'fail') as Remedy,
  };
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new HoneError(`"${name}": \`timeoutMs\` is ${timeoutMs}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give milliseconds above 0.',
    });
  }
  const all = Object.values(remedies);
  for (const remedy of all) checkRemedy(name, remedy);
  const others = [...new Set(all.flatMap(programsOf))];
  const longest = Math.max(1, ...all.map(runsOf));

  const forward = async (
    inputs: Inputs,
    runtime: Runtime & { readonly candidate: Candidate },
  ): Promise<Prediction<Outputs>> => {
    const recorder = createTraceRecorder();
    const run = (given: JsonObject, as: typeof runtime) =>
      attempt(inner, given, { runtime: as, timeoutMs, clock, name, recorder });
    let values = inputs as JsonObject;
    let outcome = await run(values, runtime);
    let left: Readonly<Record<Trouble, Remedy>> = remedies;
    for (let count = 1; outcome.trouble !== undefined; count += 1) {
      const { trouble } = outcome;
      const remedy = left[trouble];
      const because: JsonObject = { program: name, trouble, because: outcome.reason };
      if (remedy === 'throw' || remedy === 'fail') {
        if (outcome.thrown !== undefined && remedy === 'throw') throw outcome.thrown;
        const { failed } = outcome;
        const reason = outcome.reason;
        const base: Prediction = failed ?? { status: 'failed', reason, text: '', step: name, trace: [] };
        return { ...base, trace: recorder.trace() } as Prediction<Outputs>;
      }
      if ('use' in remedy) {
        const outputs = await recorder.tool('policy', because, () => remedy.use as JsonObject & Json);
        return { status: 'completed', outputs: outputs as Outputs, trace: recorder.trace() };
      }
      await recorder.tool('policy', because, () => describeRemedy(remedy));
      if ('ask' in remedy) {
        const place = recorder.open();
        const asked = await remedy.ask.forward(inputsOf(remedy.ask, inputs as JsonObject), runtime);
        place.fill(asked.trace);
        return { ...(asked as Prediction<Outputs>), trace: recorder.trace() };
      }
      left = { ...left, [trouble]: afterOnce(remedy) };
      try {
        if ('shorten' in remedy) values = remedy.shorten(values);
      } catch (cause) {
        return codeFailure(cause, { runtime, trace: recorder.trace() });
      }
      outcome = await run(values, withSampling(withDraw(runtime, `again-${count}`), 1));
    }
    return { ...(outcome.prediction as Prediction<Outputs>), trace: recorder.trace() };
  };

  return createProgram<Inputs, Outputs>({
    name,
    ...composed('policy-1', [inner, ...others], [timeoutMs ?? null, all.map(identityOf)]),
    signature: program.signature,
    calls: (candidate) =>
      policyCalls(
        inner.calls(candidate),
        longest,
        others.map((each) => each.calls(candidate)),
      ),
    forward,
  });
}

interface Outcome {
  readonly prediction?: Prediction | undefined;
  readonly trouble?: Trouble | undefined;
  readonly reason: string;
  readonly failed?: Prediction | undefined;
  /** What to throw where it is not a failure of the candidate. */
  readonly thrown?: unknown;
}

interface AttemptOptions {
  readonly name: string;
  readonly runtime: Runtime & { readonly candidate: Candidate };
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  readonly recorder: TraceRecorder;
}

async function attempt(
  program: AnyProgram,
  inputs: JsonObject,
  { name, runtime, timeoutMs, clock, recorder }: AttemptOptions,
): Promise<Outcome> {
  const place = recorder.open();
  try {
    const prediction: Prediction = await withinTime(program, inputs, { name, runtime, timeoutMs, clock });
    place.fill(prediction.trace);
    if (prediction.status === 'completed') return { prediction, reason: '' };
    // Code that threw has a cause and no answer; an answer that cannot be used says what is wrong with it.
    const trouble = prediction.fault === undefined && prediction.cause !== undefined ? 'error' : 'unreadable';
    return { trouble, reason: prediction.reason, failed: prediction };
  } catch (thrown) {
    if (runtime.signal?.aborted) throw thrown;
    const fault = faultBehind(thrown);
    const trouble = troubleOf(fault);
    if (fault === undefined || trouble === undefined) throw thrown;
    return { trouble, reason: fault.message, thrown };
  }
}

function troubleOf(fault: HoneError | undefined): Trouble | undefined {
  if (fault?.code === 'HONE_MODEL_TIMEOUT') return 'timeout';
  return fault?.code === 'HONE_MODEL_CONTEXT_OVERFLOW' ? 'overflow' : undefined;
}

async function withinTime(
  program: AnyProgram,
  inputs: JsonObject,
  { name, runtime, timeoutMs, clock }: Omit<AttemptOptions, 'recorder'>,
): Promise<Prediction> {
  if (timeoutMs === undefined) return program.forward(inputs, runtime);
  const run = followSignal(runtime.signal);
  const timer = new AbortController();
  clock.sleep(timeoutMs, timer.signal).then(
    () =>
      run.abort(
        new HoneError(`"${name}" took longer than ${timeoutMs} milliseconds.`, {
          code: 'HONE_MODEL_TIMEOUT',
          hint: 'Raise `timeoutMs`, or say what to do instead in `onTimeout`.',
          facts: { retryable: true },
        }),
      ),
    () => undefined,
  );
  try {
    // Whoever does not heed the abort is left behind: the row goes on.
    return await abortable(program.forward(inputs, { ...runtime, signal: run.signal }), run.signal);
  } finally {
    timer.abort();
    run.release();
  }
}

function describeRemedy(remedy: Exclude<Remedy, string | { readonly use: JsonObject }>): string {
  if ('ask' in remedy) return `asks ${remedy.ask.shape.name}`;
  return 'shorten' in remedy ? 'asks again with shorter inputs' : 'asks again';
}

/** What is left of a remedy that was taken once. */
function afterOnce(
  remedy: Extract<Remedy, { readonly again: number } | { readonly times?: unknown }>,
): Remedy {
  const { otherwise = 'fail' } = remedy;
  if ('again' in remedy) return remedy.again > 1 ? { ...remedy, again: remedy.again - 1 } : otherwise;
  const { times = 1 } = remedy;
  return times > 1 ? { ...remedy, times: times - 1 } : otherwise;
}

/** What each remedy is told by, and what else it may say. */
const remedyForms = { use: [], ask: [], again: ['otherwise'], shorten: ['times', 'otherwise'] } as const;

function checkRemedy(name: string, remedy: Remedy): void {
  if (remedy === 'fail' || remedy === 'throw') return;
  const given = typeof remedy === 'object' && remedy !== null ? Object.keys(remedy) : [];
  const isKnown = Object.entries(remedyForms).some(
    ([form, more]: readonly [string, readonly string[]]) =>
      given.includes(form) && given.every((key) => key === form || more.includes(key)),
  );
  if (!isKnown) {
    throw new HoneError(`"${name}": ${JSON.stringify(remedy)} is no remedy.`, {
      code: 'HONE_OPTION_INVALID',
      hint: "Give 'fail', 'throw', { use }, { ask }, { again, otherwise? } or { shorten, times?, otherwise? }.",
    });
  }
  if ('again' in remedy) checkCount(remedy.again, { of: name, option: 'again' });
  if ('shorten' in remedy) checkCount(remedy.times ?? 1, { of: name, option: 'times' });
  if ('otherwise' in remedy && remedy.otherwise !== undefined) checkRemedy(name, remedy.otherwise);
}

function programsOf(remedy: Remedy): readonly AnyProgram[] {
  if (typeof remedy === 'string' || 'use' in remedy) return [];
  if ('ask' in remedy) return [remedy.ask];
  return remedy.otherwise === undefined ? [] : programsOf(remedy.otherwise);
}

/** How often the program itself may run because of this trouble. */
function runsOf(remedy: Remedy): number {
  if (typeof remedy === 'string' || 'use' in remedy || 'ask' in remedy) return 1;
  const more = 'again' in remedy ? remedy.again : (remedy.times ?? 1);
  return more + (remedy.otherwise === undefined ? 1 : runsOf(remedy.otherwise));
}

function identityOf(remedy: Remedy): Json {
  if (typeof remedy === 'string') return remedy;
  if ('use' in remedy) return { use: remedy.use };
  if ('ask' in remedy) return { ask: remedy.ask.shape.name };
  const otherwise = remedy.otherwise === undefined ? null : identityOf(remedy.otherwise);
  return 'again' in remedy
    ? { again: remedy.again, otherwise }
    : { shorten: textOf(remedy.shorten), times: remedy.times ?? 1, otherwise };
}

/** Usually nothing goes wrong; at most everything does, and each of the other programs is asked once. */
function policyCalls(own: CallCount, runs: number, others: readonly CallCount[]): CallCount {
  const most = others.reduce((sum, count) => sum + count.most, own.most * runs);
  return { typical: own.typical, most };
}
