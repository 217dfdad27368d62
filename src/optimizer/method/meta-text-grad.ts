import { z } from 'zod';
import { HoneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { anyFunction, resolveOptions } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { whyNoPrompt } from '../../prompt/no-prompt.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, Decision, OptimizationContext, Optimizer } from '../optimizer.ts';
import { estimateOf, identitiesOf, togetherOf } from '../part/composed.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { itemsWith, reflectionCalls } from '../part/reflection.ts';
import { labelledRecord } from '../part/row-records.ts';
import { isBetter } from '../part/validation-race.ts';

/** What it asks. */
export const metaTextGradPrompts = {
  retune: signature(
    {
      inputs: { optimizer: 'string', prompts: 'json', task: 'json', history: 'json' },
      outputs: { watch: 'string', rewritten: 'json' },
    },
    {
      instructions:
        'An optimizer improves the prompt of a task by asking a language model with prompts of its own. You see these ' +
        'prompts, rows of the task with what was expected, and what came of earlier versions. First say what an ' +
        'optimizer must watch for on this very task. Then rewrite its prompts so that they do. Each keeps its purpose ' +
        'and what it is asked to answer.',
      descriptions: {
        optimizer: 'what the optimizer does',
        prompts: 'its prompts: a list of { name, instructions }',
        task: 'rows of the task with what was expected',
        history: 'earlier versions with the score of the prompt that came of them, 0 to 100',
        watch: 'what an optimizer must watch for on this task',
        rewritten: 'a list of { name, instructions }, only of prompts that change',
      },
    },
  ),
  compose: signature(
    {
      inputs: { optimizers: 'json', task: 'json', history: 'json', most: 'integer' },
      outputs: { reason: 'string', how: '"in a row" | "apart"', names: 'string[]' },
    },
    {
      instructions:
        'Several optimizers can improve the prompt of a task. You see what each does and what it reached on this task. ' +
        'Compose them: in a row, each from the best prompt of those before, or apart, each from the start, the best ' +
        'of them kept. A name may come again.',
      descriptions: {
        optimizers: 'a list of { name, does, score }, the score 0 to 100',
        task: 'rows of the task with what was expected',
        history: 'compositions that were tried, with their scores; may be none',
        most: 'most names in a composition',
        reason: 'why this composition',
        how: 'whether they run in a row or apart',
        names: 'the names in the order in which they run',
      },
    },
  ),
};

/** Makes an optimizer with other instructions in the prompts that it sends itself, by their names. */
export type OptimizerWithPrompts = (prompts?: Readonly<Record<string, string>>) => Optimizer;

/** What the options are checked by. */
export const metaTextGradSchema = z.strictObject({
  optimizers: z
    .record(z.string().regex(/^[\w-]+$/), anyFunction)
    .describe('By short names, functions that make an optimizer with the prompts that they are given.'),
  proposals: z
    .int()
    .min(0)
    .max(32)
    .default(2)
    .describe('Versions of the prompts of each optimizer that are tried.'),
  compositions: z.int().min(0).max(32).default(2).describe('Compositions that are tried.'),
  stages: z.int().min(1).max(16).default(3).describe('Most optimizers in a composition.'),
  examples: z.int().min(1).max(64).default(5).describe('Rows of the task that a request shows.'),
  prompts: promptsOption(metaTextGradPrompts),
});

export interface MetaTextGradOptions {
  /** By short names, functions that make an optimizer with the prompts that they are given. */
  readonly optimizers: Readonly<Record<string, OptimizerWithPrompts>>;
  /** Versions of the prompts of each optimizer that are tried. @default 2 */
  readonly proposals?: number | undefined;
  /** Compositions that are tried. @default 2 */
  readonly compositions?: number | undefined;
  /** Most optimizers in a composition. @default 3 */
  readonly stages?: number | undefined;
  /** Rows of the task that a request shows. @default 5 */
  readonly examples?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly retune?: string | undefined; readonly compose?: string | undefined }
    | undefined;
}

/** An optimizer with the prompts that it was found to work best with. */
interface Tuned {
  readonly name: string;
  readonly prompts: Readonly<Record<string, string>>;
  /** What came of it, on validation. */
  readonly found: CandidateEvaluation;
}

/**
 * Optimizes optimizers for one task: rewrites the prompts that they send themselves, then composes the best of them.
 * A composition is data, names in an order; nothing is generated that runs. Each version is judged by the prompt that
 * comes of it, on validation, and the best such prompt is returned.
 *
 * @see Xu et al. 2025, "metaTextGrad", https://arxiv.org/abs/2505.18524. Deviation: compositions are chosen from two
 *   forms instead of written as code.
 */
export function metaTextGrad(options: MetaTextGradOptions): Optimizer {
  const resolved = resolveOptions(metaTextGradSchema, options, { of: 'metaTextGrad' });
  const { proposals, compositions, stages, examples } = resolved;
  const { optimizers } = options;
  const plain = Object.entries(optimizers).map(([name, create]) => ({ name, optimizer: create() }));
  if (plain.length === 0) {
    throw new HoneError('metaTextGrad: `optimizers` names none.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give at least one: { meta: (prompts) => metaPrompt({ prompts }) }.',
    });
  }
  const all = plain.map(({ optimizer }) => optimizer);
  const prompts = withReplaced(metaTextGradPrompts, resolved.prompts);
  const { needs } = togetherOf(all);
  const runs = (1 + proposals) * all.length;
  return {
    name: 'metaTextGrad',
    version: 1,
    options: {
      optimizers: Object.fromEntries(
        plain.map(({ name, optimizer }) => [name, identitiesOf([optimizer])[0] ?? null]),
      ),
      proposals,
      compositions,
      stages,
      examples,
      prompts: (resolved.prompts ?? null) as Json,
    },
    prompts,
    needs: { ...needs, reflectionModel: true },
    guide: {
      does: 'Rewrites the prompts of optimizers for one task and composes the best of them.',
      when: 'The same kind of task comes again and again, and a large budget may be spent once.',
      cost: {
        task: 'those of `1 + proposals` runs of each optimizer and of the compositions, each result on validation',
        reflection: 'those of all these runs, and one request for each proposal and composition',
      },
    },
    fresh: () => metaTextGrad(options),
    estimate: (size) => {
      const each = estimateOf(all, size, 1 + runs + compositions * stages);
      const longest = Math.max(0, ...all.map((optimizer) => optimizer.estimate(size).task));
      const asked = Math.max(0, ...all.map((optimizer) => optimizer.estimate(size).reflection));
      const composed = compositions * stages;
      return {
        ...each,
        task: each.task * (1 + proposals) + composed * longest,
        reflection:
          each.reflection * (1 + proposals) +
          composed * asked +
          reflectionCalls(proposals * all.length + compositions),
      };
    },
    async *optimize(context) {
      const { train, random } = context;
      const task = random
        .fork('examples')
        .sample(train, examples)
        .map((row): JsonObject => labelledRecord(row));
      const trials = createTrials(context, { optimizers, runs: runs + compositions * stages });
      const tuned: Tuned[] = [];
      for (const { name, optimizer } of plain) {
        tuned.push(yield* tune(context, { name, optimizer, task, proposals, prompts, trials }));
      }
      const history: JsonObject[] = [];
      for (let turn = 0; turn < compositions; turn += 1) {
        const [answer] = await context.ask([
          {
            label: `compose-${turn}`,
            signature: prompts.compose,
            inputs: {
              optimizers: tuned.map(({ name, found }) => ({
                name,
                does: plain.find((each) => each.name === name)?.optimizer.guide?.does ?? name,
                score: percent(found),
              })),
              task,
              history,
              most: stages,
            },
          },
        ]);
        if (answer?.status !== 'answered') continue;
        const named = answer.outputs.names
          .flatMap((name) => tuned.find((each) => each.name === name.trim()) ?? [])
          .slice(0, stages);
        if (named.length === 0) continue;
        const inRow = answer.outputs.how === 'in a row';
        const label = `composition ${turn + 1}: ${named.map(({ name }) => name).join(inRow ? ' -> ' : ' | ')}`;
        let reached = 0;
        let start = context.seed;
        for (const [index, each] of named.entries()) {
          const result = yield* trials.run(each, { label: `${label} (${index + 1})`, seed: start });
          reached = Math.max(reached, percent(result));
          if (inRow) start = result.candidate;
        }
        history.push({
          how: answer.outputs.how,
          names: named.map(({ name }) => name),
          score: reached,
        });
      }
      for (const { name, prompts: own } of tuned) {
        if (Object.keys(own).length === 0) continue;
        yield {
          type: 'notice',
          message: `Prompts of ${name} that worked better on this task: ${JSON.stringify(own)}`,
        };
      }
      return trials.best();
    },
  };
}

interface Trials {
  /** Runs an optimizer with some prompts and scores what comes of it on validation. */
  run(
    tuned: Pick<Tuned, 'name' | 'prompts'>,
    options: { readonly label: string; readonly seed: Candidate },
  ): AsyncGenerator<Decision, CandidateEvaluation, void>;
  /** The best candidate that came of any run. */
  best(): Candidate;
}

function createTrials(
  { nest, evaluate, validation, seed }: OptimizationContext,
  { optimizers, runs }: { readonly optimizers: MetaTextGradOptions['optimizers']; readonly runs: number },
): Trials {
  let best: CandidateEvaluation | undefined;
  let done = 0;
  return {
    best: () => best?.candidate ?? seed,
    async *run({ name, prompts }, { label, seed: start }) {
      const create = optimizers[name];
      if (create === undefined) throw new TypeError(`${name} is none of the optimizers.`);
      const share = 1 / Math.max(1, runs - done);
      done += 1;
      yield { type: 'phase-started', phase: label, note: name };
      const { candidate } = yield* nest(create(prompts), { label, seed: start, share });
      const evaluation = await evaluate(candidate, validation);
      best ??= await evaluate(seed, validation);
      if (isBetter(evaluation, best)) {
        best = evaluation;
        yield accepted(evaluation, label);
      }
      return evaluation;
    },
  };
}

/** The prompts with which an optimizer did best: its own, or one of the versions that were proposed. */
async function* tune(
  { ask, seed }: OptimizationContext,
  {
    name,
    optimizer,
    task,
    proposals,
    prompts,
    trials,
  }: {
    readonly name: string;
    readonly optimizer: Optimizer;
    readonly task: readonly JsonObject[];
    readonly proposals: number;
    readonly prompts: typeof metaTextGradPrompts;
    readonly trials: Trials;
  },
): AsyncGenerator<Decision, Tuned, void> {
  const own = Object.entries(optimizer.prompts ?? {}).map(([prompt, { instructions }]) => ({
    name: prompt,
    instructions,
  }));
  const found = yield* trials.run({ name, prompts: {} }, { label: `${name} as it is`, seed });
  let best: Tuned = { name, prompts: {}, found };
  const history: JsonObject[] = [{ rewritten: [], score: percent(found) }];
  for (let turn = 0; turn < proposals && own.length > 0; turn += 1) {
    const [answer] = await ask([
      {
        label: `retune/${name}-${turn}`,
        signature: prompts.retune,
        inputs: {
          optimizer: optimizer.guide?.does ?? name,
          prompts: own.map((each) => ({
            ...each,
            instructions: best.prompts[each.name] ?? each.instructions,
          })),
          task: [...task],
          history,
        },
      },
    ]);
    if (answer?.status !== 'answered') continue;
    const rewritten: { readonly name: string; readonly instructions: string }[] = [];
    for (const each of itemsWith(answer.outputs.rewritten, ['name', 'instructions'])) {
      if (!own.some((known) => known.name === each.name)) continue;
      const fault = whyNoPrompt(each.instructions, { parent: undefined, answers: [], outputs: [] });
      if (fault === undefined) rewritten.push(each);
      else
        yield { type: 'notice', message: `A version of ${name}.${each.name} was refused: it is ${fault}.` };
    }
    if (rewritten.length === 0) continue;
    const changed = Object.fromEntries(rewritten.map((each) => [each.name, each.instructions]));
    const version = { name, prompts: { ...best.prompts, ...changed } };
    const tried = yield* trials.run(version, { label: `${name}, version ${turn + 1}`, seed });
    history.push({ rewritten, score: percent(tried) });
    if (isBetter(tried, best.found)) best = { ...version, found: tried };
  }
  return best;
}

function percent({ mean = 0 }: CandidateEvaluation): number {
  return Math.round(100 * mean);
}
