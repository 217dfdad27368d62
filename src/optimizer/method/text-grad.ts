import { z } from 'zod';
import type { Json, JsonObject } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { StepShape } from '../../program/program.ts';
import { type PredictTraceStep, predictStepsOf } from '../../program/trace.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import { type AnsweredRow, answeredRows, bounded, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { textGradPrompts } from './text-grad-prompts.ts';

/** What the options are checked by. */
export const textGradSchema = z.strictObject({
  steps: z.int().min(1).max(1_000).default(12).describe('Updates of the texts.'),
  batch: z.int().min(1).max(100).default(3).describe('Training rows of a step; its failures are criticized.'),
  reduce: z
    .enum(['sum', 'mean'])
    .default('sum')
    .describe('Whether an update sees the critiques of all rows, or one critique that sums them up.'),
  constraints: z
    .array(z.string().trim().min(1))
    .max(32)
    .default([])
    .describe('What every new text must obey.'),
  momentum: z.int().min(0).max(32).default(0).describe('Earlier values of a text that an update sees.'),
  memory: z
    .int()
    .min(0)
    .max(32)
    .default(0)
    .describe('Steps whose critiques an update sees beside the new ones.'),
  revert: z
    .boolean()
    .default(true)
    .describe('Whether a step is taken back when it lowers the mean on validation.'),
  temperature: z.number().min(0).max(2).default(0.7).describe('Of the requests.'),
  prompts: promptsOption(textGradPrompts),
});

export interface TextGradOptions {
  /** Updates of the texts. @default 12 */
  readonly steps?: number | undefined;
  /** Training rows of a step; its failures are criticized. @default 3 */
  readonly batch?: number | undefined;
  /** Whether an update sees the critiques of all rows, or one critique that sums them up. @default 'sum' */
  readonly reduce?: 'sum' | 'mean' | undefined;
  /** What every new text must obey. @default [] */
  readonly constraints?: readonly string[] | undefined;
  /** Earlier values of a text that an update sees. @default 0 */
  readonly momentum?: number | undefined;
  /** Steps whose critiques an update sees beside the new ones. @default 0 */
  readonly memory?: number | undefined;
  /** Whether a step is taken back when it lowers the mean on validation. @default true */
  readonly revert?: boolean | undefined;
  /** Of the requests. @default 0.7 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: Readonly<Partial<Record<keyof typeof textGradPrompts, string | undefined>>> | undefined;
}

/** What was said of one text, for one row. */
interface Gradient {
  readonly target: TextTarget;
  readonly row: string;
  readonly context: JsonObject;
  readonly critique: string;
}

/**
 * Gradients in words: what went wrong with a row is criticized at the end of the program, carried back step by step
 * to every text that led there, and each text is rewritten by all that was said of it.
 *
 * @see Yuksekgonul et al. 2024, "TextGrad", https://arxiv.org/abs/2406.07496. Deviations: only rows that failed are
 *   criticized; texts are always shown whole; `momentum` and `memory` take effect; a step that lowers validation is
 *   taken back unless `revert` says otherwise, ties keep the new text, and what is returned is the best of all.
 */
export function textGrad(options: TextGradOptions = {}): Optimizer {
  const resolved = resolveOptions(textGradSchema, options, { of: 'textGrad' });
  const { steps, batch, reduce, revert, momentum, memory } = resolved;
  const prompts = withReplaced(textGradPrompts, resolved.prompts);
  return {
    name: 'textGrad',
    version: 2,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Carries critiques of failed rows back through the steps, and rewrites each text by all that was said of it.',
      when: 'A program has several steps and it is not clear which one is at fault; few rows are at hand.',
      cost: {
        task: '(1 + steps) * validation + steps * min(batch, train)',
        reflection: "2 * steps * (min(batch, train) * (1 + texts) + texts * (reduce == 'mean' ? 2 : 1))",
      },
    },
    fresh: () => textGrad(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const rows = Math.min(batch, train);
      const texts = textTargets(program).length;
      const updates = texts * (reduce === 'mean' ? 2 : 1);
      return {
        task: ((1 + steps) * validation + steps * rows) * callsPerRow,
        reflection: reflectionCalls(steps * (rows * (1 + texts) + updates)),
      };
    },
    async *optimize(context) {
      const { seed, train, validation, random, evaluate, admit } = context;
      const targets = textTargets(context.program);
      const batches = minibatches(train, { size: batch, random: random.fork('minibatches') });
      let standing = await evaluate(seed, validation);
      let best = standing;
      const values: Candidate[] = [];
      const critiques: (readonly Gradient[])[] = [];
      for (let step = 0; step < steps; step += 1) {
        const rows = batches.next();
        const answered = answeredRows(await evaluate(standing.candidate, rows, { traces: true }), rows);
        const failed = failuresOf(answered);
        if (failed.length === 0) continue;
        const asking = { ...resolved, prompts, label: `step-${step}` };
        const gradients = await backward(context, failed, {
          ...asking,
          targets,
          candidate: standing.candidate,
        });
        const remembered = memory === 0 ? [] : critiques.slice(-memory).flat();
        critiques.push(gradients);
        const draft = await descend(context, gradients, {
          ...asking,
          targets,
          candidate: standing.candidate,
          remembered,
          earlier: momentum === 0 ? [] : values.slice(-momentum),
        });
        if (draft === undefined) continue;
        const [candidate] = newCandidates(
          admit([
            {
              changes: draft.changes,
              parents: [standing.candidate],
              origin: `step ${step + 1}`,
              because: { reflection: draft.reflection, rows: failed.map(({ example }) => example.id) },
            },
          ]),
        );
        if (candidate === undefined) continue;
        values.push(standing.candidate);
        const next = await evaluate(candidate, validation);
        if (pairedDifference(best, next).meanWithLost > 0) {
          best = next;
          yield accepted(best, `step ${step + 1}`);
        }
        if (!revert || pairedDifference(standing, next).meanWithLost >= 0) standing = next;
      }
      return best.candidate;
    },
  };
}

interface Asking {
  readonly prompts: typeof textGradPrompts;
  readonly temperature: number;
  readonly label: string;
  readonly targets: readonly TextTarget[];
  readonly candidate: Candidate;
}

/** Critiques of the final answers, carried back from the last step to the first. */
async function backward(
  { ask }: OptimizationContext,
  failed: readonly AnsweredRow[],
  { prompts, temperature, label, targets, candidate }: Asking,
): Promise<readonly Gradient[]> {
  const steps = stepsWithTexts(targets);
  const last = steps.at(-1);
  if (last === undefined) return [];
  const losses = await ask(
    failed.map((row) => ({
      label: `${label}/loss/${row.example.id}`,
      temperature,
      signature: prompts.loss,
      inputs: { row: rowRecord(row, last) },
    })),
  );
  /** By row: what is to be better about the final answer. */
  const ends = new Map<string, string>();
  for (const [index, loss] of losses.entries()) {
    const row = failed[index];
    if (row !== undefined && loss.status === 'answered') ends.set(row.example.id, loss.outputs.critique);
  }
  /** By row: the later steps with what is wrong with what they were given, none where nothing is. */
  const uses = new Map<string, Use[]>();
  const gradients: Gradient[] = [];
  for (const step of [...steps].reverse()) {
    const due = failed.flatMap((row) => {
      const ran = predictStepsOf(row.result.trace ?? [], step.name).at(-1);
      const end = ends.get(row.example.id);
      if (ran === undefined || end === undefined) return [];
      const wish = wishOf(ran.outputs, { end, uses: uses.get(row.example.id) ?? [] });
      return wish === undefined ? [] : [{ row, wish, ran }];
    });
    const own = targets.filter((target) => target.step.name === step.name);
    const answers = await ask(
      due.map(({ row, wish, ran }) => ({
        label: `${label}/backward/${step.name}/${row.example.id}`,
        temperature,
        signature: prompts.backward,
        inputs: {
          texts: own.map((target) => ({ place: describeTarget(target), text: textOf(candidate, target) })),
          ...contextOf(ran),
          wish,
        },
      })),
    );
    for (const [index, answer] of answers.entries()) {
      const one = due[index];
      if (one === undefined || answer.status !== 'answered') continue;
      const { text_critique, given_critique } = answer.outputs;
      const id = one.row.example.id;
      // What is wrong with what the step was given is for the steps before it to mend.
      const use = {
        given: one.ran.inputs,
        critique: isCritique(given_critique) ? given_critique : undefined,
      };
      uses.set(id, [...(uses.get(id) ?? []), use]);
      if (!isCritique(text_critique)) continue;
      const context = contextOf(one.ran);
      for (const target of own) gradients.push({ target, row: id, context, critique: text_critique });
    }
  }
  return gradients;
}

/** What a step was given and answered, each value bounded. */
function contextOf({ inputs, outputs }: PredictTraceStep) {
  return { given: bounded(inputs), answered: outputs === undefined ? null : bounded(outputs) };
}

/** A later step: what it was given, and what is wrong with that. */
interface Use {
  readonly given: JsonObject;
  readonly critique: string | undefined;
}

/**
 * What is to be better about what a step gave: what the steps that took it say of it, each once. Undefined where they
 * find nothing wrong with it. Where no step is seen to have taken it, the final answer is what it is held against.
 */
function wishOf(
  outputs: JsonObject | undefined,
  { end, uses }: { readonly end: string; readonly uses: readonly Use[] },
): string | undefined {
  const gave = Object.values(outputs ?? {})
    .map(textIn)
    .filter((text) => text !== '');
  const took = uses.filter(({ given }) => {
    const taken = Object.values(given).map(textIn);
    return gave.some((text) => taken.some((value) => value.includes(text)));
  });
  if (took.length === 0) return end;
  const wishes = [...new Set(took.flatMap(({ critique }) => critique ?? []))];
  return wishes.length === 0 ? undefined : wishes.join('\n\n');
}

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value ?? '');
}

/** New values of the texts that something was said of. */
async function descend(
  { ask }: OptimizationContext,
  gradients: readonly Gradient[],
  {
    prompts,
    temperature,
    label,
    targets,
    candidate,
    reduce,
    constraints,
    remembered,
    earlier,
  }: Asking & {
    readonly reduce: 'sum' | 'mean';
    readonly constraints: readonly string[];
    readonly remembered: readonly Gradient[];
    readonly earlier: readonly Candidate[];
  },
): Promise<{ readonly changes: Candidate; readonly reflection: string } | undefined> {
  const of = (all: readonly Gradient[], { parameter }: TextTarget) =>
    all
      .filter(({ target }) => target.parameter.name === parameter.name)
      .map(({ context, critique }) => ({ ...context, critique }));
  const due = targets.filter((target) => of(gradients, target).length > 0);
  const means =
    reduce === 'sum'
      ? []
      : await ask(
          due.map((target) => ({
            label: `${label}/mean/${target.parameter.name}`,
            temperature,
            signature: prompts.mean,
            inputs: { critiques: of(gradients, target) },
          })),
        );
  const answers = await ask(
    due.map((target, index) => {
      const mean = means[index];
      const critiques =
        mean?.status === 'answered' ? [{ critique: mean.outputs.critique }] : of(gradients, target);
      return {
        label: `${label}/update/${target.parameter.name}`,
        temperature,
        signature: prompts.update,
        inputs: {
          place: describeTarget(target),
          current: textOf(candidate, target),
          critiques,
          remembered: of(remembered, target),
          earlier: earlier.map((value) => textOf(value, target)),
          constraints,
        },
      };
    }),
  );
  const changes: Record<string, Candidate[string]> = {};
  let reflection: string | undefined;
  for (const [index, answer] of answers.entries()) {
    const target = due[index];
    if (target === undefined || answer.status !== 'answered') continue;
    reflection ??= answer.id;
    Object.assign(changes, textChange(target, answer.outputs.text.trim()));
  }
  return reflection === undefined ? undefined : { changes, reflection };
}

/** Models say in several ways that nothing is wrong. */
function isCritique(text: string): boolean {
  return !/^\W*(?:none|nothing|null|n\/a)?\W*$/i.test(text);
}

/** Steps that have a text to rewrite, in the order of the program. */
function stepsWithTexts(targets: readonly TextTarget[]): readonly StepShape[] {
  return [...new Map(targets.map(({ step }) => [step.name, step])).values()];
}
