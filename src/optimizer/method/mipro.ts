import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { ProgramShape } from '../../program/program.ts';
import type { Candidate, DemoSet } from '../../prompt/candidate.ts';
import { parameterName } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { additiveSurrogate, type Observation } from '../part/additive-surrogate.ts';
import { suggestByTpe } from '../part/categorical-tpe.ts';
import { accepted } from '../part/decisions.ts';
import { demoSetPool, demoSteps } from '../part/demo-set-pool.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { observationCalls, observedRows } from '../part/observed-rows.ts';
import { reflectionCalls } from '../part/reflection.ts';
import { answeredRows, bounded, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';
import { miproPrompts, tips } from './mipro-prompts.ts';

/** Instructions, demo sets and rows of validation of each size. */
const sizes = {
  light: { candidates: 6, rows: 100 },
  medium: { candidates: 12, rows: 300 },
  heavy: { candidates: 18, rows: 1_000 },
} as const;

/** What the options are checked by. */
export const miproSchema = z.strictObject({
  size: z.enum(['light', 'medium', 'heavy']).default('light').describe('How much is tried.'),
  classic: z
    .boolean()
    .default(false)
    .describe(
      'The published schedule: random minibatches, TPE from ten random trials, one wave of instructions.',
    ),
  trials: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Combinations that are tried.')
    .meta({ defaultText: 'by size and number of steps' }),
  demos: z.int().min(0).max(64).default(4).describe('Most demos in a set; 0 for none.'),
  minibatch: z.int().min(1).max(1_000).default(35).describe('Rows of validation of a trial.'),
  fullEvery: z.int().min(1).max(100).default(5).describe('Trials between two evaluations on all rows.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the proposals.'),
  prompts: promptsOption(miproPrompts),
});

export interface MiproOptions {
  /** How much is tried. @default 'light' */
  readonly size?: 'light' | 'medium' | 'heavy' | undefined;
  /** The published schedule: random minibatches, TPE from ten random trials, one wave of instructions. @default false */
  readonly classic?: boolean | undefined;
  /** Combinations that are tried. @default by size and number of steps */
  readonly trials?: number | undefined;
  /** Most demos in a set; 0 for none. @default 4 */
  readonly demos?: number | undefined;
  /** Rows of validation of a trial. @default 35 */
  readonly minibatch?: number | undefined;
  /** Trials between two evaluations on all rows. @default 5 */
  readonly fullEvery?: number | undefined;
  /** Of the proposals. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | {
        readonly observe?: string | undefined;
        readonly summarize?: string | undefined;
        readonly propose?: string | undefined;
      }
    | undefined;
}

type Resolved = z.output<typeof miproSchema>;

/**
 * MIPROv2: bootstraps demo sets, has instructions written that know the rows, the program and these demos, and
 * searches the best combination over all steps.
 *
 * @see Opsahl-Ong et al. 2024, "Optimizing Instructions and Demonstrations for Multi-Stage Language Model Programs",
 *   https://arxiv.org/abs/2406.11695. Deviations, unless `classic`: trials share the rows of a minibatch, so that
 *   they are pairs; trials are proposed five at a time by Thompson sampling on an additive model that knows how many
 *   rows a mean rests on; half-way a second wave of instructions is written from what the best still gets wrong. In
 *   any case the first instruction is the seed's own and beside those that are asked for, and a combination is never
 *   tried twice on the same rows.
 */
export function mipro(options: MiproOptions = {}): Optimizer {
  const resolved = resolveOptions(miproSchema, options, { of: 'mipro' });
  const { classic, minibatch, fullEvery } = resolved;
  const prompts = withReplaced(miproPrompts, resolved.prompts);
  return {
    name: 'mipro',
    version: 2,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Searches the best combination of demo sets and of instructions that know the rows, the program and the demos.',
      when: 'Instructions and demos are to be chosen together, above all over several steps, and there are hundreds of rows.',
      cost: {
        task: 'rows * (2 + ceil(tried / fullEvery)) + tried * min(minibatch, rows) + min(train, 8 * sets) * max(0, sets - 2)',
        reflection: '2 * (observations + 1 + texts * instructions * (classic ? 1 : 2))',
        where: {
          candidates: "size == 'light' ? 6 : size == 'medium' ? 12 : 18",
          rows: "min(validation, size == 'light' ? 100 : size == 'medium' ? 300 : 1000)",
          observations: 'min(10, ceil(train / 10))',
          demoSteps: 'demos == 0 ? 0 : stepsWithDemos',
          instructions: 'demoSteps == 0 ? candidates : candidates / 2',
          sets: 'demoSteps == 0 ? 1 : candidates',
          tried: 'trials ?? floor(max(2 * (texts + demoSteps) * log2(candidates), 1.5 * candidates))',
        },
      },
    },
    fresh: () => mipro(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const { trials, instructions, sets, rows } = planOf(resolved, program, validation);
      const batch = Math.min(minibatch, rows);
      const whole = rows * (2 + Math.ceil(trials / fullEvery));
      return {
        task: (whole + trials * batch + Math.min(train, 8 * sets) * Math.max(0, sets - 2)) * callsPerRow,
        reflection: reflectionCalls(
          observationCalls(train) + textTargets(program).length * instructions * (classic ? 1 : 2),
        ),
      };
    },
    async *optimize(context) {
      const { seed, program, validation, random, admit, evaluate } = context;
      const plan = planOf(resolved, program, validation.length);
      const rows = random.fork('rows').sample(validation, plan.rows);
      const sets = await demoSetPool(context, { count: plan.sets, most: resolved.demos });
      const proposer = {
        prompts,
        options: resolved,
        sets,
        summary: await observedRows(context, { ...prompts, temperature: resolved.temperature }),
      };
      const targets = textTargets(program);
      const texts = targets.map((target) => [textOf(seed, target)]);
      await propose(context, {
        ...proposer,
        texts,
        count: plan.instructions,
        wave: 0,
        best: seed,
        failures: [],
      });

      const space = () => [...texts.map(({ length }) => length), ...sets.map(({ length }) => length)];
      const build = (choices: readonly number[]): Candidate => {
        const changes: Record<string, Candidate[string]> = {};
        for (const [index, target] of targets.entries()) {
          const text = texts[index]?.[choices[index] ?? 0];
          if (text !== undefined) Object.assign(changes, textChange(target, text));
        }
        for (const [index, step] of demoSteps(program).entries()) {
          const set = sets[index]?.[choices[targets.length + index] ?? 0];
          if (set !== undefined)
            changes[parameterName(step.name, 'demos')] = {
              kind: 'demos',
              sets: set.demos.length === 0 ? [] : [set],
            };
        }
        return changes;
      };
      let best = await evaluate(seed, rows);
      const base = space().map(() => 0);
      const seen: (Observation & { readonly candidate: Candidate; readonly isWhole: boolean })[] = [
        { choices: base, mean: best.mean ?? 0, rows: best.scored, candidate: seed, isWhole: true },
      ];
      const wave = classic ? 1 : fullEvery;
      for (let trial = 0; trial < plan.trials; trial += wave) {
        const stream = random.fork(`trial-${trial}`);
        const suggestions = suggest(seen, space(), {
          classic,
          count: Math.min(wave, plan.trials - trial),
          random: stream,
        });
        const batch = (classic ? stream.fork('minibatch').shuffle(rows) : rows).slice(0, minibatch);
        const drafts = suggestions.map((choices) => ({
          changes: build(choices),
          origin: `trial ${trial + 1}`,
        }));
        const tried = admit(drafts).flatMap((admission, index) => {
          const choices = suggestions[index];
          return admission.status === 'rejected' || choices === undefined
            ? []
            : [{ candidate: admission.candidate, choices }];
        });
        const evaluations = await Promise.all(tried.map(({ candidate }) => evaluate(candidate, batch)));
        for (const [index, { candidate, choices }] of tried.entries()) {
          const evaluation = evaluations[index];
          if (evaluation?.mean === undefined) continue;
          seen.push({
            choices,
            mean: evaluation.mean,
            rows: evaluation.scored,
            candidate,
            isWhole: batch.length === rows.length,
          });
        }
        const isDue = (trial + wave) % fullEvery === 0 || trial + wave >= plan.trials;
        if (isDue) {
          const leader = untestedLeader(seen);
          const whole = leader && (await evaluate(leader.candidate, rows));
          if (leader !== undefined && whole?.mean !== undefined) {
            seen.push({
              choices: leader.choices,
              mean: whole.mean,
              rows: whole.scored,
              candidate: leader.candidate,
              isWhole: true,
            });
          }
          if (isBetter(whole, best)) {
            best = whole;
            yield accepted(best, `trial ${trial + wave}`);
          }
        }
        const isHalf = !classic && trial < plan.trials / 2 && trial + wave >= plan.trials / 2;
        if (isHalf) {
          const failures = await failuresOn(context, best, minibatch);
          const found = {
            ...proposer,
            texts,
            count: Math.ceil(plan.instructions / 2),
            wave: 1,
            best: best.candidate,
            failures,
          };
          await propose(context, found);
        }
      }
      return best.candidate;
    },
  };
}

/** How many trials, instructions and demo sets; as published, where no number is given. */
function planOf({ size, trials, demos }: Resolved, program: ProgramShape, validation: number) {
  const { candidates, rows } = sizes[size];
  const isZeroShot = demos === 0 || demoSteps(program).length === 0;
  const variables = textTargets(program).length + (isZeroShot ? 0 : demoSteps(program).length);
  return {
    trials: trials ?? Math.floor(Math.max(2 * variables * Math.log2(candidates), 1.5 * candidates)),
    instructions: isZeroShot ? candidates : candidates / 2,
    sets: isZeroShot ? 1 : candidates,
    rows: Math.min(rows, validation),
  };
}

interface Proposals {
  readonly prompts: typeof miproPrompts;
  readonly options: Resolved;
  readonly sets: readonly (readonly DemoSet[])[];
  readonly summary: string;
  /** The texts of each target so far; grows. */
  readonly texts: readonly string[][];
  readonly count: number;
  readonly wave: number;
  readonly best: Candidate;
  /** Rows that still go wrong, as each target should see them. */
  readonly failures: readonly (readonly Json[])[];
}

/** Has texts written for every target, each beside another demo set and with another tip. */
async function propose(
  { program, seed, random, ask, admit }: OptimizationContext,
  { prompts, options, sets, summary, texts, count, wave, best, failures }: Proposals,
): Promise<void> {
  const targets = textTargets(program);
  const steps = demoSteps(program);
  const requests = targets.flatMap((target, at) =>
    Array.from({ length: count }, (_, sample) => ({ target, at, sample })),
  );
  const answers = await ask(
    requests.map(({ target, at, sample }) => {
      const set = sets[steps.findIndex(({ name }) => name === target.step.name)];
      const shown = set?.[sample % set.length]?.demos.slice(0, 3) ?? [];
      const stream = random.fork(`tip-${wave}-${at}-${sample}`);
      return {
        label: `wave-${wave}/${target.parameter.name}`,
        sample,
        temperature: options.temperature,
        signature: prompts.propose,
        inputs: {
          place: describeTarget(target),
          program: describeProgram(program),
          summary,
          demos: shown.map(({ inputs, outputs }) => bounded({ inputs, outputs })),
          current: textOf(best, target),
          failures: failures[at] ?? [],
          tip: tips[stream.integer(tips.length)] ?? tips[0],
        },
      };
    }),
  );
  for (const [index, answer] of answers.entries()) {
    const request = requests[index];
    if (request === undefined || answer.status !== 'answered') continue;
    const text = answer.outputs.text.trim();
    const own = texts[request.at];
    // A text that the guards refuse alone is refused in every combination.
    const [admission] = admit([
      {
        changes: textChange(request.target, text),
        parents: [seed],
        origin: `instruction ${wave === 0 ? '' : 'from failures '}for ${request.target.parameter.name}`,
        because: { reflection: answer.id },
      },
    ]);
    if (own !== undefined && admission?.status === 'admitted' && !own.includes(text)) own.push(text);
  }
}

function describeProgram({ steps }: ProgramShape): string {
  return steps
    .map(({ name, inputs, outputs }, index) => {
      const names = (fields: typeof inputs) => fields.map((field) => field.name).join(', ');
      return `${index + 1}. ${name}: ${names(inputs)} → ${names(outputs)}`;
    })
    .join('\n');
}

interface Suggesting {
  readonly classic: boolean;
  readonly count: number;
  readonly random: Random;
}

/** Combinations that were not tried yet, as far as there are any. */
function suggest(
  seen: readonly Observation[],
  space: readonly number[],
  { classic, count, random }: Suggesting,
): readonly (readonly number[])[] {
  const tried = new Set(seen.map(({ choices }) => choices.join()));
  const surrogate = classic ? undefined : additiveSurrogate(seen, space);
  const suggestions: (readonly number[])[] = [];
  for (let attempt = 0; attempt < 20 * count && suggestions.length < count; attempt += 1) {
    const stream = random.fork(`suggestion-${attempt}`);
    const choices =
      surrogate === undefined
        ? suggestByTpe(
            seen.map(({ choices: of, mean }) => ({ choices: of, value: mean })),
            space,
            { random: stream },
          )
        : surrogate.suggest(stream);
    // The published schedule may try a combination again, on other rows.
    if (!classic && tried.has(choices.join())) continue;
    tried.add(choices.join());
    suggestions.push(choices);
  }
  return suggestions;
}

/** The combination with the best mean over its trials that was not evaluated on all rows. */
function untestedLeader<
  Seen extends Observation & { readonly candidate: Candidate; readonly isWhole: boolean },
>(seen: readonly Seen[]): Seen | undefined {
  const byChoices = new Map<string, Seen[]>();
  for (const each of seen) {
    const key = each.choices.join();
    byChoices.set(key, [...(byChoices.get(key) ?? []), each]);
  }
  const mean = (trials: readonly Seen[]) =>
    trials.reduce((sum, each) => sum + each.mean * each.rows, 0) /
    Math.max(
      1,
      trials.reduce((sum, each) => sum + each.rows, 0),
    );
  const open = [...byChoices.values()].filter((trials) => !trials.some(({ isWhole }) => isWhole));
  return [...open].sort((a, b) => mean(b) - mean(a))[0]?.[0];
}

/** What the best still gets wrong on some rows of train, for each target. */
async function failuresOn(
  { program, train, random, evaluate }: OptimizationContext,
  best: CandidateEvaluation,
  count: number,
): Promise<readonly (readonly Json[])[]> {
  const rows: readonly Example[] = random.fork('failures').sample(train, count);
  const wrong = failuresOf(answeredRows(await evaluate(best.candidate, rows, { traces: true }), rows)).slice(
    0,
    8,
  );
  return textTargets(program).map((target: TextTarget) => wrong.map((row) => rowRecord(row, target.step)));
}
