import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { toField } from '../signature/field.ts';
import { choicesOf, type Field, type Signature } from '../signature/signature.ts';
import { largestCalls, sumCalls } from './calls-per-row.ts';
import { codeFailure } from './code-failure.ts';
import type { BranchInputs, ChoiceInputs, OutputsOf } from './composed-types.ts';
import { composed, textOf } from './composition.ts';
import { createProgram } from './create-program.ts';
import { inputsOf, joinFields } from './joint-signature.ts';
import type { AnyProgram, Prediction, Program, Runtime } from './program.ts';
import { runAttempt } from './run-attempts.ts';
import { createTraceRecorder } from './trace-recorder.ts';

/** Programs by the name that a row is sent to them under. */
export type Branches = Readonly<Record<string, AnyProgram>>;

export interface BranchOptions<By, To extends Branches, Otherwise extends AnyProgram | undefined, Takes> {
  /** @default 'branch' */
  readonly name?: string | undefined;
  /**
   * Chooses where a row goes: a program whose last output is the name of a branch, or a function that gives one. A
   * function is given what the branches take, and what `takes` adds.
   */
  readonly by: By;
  readonly to: To;
  /** Where a row goes whose name no branch has. @default nowhere: the row has failed */
  readonly otherwise?: Otherwise | undefined;
  /** What a choosing function takes beside what the branches take: `{ urgency: 'string' }`. @default nothing */
  readonly takes?: Takes | undefined;
}

/**
 * Sends each row to one of several programs. What the choosing program gives is an input of the branches too, by
 * name. A row is counted as asking the choice and the branch that asks most.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is no branch, the choice can name one that is not there, or
 *   two steps have one name. `HONE_SIGNATURE_INVALID` for a type in `takes` that is none.
 */
export function branch<
  const By extends AnyProgram | ((inputs: ChoiceInputs<To, Takes>) => string | Promise<string>),
  const To extends Branches,
  const Otherwise extends AnyProgram | undefined = undefined,
  // biome-ignore lint/complexity/noBannedTypes: without it nothing is added.
  const Takes extends Readonly<Record<string, string>> = {},
>(
  options: BranchOptions<By, To, Otherwise, Takes>,
): Program<BranchInputs<By, To, Takes>, OutputsOf<To[keyof To]> | OutputsOf<Otherwise>> {
  checkOptionNames(options, { name: true, by: true, to: true, otherwise: true, takes: true }, 'branch');
  const { name = 'branch', by, to, otherwise } = options;
  const taken = Object.entries(options.takes ?? {}).map(([field, type]) => toField(field, type, 'input'));
  const router = typeof by === 'function' ? undefined : (by as AnyProgram);
  const targets = new Map(Object.entries(to));
  const branches = [...targets.values(), ...(otherwise === undefined ? [] : [otherwise as AnyProgram])];
  checkBranches(name, { router, targets, otherwise });
  const parts = [...(router === undefined ? [] : [router]), ...branches];
  const field = router?.shape.outputs.at(-1)?.name ?? '';
  const keys = [...targets.keys()];
  const choose = by as unknown as (inputs: JsonObject) => string | Promise<string>;

  const forward = async (
    inputs: JsonObject,
    runtime: Parameters<AnyProgram['forward']>[1] & Required<Pick<Runtime, 'candidate'>>,
  ): Promise<Prediction> => {
    const recorder = createTraceRecorder();
    let values = inputs;
    let chosen: string;
    if (router === undefined) {
      try {
        chosen = await choose(inputs);
      } catch (cause) {
        return codeFailure(cause, { runtime, trace: recorder.trace() });
      }
    } else {
      const routed = await runAttempt(
        { program: router, inputs: inputsOf(router, inputs), runtime },
        recorder,
      );
      if (routed.status === 'failed') return { ...routed, trace: recorder.trace() };
      values = { ...inputs, ...routed.outputs };
      chosen = String(routed.outputs[field]);
    }
    const program = targets.get(chosen) ?? (otherwise as AnyProgram | undefined);
    if (program === undefined) {
      const reason = `The row was sent to "${chosen}", which is none of ${keys.join(', ')}.`;
      return { status: 'failed', reason, text: '', step: router?.shape.name, trace: recorder.trace() };
    }
    const from = recorder.trace().at(-1)?.id;
    const place = recorder.open();
    const prediction = await program.forward(inputsOf(program, values), runtime);
    place.fill(prediction.trace, { from });
    return { ...prediction, trace: recorder.trace() };
  };

  return createProgram<JsonObject, JsonObject>({
    name,
    ...composed('branch-1', parts, [
      keys,
      textOf(router === undefined ? by : undefined),
      options.takes ?? null,
    ]),
    signature: branchSignature(router, branches, taken),
    calls: (candidate) =>
      sumCalls([
        ...(router === undefined ? [] : [router.calls(candidate)]),
        largestCalls(branches.map((each) => each.calls(candidate))),
      ]),
    forward,
  }) as unknown as Program<BranchInputs<By, To, Takes>, OutputsOf<To[keyof To]> | OutputsOf<Otherwise>>;
}

/** What every branch gives is given; what only some give may be absent. */
function branchSignature(
  router: AnyProgram | undefined,
  branches: readonly AnyProgram[],
  own: readonly Field[],
): Signature {
  const routed = new Set(router?.shape.outputs.map(({ name }) => name));
  const outputs = joinFields(branches.map(({ shape }) => shape.outputs)).map((field) => {
    const always = branches.every(({ shape }) =>
      shape.outputs.some(({ name, optional }) => name === field.name && optional !== true),
    );
    return always ? field : { ...field, optional: true };
  });
  const taken = joinFields(branches.map(({ shape }) => shape.inputs)).map((field) => {
    const everywhere = branches.every(({ shape }) =>
      shape.inputs.some(({ name, optional }) => name === field.name && optional !== true),
    );
    // A row that goes elsewhere can do without; the branch itself says what it lacks.
    return everywhere ? field : { ...field, optional: true };
  });
  const inputs = joinFields([own, router?.shape.inputs ?? [], taken.filter(({ name }) => !routed.has(name))]);
  return { instructions: '', inputs, outputs };
}

function checkBranches(
  name: string,
  {
    router,
    targets,
    otherwise,
  }: {
    readonly router: AnyProgram | undefined;
    readonly targets: ReadonlyMap<string, AnyProgram>;
    readonly otherwise: unknown;
  },
): void {
  if (targets.size === 0) {
    throw new HoneError(`"${name}" has no branch.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give programs by name in `to`.',
    });
  }
  const field = router?.shape.outputs.at(-1);
  const choices = field === undefined ? undefined : choicesOf(field);
  const homeless = choices?.find((choice) => !targets.has(choice));
  if (homeless !== undefined && otherwise === undefined) {
    throw new HoneError(`"${name}" may send a row to "${homeless}", and there is no such branch.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Add it to `to`, or give `otherwise`.',
    });
  }
}
