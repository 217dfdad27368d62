import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';
import { largestCalls, sumCalls, timesCalls } from './calls-per-row.ts';
import { checkCount } from './check-count.ts';
import { composed, innerName, withDraw } from './composition.ts';
import {
  answerSignature,
  codeSignature,
  conductorFields,
  conductSignature,
  expertSignature,
  verifySignature,
} from './conductor-prompts.ts';
import { createProgram } from './create-program.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, ModelRole, Prediction, Program, Runtime } from './program.ts';
import { sharedSandbox } from './quickjs-sandbox.ts';
import { runAttempt } from './run-attempts.ts';
import { checkLimits, runCode, withoutFences } from './run-code.ts';
import type { Sandbox, SandboxLimits } from './sandbox.ts';
import { createTraceRecorder, type TraceRecorder } from './trace-recorder.ts';

export interface ConductorOptions extends SandboxLimits {
  /** Names the program; its steps are then `<name>-conduct` and so on. @default 'conductor', and `conduct`, `expert`, `code`, `verify`, `answer` */
  readonly name?: string | undefined;
  /** Most moves of the conductor for one row. @default 8 */
  readonly rounds?: number | undefined;
  /** Whether an answer is checked by a verifier that sees nothing of how it came about. @default true */
  readonly verify?: boolean | undefined;
  /** Whether code may be written and run in a sandbox. @default false */
  readonly code?: boolean | undefined;
  /** Roles that the experts may be asked as, the first to start with; see `PredictOptions.models`. @default ['task'] */
  readonly experts?: readonly ModelRole[] | undefined;
  /** Further settings of every step. */
  readonly step?: Omit<PredictOptions, 'name' | 'models'> | undefined;
  /** Where code is run. @default QuickJS in a worker */
  readonly sandbox?: Sandbox | undefined;
}

/**
 * One model conducts fresh experts: it breaks a task down, tells each expert all that it needs, doubts and checks
 * what comes back, and answers. An answer that the verifier rejects goes back to it, as long as rounds are left; then
 * it has to answer. Strong models gain by it, weak ones do not; a row takes many calls.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field that a step needs itself.
 * @see Suzgun & Kalai 2024, "Meta-Prompting: Enhancing Language Models with Task-Agnostic Scaffolding".
 *   https://arxiv.org/abs/2401.12954 Deviations: moves are fields and not marks in a text, an independent verifier is
 *   a step of its own, and code runs in a sandbox.
 */
export function conductor<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: ConductorOptions = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    {
      name: true,
      rounds: true,
      verify: true,
      code: true,
      experts: true,
      step: true,
      sandbox: true,
      timeoutMs: true,
      memoryMb: true,
      outputChars: true,
    },
    'conductor',
  );
  const { name = 'conductor', rounds = 8, verify = true, code = false, experts, step } = options;
  const { timeoutMs, memoryMb, outputChars } = options;
  checkCount(rounds, { of: name, option: 'rounds' });
  checkLimits(name, { timeoutMs, memoryMb, outputChars });
  const plain = signature as Signature;
  checkFields(plain);
  const named = (own: string) => ({ ...step, name: innerName(options.name, own) });
  const steps: Steps = {
    conduct: predict(conductSignature(plain, { hasCode: code }), named('conduct')),
    expert: predict(expertSignature, { ...named('expert'), models: experts }),
    answer: predict(answerSignature(plain), named('answer')),
    ...(verify && { verify: predict(verifySignature(plain), named('verify')) }),
    ...(code && { code: predict(codeSignature, { ...named('code'), models: experts }) }),
  };
  const parts: readonly AnyProgram[] = Object.values(steps);
  const settings = [rounds, timeoutMs ?? null, memoryMb ?? null, outputChars ?? null];
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('conductor-1', parts, settings),
    signature,
    calls: (candidate) => {
      const of = (part: AnyProgram | undefined) => (part === undefined ? [] : [part.calls(candidate)]);
      const answered = sumCalls([...of(steps.answer), ...of(steps.verify)]);
      const move = largestCalls([...of(steps.expert), ...of(steps.code), answered]);
      const [conduct = { typical: 0, most: 0 }] = of(steps.conduct);
      const all = sumCalls([timesCalls(sumCalls([conduct, move]), rounds), ...of(steps.answer)]);
      const usual = timesCalls(sumCalls([conduct, ...of(steps.expert)]), Math.min(rounds, usualRounds));
      return { typical: Math.min(all.typical, usual.typical + answered.typical), most: all.most };
    },
    forward: (inputs, runtime) =>
      conduct(steps, inputs as JsonObject, {
        rounds,
        runtime,
        recorder: createTraceRecorder(),
        sandbox: options.sandbox ?? sharedSandbox,
        limits: { timeoutMs, memoryMb, outputChars },
      }) as Promise<Prediction<Outputs>>,
  });
}

/** Rounds that a row takes where the experts agree. */
const usualRounds = 3;

interface Steps {
  readonly conduct: AnyProgram;
  readonly expert: AnyProgram;
  readonly answer: AnyProgram;
  readonly verify?: AnyProgram | undefined;
  readonly code?: AnyProgram | undefined;
}

interface Conducting {
  readonly rounds: number;
  readonly runtime: Runtime & { readonly candidate: Candidate };
  readonly recorder: TraceRecorder;
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits;
}

async function conduct(steps: Steps, task: JsonObject, given: Conducting): Promise<Prediction> {
  const { rounds, runtime, recorder } = given;
  const transcript: JsonObject[] = [];
  const ask = (program: AnyProgram, inputs: JsonObject, label: string) =>
    runAttempt({ program, inputs, runtime: withDraw(runtime, label) }, recorder);
  const seen = () => ({ ...task, ...(transcript.length > 0 && { transcript: [...transcript] }) });
  for (let round = 1; round <= rounds; round += 1) {
    const label = `round-${round}`;
    const left = round === rounds ? `${round} of ${rounds}, the last one: answer` : `${round} of ${rounds}`;
    const moved = await ask(steps.conduct, { ...seen(), round: left }, label);
    // A conductor that says nothing usable has to answer from what there is.
    if (moved.status === 'failed') break;
    const { move, expert = 'Expert', message } = moved.outputs;
    if (move === 'answer') {
      const answered = await ask(steps.answer, seen(), label);
      if (answered.status === 'failed' || steps.verify === undefined) {
        return { ...answered, trace: recorder.trace() };
      }
      const verified = await ask(steps.verify, { ...task, ...answered.outputs }, label);
      const isWrong = verified.status === 'completed' && verified.outputs.verdict === 'wrong';
      if (!isWrong || round === rounds) return { ...answered, trace: recorder.trace() };
      const why = verified.status === 'completed' ? String(verified.outputs.why) : '';
      transcript.push({ answer: answered.outputs, verifier: why });
    } else if (typeof message !== 'string' || message.trim() === '') {
      transcript.push({ note: 'You asked nobody anything: the message was missing.' });
    } else if (move === 'code' && steps.code !== undefined) {
      const written = await ask(steps.code, { message }, label);
      const result =
        written.status === 'failed' ? written.reason : await resultOf(String(written.outputs.code), given);
      transcript.push({ code: message, result });
    } else {
      const replied = await ask(steps.expert, { expert: String(expert), message }, label);
      const reply = replied.status === 'completed' ? String(replied.outputs.reply) : replied.reason;
      transcript.push({ expert: String(expert), message, reply });
    }
  }
  const forced = await ask(steps.answer, seen(), 'last');
  return { ...forced, trace: recorder.trace() };
}

async function resultOf(code: string, { sandbox, limits, runtime, recorder }: Conducting): Promise<string> {
  const result = await runCode(withoutFences(code), { sandbox, limits, task: {}, runtime, recorder });
  if (result.status !== 'returned') return `It failed: ${messageOf(result.message)}`;
  return [result.printed.trim(), JSON.stringify(result.value)].filter((text) => text !== '').join('\n');
}

function checkFields({ inputs, outputs }: Signature): void {
  const taken = [...inputs, ...outputs].find(({ name }) => conductorFields.includes(name));
  if (taken === undefined) return;
  throw new HoneError(`The signature has a field called "${taken.name}" already.`, {
    code: 'HONE_SIGNATURE_INVALID',
    hint: `Rename it: ${conductorFields.join(', ')} are taken.`,
  });
}
