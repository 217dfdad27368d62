/**
 * Gradients in words for single texts: an answer, an email, a plan. A variable holds a text and what it is for; an
 * operation makes variables of variables and remembers how; `backward` carries what is wrong with a result back to
 * every variable that led to it; a `textualGradientDescent` rewrites those that may change.
 *
 * @see Yuksekgonul et al. 2024, "TextGrad: Automatic Differentiation via Text". https://arxiv.org/abs/2406.07496
 */
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Model } from '../model/model.ts';
import { predict } from './predict.ts';
import { textGradientPrompts } from './text-gradient-prompts.ts';

/** What was said of a variable, and where. */
export interface TextGradient {
  /** What is wrong with it, and what a change should aim at. */
  readonly critique: string;
  /** What it was part of. */
  readonly context: JsonObject;
}

/** A text in a computation. */
export interface Variable {
  /** Replaced by a step of `textualGradientDescent`. */
  value: string;
  /** What the text is for: critiques and new values go by it. */
  readonly role: string;
  /** Whether it may be rewritten. */
  readonly trainable: boolean;
  readonly predecessors: readonly Variable[];
  /** In the order in which they came; emptied by `zeroGradients`. */
  readonly gradients: readonly TextGradient[];
  /**
   * Carries back what is wrong with this text to all that it was made of, the nearest first. A variable whose value
   * nothing is wrong with passes nothing on. Where a call fails nothing was said.
   *
   * @throws {HoneError} `HONE_MODEL_…` when the model cannot be asked, `HONE_OUTPUT_UNPARSABLE` when its answer cannot
   *   be read.
   */
  backward(runtime?: TextGradientRuntime): Promise<void>;
}

/** What asks a model. */
export interface TextGradientRuntime {
  /** Critiques and rewrites. @default the model that the operation was given, else the embedded local model */
  readonly model?: Model | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VariableOptions {
  /** What the text is for. Required: critiques are only as good as it. */
  readonly role: string;
  /** Whether it may be rewritten. @default true */
  readonly trainable?: boolean | undefined;
}

type Backward = (output: Node, runtime: TextGradientRuntime) => Promise<void>;

interface Node extends Variable {
  readonly predecessors: readonly Node[];
  readonly gradients: TextGradient[];
  readonly carryBack?: Backward | undefined;
}

/** A text with its role. @throws {HoneError} `HONE_OPTION_INVALID` without a role. */
export function variable(value: string, { role, trainable = true }: VariableOptions): Variable {
  if (role.trim() === '') {
    throw new HoneError('A variable needs a role: what the text is for.', {
      code: 'HONE_OPTION_INVALID',
      hint: "Write variable(text, { role: 'answer to the question of a customer' }).",
    });
  }
  return node({ value, role, trainable, predecessors: [] });
}

function node({
  value,
  role,
  trainable,
  predecessors,
  carryBack,
}: Pick<Node, 'value' | 'role' | 'trainable' | 'predecessors' | 'carryBack'>): Node {
  const self: Node = {
    value,
    role,
    trainable,
    predecessors,
    gradients: [],
    carryBack,
    backward: async (runtime = {}) => {
      const order = inOrder(self).reverse();
      const before = order.map((one) => one.gradients.length);
      try {
        for (const one of order) await one.carryBack?.(one, runtime);
      } catch (thrown) {
        // Tried again, nothing is said twice.
        for (const [index, one] of order.entries()) one.gradients.length = before[index] ?? 0;
        throw thrown;
      }
    },
  };
  return self;
}

/** Every variable that led to one, each after those that it was made of. */
function inOrder(end: Node): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const visit = (one: Node) => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const before of one.predecessors) visit(before);
    order.push(one);
  };
  visit(end);
  return order;
}

/** Whether anything behind a variable may change: what does not is criticized for nothing. */
function leadsToTrainable(one: Node): boolean {
  return inOrder(one).some(({ trainable }) => trainable);
}

/** What an operation takes beside the variables that it is called with. */
export interface OperationOptions extends TextGradientRuntime {
  /** What the result is for. */
  readonly role: string;
}

/**
 * A call of a language model as an operation: instructions and input in, an answer out.
 *
 * @param options.system Its instructions: a variable, so that they can be rewritten too. @default none
 */
export function modelCall(
  options: OperationOptions & { readonly system?: Variable | undefined },
): (input: Variable) => Promise<Variable> {
  const { system, role, model, signal } = options;
  return async (input) => {
    const { answer } = await answering.run(
      { instructions: system?.value ?? '', input: input.value },
      { model, signal },
    );
    const predecessors = [...(system === undefined ? [] : [system]), input] as unknown as readonly Node[];
    return node({
      value: answer,
      role,
      trainable: false,
      predecessors,
      carryBack: throughModel({ instructions: system?.value ?? '', input: input.value }, options),
    });
  };
}

/**
 * Any function of texts as an operation. What is wrong with its result is explained to its inputs by what the
 * function is said to do.
 *
 * @param options.purpose What the function does, in a sentence.
 */
export function textFunction(
  apply: (...texts: readonly string[]) => string,
  options: OperationOptions & { readonly purpose: string },
): (...inputs: readonly Variable[]) => Variable {
  return (...inputs) =>
    node({
      value: apply(...inputs.map(({ value }) => value)),
      role: options.role,
      trainable: false,
      predecessors: inputs as unknown as readonly Node[],
      carryBack: throughModel({ function: options.purpose }, options),
    });
}

/**
 * What is wrong with a text by an instruction for judging it: the loss. Its value is the judgement, and `backward`
 * starts there.
 *
 * @param instruction How to judge, such as 'Find the errors in this proof. Do not solve it yourself.'
 */
export function textLoss(
  instruction: string,
  options: TextGradientRuntime = {},
): (input: Variable) => Promise<Variable> {
  return async (input) => {
    const { judgement } = await judging.run(
      { instruction, role: input.role, text: input.value },
      { model: options.model, signal: options.signal },
    );
    return node({
      value: judgement,
      role: 'judgement',
      trainable: false,
      predecessors: [input as Node],
      carryBack: async (loss, runtime) => {
        await criticize(
          loss,
          { wish: loss.value, context: { instruction } },
          { ...options, ...given(runtime) },
        );
      },
    });
  };
}

/** Several texts as one: what is wrong with the whole goes to each. A batch of losses is summed before `backward`. */
export function sumOf(variables: readonly Variable[], role = 'all of them together'): Variable {
  return node({
    value: variables.map(({ value }) => value).join('\n\n'),
    role,
    trainable: false,
    predecessors: variables as unknown as readonly Node[],
    carryBack: async (sum) => {
      for (const one of sum.predecessors) one.gradients.push(...sum.gradients);
    },
  });
}

/** Passes critiques of a result on to what went in, through what is known of the operation between. */
function throughModel(context: JsonObject, options: TextGradientRuntime): Backward {
  return async (output, runtime) => {
    const wish = output.gradients.map(({ critique }) => critique).join('\n\n');
    if (wish === '') return;
    await criticize(
      output,
      { wish, context: { ...context, result: output.value } },
      { ...options, ...given(runtime) },
    );
  };
}

async function criticize(
  output: Node,
  { wish, context }: { readonly wish: string; readonly context: JsonObject },
  { model, signal }: TextGradientRuntime,
): Promise<void> {
  const due = output.predecessors.filter(leadsToTrainable);
  const critiques = await Promise.all(
    due.map((one) => criticizing.run({ role: one.role, text: one.value, context, wish }, { model, signal })),
  );
  for (const [index, { is_fine, critique }] of critiques.entries()) {
    if (!is_fine) due[index]?.gradients.push({ critique, context });
  }
}

function given({ model, signal }: TextGradientRuntime): TextGradientRuntime {
  return { ...(model !== undefined && { model }), ...(signal !== undefined && { signal }) };
}

export interface TextualGradientDescentOptions extends TextGradientRuntime {
  /** What every new value must obey. @default [] */
  readonly constraints?: readonly string[] | undefined;
  /** Earlier values that an update sees, so that a complaint that comes again is answered by a larger change. @default 0 */
  readonly momentum?: number | undefined;
  /** Steps whose critiques an update sees beside the new ones. @default 0 */
  readonly memory?: number | undefined;
}

/** Rewrites variables by their gradients. */
export interface TextualGradientDescent {
  /**
   * Gives each variable that something was said of a new value, and empties the gradients. A value that cannot be read
   * leaves the old one.
   *
   * @returns how many changed
   */
  step(): Promise<number>;
  /** Forgets what was said. */
  zeroGradients(): void;
  /** Takes the last step back: a loss that became worse. */
  revert(): void;
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when a variable is not trainable, or for a number that is none. */
export function textualGradientDescent(
  variables: readonly Variable[],
  options: TextualGradientDescentOptions = {},
): TextualGradientDescent {
  checkOptionNames(
    options,
    { constraints: true, momentum: true, memory: true, model: true, signal: true },
    'textualGradientDescent',
  );
  const { constraints = [], momentum = 0, memory = 0, model, signal } = options;
  for (const [name, count] of Object.entries({ momentum, memory })) {
    if (Number.isInteger(count) && count >= 0) continue;
    throw new HoneError(`textualGradientDescent: ${name} is ${count}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give a whole number, 0 or more.',
    });
  }
  const fixed = variables.find(({ trainable }) => !trainable);
  if (fixed !== undefined) {
    throw new HoneError(`The variable "${fixed.role}" is not trainable.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give variables made with trainable: true.',
    });
  }
  const nodes = variables as unknown as readonly Node[];
  const values = new Map<Node, string[]>(nodes.map((one) => [one, []]));
  const said = new Map<Node, (readonly TextGradient[])[]>(nodes.map((one) => [one, []]));
  let before = new Map<Node, string>();
  const zeroGradients = () => {
    for (const one of nodes) one.gradients.length = 0;
  };
  return {
    zeroGradients,
    revert: () => {
      for (const [one, value] of before) one.value = value;
      before = new Map();
    },
    step: async () => {
      const due = nodes.filter(({ gradients }) => gradients.length > 0);
      const updated = await Promise.all(
        due.map((one) =>
          updating.forward(
            {
              role: one.role,
              current: one.value,
              critiques: one.gradients.map(({ critique, context }) => ({ critique, context })),
              remembered: lastOf(said.get(one) ?? [], memory).flatMap((step) =>
                step.map(({ critique }) => critique),
              ),
              earlier: lastOf(values.get(one) ?? [], momentum),
              constraints: [...constraints],
            },
            { model, signal },
          ),
        ),
      );
      before = new Map(due.map((one) => [one, one.value]));
      let changed = 0;
      for (const [index, prediction] of updated.entries()) {
        const one = due[index];
        const text = prediction.status === 'completed' ? prediction.outputs.text.trim() : '';
        if (one === undefined || text === '' || text === one.value) continue;
        values.get(one)?.push(one.value);
        said.get(one)?.push([...one.gradients]);
        one.value = text;
        changed += 1;
      }
      zeroGradients();
      return changed;
    },
  };
}

function lastOf<Item>(items: readonly Item[], count: number): Item[] {
  return count === 0 ? [] : items.slice(-count);
}

const answering = predict(textGradientPrompts.answer, { name: 'call' });
const judging = predict(textGradientPrompts.judge, { name: 'loss' });
const criticizing = predict(textGradientPrompts.criticize, { name: 'backward' });
const updating = predict(textGradientPrompts.update, { name: 'update' });
