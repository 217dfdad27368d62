import { HoneError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { Field, Signature } from '../signature/signature.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { checkCount } from './check-count.ts';
import { composed, innerName, withDraw } from './composition.ts';
import { createProgram } from './create-program.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, Prediction, Program } from './program.ts';
import { sharedSandbox } from './quickjs-sandbox.ts';
import { runAttempt } from './run-attempts.ts';
import { checkLimits, runCode, withoutFences } from './run-code.ts';
import type { Sandbox, SandboxLimits, SandboxResult } from './sandbox.ts';
import { createTraceRecorder } from './trace-recorder.ts';

export interface ProgramOfThoughtOptions extends SandboxLimits {
  /** Names the program; its steps are then `<name>-code` and `<name>-answer`. @default 'program-of-thought', `code`, `answer` */
  readonly name?: string | undefined;
  /** Most pieces of code for one row: each after the first one sees how the ones before it failed. @default 3 */
  readonly rounds?: number | undefined;
  /**
   * Who answers. `model`: a step that reads what the code returned. `code`: the code itself, by returning an object
   * with the outputs, which is checked against the signature. @default 'model'
   */
  readonly finish?: 'model' | 'code' | undefined;
  /** Further settings of both steps. */
  readonly step?: Omit<PredictOptions, 'name'> | undefined;
  /** Where the code is run. @default QuickJS in a worker */
  readonly sandbox?: Sandbox | undefined;
}

/**
 * Writes JavaScript that works the answer out, runs it in a sandbox, and answers from its result. Code that fails, or
 * is stopped by a limit, is written anew with the error in view; the row fails when the last piece does.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field called `code`, `result` or `earlier`.
 * @see Chen et al. 2022, "Program of Thoughts Prompting: Disentangling Computation from Reasoning for Numerical
 *   Reasoning Tasks". https://arxiv.org/abs/2211.12588
 */
export function programOfThought<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: ProgramOfThoughtOptions = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    {
      name: true,
      rounds: true,
      finish: true,
      step: true,
      sandbox: true,
      timeoutMs: true,
      memoryMb: true,
      outputChars: true,
    },
    'programOfThought',
  );
  const {
    name = 'program-of-thought',
    rounds = 3,
    finish = 'model',
    step,
    sandbox = sharedSandbox,
  } = options;
  const { timeoutMs, memoryMb, outputChars } = options;
  const limits: SandboxLimits = { timeoutMs, memoryMb, outputChars };
  checkCount(rounds, { of: name, option: 'rounds' });
  checkLimits(name, limits);
  const plain = signature as Signature;
  checkFields(plain);
  const code = predict(codeSignature(plain, finish), { ...step, name: innerName(options.name, 'code') });
  const answer = predict(answerSignature(plain), { ...step, name: innerName(options.name, 'answer') });
  const parts: readonly AnyProgram[] = finish === 'model' ? [code, answer] : [code];
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('program-of-thought-1', parts, [
      rounds,
      finish,
      timeoutMs ?? null,
      memoryMb ?? null,
      outputChars ?? null,
    ]),
    signature,
    calls: (candidate) => {
      const { typical, most } = code.calls(candidate);
      const written = { typical, most: timesCalls({ typical, most }, rounds).most };
      return finish === 'model' ? sumCalls([written, answer.calls(candidate)]) : written;
    },
    forward: async (inputs, runtime) => {
      const recorder = createTraceRecorder();
      const task = inputs as JsonObject;
      const earlier: JsonObject[] = [];
      let last: Prediction<Outputs> | undefined;
      for (let round = 1; round <= rounds; round += 1) {
        const asked = { ...task, ...(earlier.length > 0 && { earlier: [...earlier] }) };
        const written = await runAttempt(
          {
            program: code,
            inputs: asked,
            runtime: round === 1 ? runtime : withDraw(runtime, `round-${round}`),
          },
          recorder,
        );
        if (written.status === 'failed')
          return { ...(written as Prediction<Outputs>), trace: recorder.trace() };
        const text = withoutFences(String(written.outputs.code));
        const result = await runCode(text, { sandbox, limits, task, runtime, recorder });
        const wrong = whatIsWrong(result, finish === 'code' ? plain : undefined);
        if (wrong === undefined && result.status === 'returned') {
          if (finish === 'code') {
            return {
              status: 'completed',
              outputs: chosen(result.value, plain.outputs) as Outputs,
              trace: recorder.trace(),
            };
          }
          const said = { code: text, result: shown(result) };
          const answered = await runAttempt<Outputs>(
            { program: answer, inputs: { ...task, ...said }, runtime },
            recorder,
          );
          return { ...answered, trace: recorder.trace() };
        }
        earlier.push({ code: text, error: wrong ?? '' });
        last = { status: 'failed', reason: wrong ?? '', text, step: code.shape.name, trace: [] };
      }
      return { ...(last as Prediction<Outputs>), trace: recorder.trace() };
    },
  });
}

/** What the next piece of code has to do better; undefined for a result that can be used. */
function whatIsWrong(result: SandboxResult, signature: Signature | undefined): string | undefined {
  if (result.status !== 'returned') return result.message;
  if (signature === undefined) {
    const isEmpty = result.value === null && result.printed === '';
    return isEmpty ? 'The code returned nothing and printed nothing.' : undefined;
  }
  const { value } = result;
  if (!isJsonObject(value)) return 'The code did not return an object with the outputs.';
  for (const field of signature.outputs) {
    const given = value[field.name];
    if (given === undefined || (given === null && field.optional)) {
      if (field.optional) continue;
      return `The object that the code returned has no "${field.name}".`;
    }
    const [issue] = schemaIssues(given, field.schema);
    if (issue !== undefined)
      return `"${field.name}" of the object that the code returned is wrong: ${issue}.`;
  }
  return undefined;
}

function chosen(value: Json, fields: readonly Field[]): JsonObject {
  const given = isJsonObject(value) ? value : {};
  const present = fields.filter(({ name }) => given[name] !== undefined && given[name] !== null);
  return Object.fromEntries(present.map(({ name }) => [name, given[name]]));
}

function shown({ value, printed }: Extract<SandboxResult, { readonly status: 'returned' }>): string {
  const returned = value === null ? [] : [JSON.stringify(value)];
  return [printed.trim(), ...returned].filter((text) => text !== '').join('\n');
}

function codeSignature({ instructions, inputs, outputs }: Signature, finish: 'model' | 'code'): Signature {
  const names = outputs.map((field) => field.name).join(', ');
  return {
    instructions: [
      'Write JavaScript that works out the answer to the task below, instead of answering it.',
      'Write the body of a function whose argument `inputs` is an object with the inputs as they are given. It has the language alone: no modules, no network, no files, no timers.',
      finish === 'code'
        ? `Return an object with ${names}.`
        : 'Return what the answer can be read from. Put numbers and names into words where they need it.',
      `The task: ${instructions}`,
    ].join('\n\n'),
    inputs: [
      ...inputs,
      {
        name: 'earlier',
        schema: { type: 'array', items: { type: 'object' } },
        description: 'code that was written before, and why it failed',
        optional: true,
      },
    ],
    outputs: [
      {
        name: 'code',
        schema: { type: 'string' },
        description: 'the body of the function, nothing around it',
      },
    ],
  };
}

function answerSignature({ instructions, inputs, outputs }: Signature): Signature {
  return {
    instructions: [
      instructions,
      'Code was run to work the answer out. Answer from its result; do not work it out anew.',
    ].join('\n\n'),
    inputs: [
      ...inputs,
      { name: 'code', schema: { type: 'string' }, description: 'the code that was run' },
      { name: 'result', schema: { type: 'string' }, description: 'what it printed and returned' },
    ],
    outputs,
  };
}

function checkFields({ inputs, outputs }: Signature): void {
  const taken = [...inputs, ...outputs].find(({ name }) => ['code', 'result', 'earlier'].includes(name));
  if (taken === undefined) return;
  throw new HoneError(`The signature has a field called "${taken.name}" already.`, {
    code: 'HONE_SIGNATURE_INVALID',
    hint: 'Rename it: code, result and earlier are taken.',
  });
}
