import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, parameterName } from '../../prompt/candidate.ts';
import type { Ask, CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { labelledDemos } from '../part/demo-sets.ts';
import { pickWeighted } from '../part/instance-front.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { reflectionCalls } from '../part/reflection.ts';
import { answeredRows, courseRecord, scoreOf } from '../part/row-records.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';
import { mutationPrompts, promptBreederPrompts, thinkingStyles } from './prompt-breeder-prompts.ts';

/** What the options are checked by. */
export const promptBreederSchema = z.strictObject({
  population: z
    .int()
    .min(2)
    .max(200)
    .default(8)
    .describe('Units, each a candidate with a mutation of its own.'),
  generations: z.int().min(1).max(200).default(8).describe('Tournaments of all pairs.'),
  batch: z.int().min(1).max(1_000).default(24).describe('Rows of train on which a pair meets.'),
  recombination: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Probability of a crossover, and of new demos, after a mutation.'),
  demos: z.int().min(0).max(64).default(0).describe('Demos that a unit may have; 0 for none.'),
  finalists: z.int().min(1).max(64).default(4).describe('Units that are scored on validation in the end.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the mutations.'),
  prompts: promptsOption(promptBreederPrompts),
});

export interface PromptBreederOptions {
  /** Units, each a candidate with a mutation of its own. @default 8 */
  readonly population?: number | undefined;
  /** Tournaments of all pairs. @default 8 */
  readonly generations?: number | undefined;
  /** Rows of train on which a pair meets. @default 24 */
  readonly batch?: number | undefined;
  /** Probability of a crossover, and of new demos, after a mutation. @default 0.1 */
  readonly recombination?: number | undefined;
  /** Demos that a unit may have; 0 for none. @default 0 */
  readonly demos?: number | undefined;
  /** Units that are scored on validation in the end. @default 4 */
  readonly finalists?: number | undefined;
  /** Of the mutations. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | Readonly<Partial<Record<keyof typeof promptBreederPrompts, string | undefined>>>
    | undefined;
}

/** A candidate with the mutation that changes it and the candidates that it won as. */
interface Unit {
  readonly candidate: Candidate;
  readonly mutation: string;
  readonly elites: readonly Candidate[];
  /** Mean of its last meeting. */
  readonly fitness: number;
}

/**
 * Breeds texts together with the mutations that change them: pairs meet on the same rows, and the loser is
 * replaced by a changed copy of the winner.
 *
 * @see Fernando et al. 2023, "Promptbreeder: Self-Referential Self-Improvement via Prompt Evolution",
 *   https://arxiv.org/abs/2309.16797. Deviations: 8 units instead of 50; the texts of a program's steps are the
 *   unit's texts, and one of them is changed at a time; texts are told apart by their words, not by embeddings; the
 *   best units are scored on validation in the end.
 */
export function promptBreeder(options: PromptBreederOptions = {}): Optimizer {
  const resolved = resolveOptions(promptBreederSchema, options, { of: 'promptBreeder' });
  const { population: size, generations, batch, finalists, temperature } = resolved;
  const prompts = withReplaced(promptBreederPrompts, resolved.prompts);
  return {
    name: 'promptBreeder',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Breeds texts together with the mutations that change them; pairs meet on the same rows.',
      when: 'Open-ended exploration with a large budget, where nobody knows what a good prompt looks like.',
      cost: {
        task: 'validation * (1 + finalists) + generations * population * min(train, batch)',
        reflection: '2 * (population + 2 * generations * floor(population / 2))',
      },
    },
    fresh: () => promptBreeder(options),
    estimate: ({ train, validation, callsPerRow }) => ({
      task: (validation * (1 + finalists) + generations * size * Math.min(train, batch)) * callsPerRow,
      // Half the units change in a generation, by two requests at most.
      reflection: reflectionCalls(size + generations * Math.floor(size / 2) * 2),
    }),
    async *optimize(context) {
      const { seed, validation, train, random, ask, evaluate } = context;
      const batches = minibatches(train, { size: batch, random: random.fork('batches') });
      const best = await evaluate(seed, validation);
      let units = await firstGeneration(context, { prompts, size, temperature });
      for (let generation = 0; generation < generations; generation += 1) {
        const stream = random.fork(`generation-${generation}`);
        const rows = batches.next();
        const met = await Promise.all(
          units.map(({ candidate }) => evaluate(candidate, rows, { traces: true })),
        );
        units = units.map((unit, index) => ({ ...unit, fitness: met[index]?.mean ?? 0 }));
        const changes = meetings(met, stream.fork('pairs')).map(({ winner, loser }, slot) =>
          planChange({
            context,
            prompts,
            units,
            winner,
            loser,
            met,
            rows,
            random: stream.fork(`change-${slot}`),
          }),
        );
        const request = (sample: number) => ({ label: `generation-${generation}`, sample, temperature });
        // A mutation of a mutation is made first, and applied at once.
        const hyper = changes.flatMap(({ hyper: source }, slot) =>
          source === undefined ? [] : [{ slot, source }],
        );
        const mutated = await ask(
          hyper.map(({ slot, source }) => ({
            ...request(slot),
            label: `generation-${generation}/hyper`,
            signature: prompts.hyper,
            inputs: { task: textOf(seed, changes[slot]?.target as TextTarget), source },
          })),
        );
        const mutations = new Map(
          mutated.flatMap((answer, index) => {
            const slot = hyper[index]?.slot;
            return answer.status === 'answered' && slot !== undefined
              ? [[slot, answer.outputs.mutation] as const]
              : [];
          }),
        );
        const answers = await ask(
          changes.map(({ apply, parent }, slot) => ({
            ...request(slot),
            ...apply(mutations.get(slot) ?? parent.mutation),
          })),
        );
        const children = changes.map((change, slot): readonly [number, Unit] => {
          const answer = answers[slot];
          const given = answer?.status === 'answered' ? firstText(answer.outputs) : undefined;
          const mutation = mutations.get(slot) ?? change.parent.mutation;
          return [
            change.loser,
            bear(context, {
              ...resolved,
              change,
              given,
              mutation,
              units,
              random: stream.fork(`child-${slot}`),
            }),
          ];
        });
        const replaced = new Map(children);
        units = units.map((unit, index) => replaced.get(index) ?? unit);
      }
      const last = [...units].sort((a, b) => b.fitness - a.fitness).slice(0, finalists);
      const scored = await Promise.all(last.map(({ candidate }) => evaluate(candidate, validation)));
      const [first] = bestFirst(scored, (each) => each);
      if (!isBetter(first, best)) return best.candidate;
      yield accepted(first, 'best unit');
      return first.candidate;
    },
  };
}

interface Founding {
  readonly prompts: typeof promptBreederPrompts;
  readonly size: number;
  readonly temperature: number;
}

/** The seed, and texts made from it with a way of thinking and a mutation each. */
async function firstGeneration(
  { seed, program, random, ask, admit }: OptimizationContext,
  { prompts, size, temperature }: Founding,
): Promise<readonly Unit[]> {
  const starts = Array.from({ length: size - 1 }, (_, unit) => {
    const stream = random.fork(`unit-${unit}`);
    return {
      target: oneOf(textTargets(program), stream),
      style: oneOf(thinkingStyles, stream),
      mutation: oneOf(mutationPrompts, stream),
    };
  });
  const begun = await ask(
    starts.map(({ target, style, mutation }, sample) => ({
      label: 'first generation',
      sample,
      temperature,
      signature: prompts.begin,
      inputs: { place: describeTarget(target), task: textOf(seed, target), style, mutation },
    })),
  );
  const units = starts.map(({ target, mutation }, index): Unit => {
    const answer = begun[index];
    const changes = answer?.status === 'answered' ? textChange(target, answer.outputs.text.trim()) : {};
    const [admission] = admit([{ changes, origin: 'first generation' }]);
    const candidate = admission === undefined || admission.status === 'rejected' ? seed : admission.candidate;
    return { candidate, mutation, elites: [], fitness: 0 };
  });
  return [
    { candidate: seed, mutation: oneOf(mutationPrompts, random.fork('seed')), elites: [], fitness: 0 },
    ...units,
  ];
}

/** Pairs in random order; a tie goes to the first. */
function meetings(met: readonly CandidateEvaluation[], random: Random) {
  const order = random.shuffle([...met.keys()]);
  return Array.from({ length: Math.floor(order.length / 2) }, (_, pair) => {
    const [one = 0, other = 0] = [order[2 * pair], order[2 * pair + 1]];
    const [first, second] = [met[one], met[other]];
    const isSecond =
      first !== undefined && second !== undefined && pairedDifference(first, second).meanWithLost > 0;
    return isSecond ? { winner: other, loser: one } : { winner: one, loser: other };
  });
}

/** How a copy of the winner changes. */
interface Change {
  readonly name: string;
  readonly parent: Unit;
  readonly loser: number;
  readonly target: TextTarget;
  /** What a new mutation is made from, where one is made first. */
  readonly hyper?: string | undefined;
  readonly apply: (mutation: string) => Pick<Ask<Texts>, 'signature' | 'inputs'>;
}

type Texts = { readonly text: string } | { readonly hints: readonly string[] };

interface Breeding {
  readonly context: OptimizationContext;
  readonly prompts: typeof promptBreederPrompts;
  readonly units: readonly Unit[];
  readonly winner: number;
  readonly loser: number;
  readonly met: readonly CandidateEvaluation[];
  readonly rows: readonly Example[];
  readonly random: Random;
}

/** One of the eight mutations, by chance; recombination, the ninth, follows any of them. */
function planChange({ context, prompts, units, winner, loser, met, rows, random }: Breeding): Change {
  const { seed, program } = context;
  const parent = units[winner] as Unit;
  const target = oneOf(textTargets(program), random);
  const place = describeTarget(target, textOf(seed, target));
  const current = textOf(parent.candidate, target);
  const mutate = (mutation: string) => ({ signature: prompts.mutate, inputs: { place, mutation, current } });
  const next = (order: string, texts: readonly string[]) => () => ({
    signature: prompts.continue,
    inputs: { place, order, texts },
  });
  const fresh = () => ({ signature: prompts.hints, inputs: { place, task: textOf(seed, target) } });
  const byFitness = [...units].sort((a, b) => a.fitness - b.fitness);
  const differing = distinctTexts(byFitness.map(({ candidate }) => textOf(candidate, target)));
  const elites = distinctTexts([...parent.elites, parent.candidate].map((elite) => textOf(elite, target)));
  const evaluation = met[winner];
  const working =
    evaluation &&
    answeredRows(evaluation, rows).find(
      ({ result }) => (scoreOf(result) ?? 0) >= 1 && result.trace !== undefined,
    );

  const operators: Readonly<Record<string, () => Pick<Change, 'hyper' | 'apply'>>> = {
    zeroOrder: () => ({ apply: fresh }),
    firstOrder: () => ({ apply: mutate }),
    // Fewer than two texts are no distribution.
    distribution: () => ({ apply: differing.length < 2 ? fresh : next('none', random.shuffle(differing)) }),
    // Announced the wrong way round on purpose: the last of a list is what gets copied.
    rankedDistribution: () => ({ apply: differing.length < 2 ? fresh : next('the best first', differing) }),
    lineage: () => ({ apply: elites.length < 2 ? fresh : next('each better than the one before', elites) }),
    zeroOrderHyper: () => ({ hyper: oneOf(thinkingStyles, random), apply: mutate }),
    firstOrderHyper: () => ({ hyper: parent.mutation, apply: mutate }),
    lamarckian: () => ({
      apply:
        working === undefined
          ? mutate
          : () => ({ signature: prompts.infer, inputs: { place, working: courseRecord(working) } }),
    }),
  };
  const name = oneOf(Object.keys(operators), random);
  const operator = operators[name] as () => Pick<Change, 'hyper' | 'apply'>;
  return { name, parent, loser, target, ...operator() };
}

interface Birth {
  readonly change: Change;
  readonly given: string | undefined;
  readonly mutation: string;
  readonly units: readonly Unit[];
  readonly recombination: number;
  readonly demos: number;
  readonly random: Random;
}

/** The changed copy of a winner; where the change is refused, its copy as it is. */
function bear(
  { program, train, admit }: OptimizationContext,
  { change, given, mutation, units, recombination, demos, random }: Birth,
): Unit {
  const { parent, target, name } = change;
  const changes: Record<string, Candidate[string]> =
    given === undefined ? {} : { ...textChange(target, given.trim()) };
  let origin: string = name;
  if (random.next() < recombination) {
    const other =
      units[
        pickWeighted(
          units.map(({ fitness }) => fitness),
          random,
        )
      ];
    if (other !== undefined) Object.assign(changes, textChange(target, textOf(other.candidate, target)));
    origin = `${name} and crossover`;
  }
  const demosName = parameterName(target.step.name, 'demos');
  if (
    demos > 0 &&
    program.parameters.some((each) => each.name === demosName) &&
    random.next() < recombination
  ) {
    const shown = random.sample(labelledDemos(train, target.step), demos);
    if (shown.length > 0) changes[demosName] = { kind: 'demos', sets: [{ demos: shown }] };
    origin = `${origin} with new demos`;
  }
  const [admission] = admit([{ changes, parents: [parent.candidate], origin }]);
  const candidate =
    admission === undefined || admission.status === 'rejected' ? parent.candidate : admission.candidate;
  return { candidate, mutation, elites: [...parent.elites, parent.candidate], fitness: 0 };
}

function firstText(outputs: Texts): string | undefined {
  return 'text' in outputs ? outputs.text : outputs.hints[0];
}

/** Texts that share less than nearly all of their words with an earlier one. */
function distinctTexts(texts: readonly string[]): readonly string[] {
  const kept: { readonly given: string; readonly words: ReadonlySet<string> }[] = [];
  for (const given of texts) {
    const words = new Set(given.toLowerCase().split(/\s+/));
    const isTwin = kept.some((other) => {
      const shared = [...words].filter((word) => other.words.has(word)).length;
      return shared / (words.size + other.words.size - shared) > 0.95;
    });
    if (!isTwin) kept.push({ given, words });
  }
  return kept.map(({ given }) => given);
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  return items[random.integer(items.length)] as Item;
}
