import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Ask, CandidateEvaluation, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { pickWeighted } from '../part/instance-front.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { describeTarget, type TextTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';

const place = 'where the text is used';
const child = 'the new text, whole and ready for use';

/** What it asks. */
export const evoPromptPrompts = {
  vary: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions: 'Say the same in other words. The meaning and every {{slot}} stay.',
      descriptions: { place, current: 'the text', text: 'the same in other words' },
    },
  ),
  cross: signature(
    {
      inputs: { place: 'string', first: 'string', second: 'string' },
      outputs: { crossed: 'string', text: 'string' },
    },
    {
      instructions:
        'Two texts tell a language model how to do the same task. First cross them: one text that takes parts from ' +
        'both. Then mutate the result: change some of its words, add or drop a thought, so that it says the task ' +
        'in a way of its own. Keep every {{slot}}. For example, from “Sort the mail by sender.” and “Put each ' +
        'letter on the pile of whoever wrote it.” may come “Sort each letter onto its sender’s pile.” and from ' +
        'that “Read who wrote each letter and lay it on that person’s pile.”',
      descriptions: {
        place,
        first: 'one text',
        second: 'another text',
        crossed: 'parts of both',
        text: child,
      },
    },
  ),
  differ: signature(
    {
      inputs: { place: 'string', first: 'string', second: 'string', best: 'string', base: 'string' },
      outputs: { differences: 'string', mutated: 'string', spliced: 'string', text: 'string' },
    },
    {
      instructions:
        'Four texts tell a language model how to do the same task. First list the parts in which the first two ' +
        'differ. Then mutate only these parts: put other words or thoughts in their place. Then splice the mutated ' +
        'parts into the best text where they fit. Last cross what came out with the base text: take parts of both ' +
        'into one text. Keep every {{slot}}.',
      descriptions: {
        place,
        first: 'one text',
        second: 'another text',
        best: 'the best text so far',
        base: 'the text that the new one may replace',
        differences: 'where the first two differ',
        mutated: 'these parts, mutated',
        spliced: 'the best text with the mutated parts',
        text: child,
      },
    },
  ),
};

/** What the options are checked by. */
export const evoPromptSchema = z.strictObject({
  mode: z
    .enum(['ga', 'de'])
    .default('ga')
    .describe('Genetic algorithm, for good seeds, or differential evolution, for poor ones.'),
  population: z.int().min(3).max(100).default(10).describe('Texts in a generation.'),
  generations: z.int().min(1).max(100).default(10).describe('Generations.'),
  rows: z.int().min(1).max(10_000).default(50).describe('Most rows of validation that a text is scored on.'),
  temperature: z.number().min(0).max(2).default(0.5).describe('Of the operators.'),
  patience: z.int().min(1).max(100).default(4).describe('Generations without a new best before it stops.'),
  prompts: promptsOption(evoPromptPrompts),
});

export interface EvoPromptOptions {
  /** Genetic algorithm, for good seeds, or differential evolution, for poor ones. @default 'ga' */
  readonly mode?: 'ga' | 'de' | undefined;
  /** Texts in a generation, at least 3. @default 10 */
  readonly population?: number | undefined;
  /** Generations. @default 10 */
  readonly generations?: number | undefined;
  /** Most rows of validation that a text is scored on. @default 50 */
  readonly rows?: number | undefined;
  /** Of the operators. @default 0.5 */
  readonly temperature?: number | undefined;
  /** Generations without a new best before it stops. @default 4 */
  readonly patience?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | {
        readonly vary?: string | undefined;
        readonly cross?: string | undefined;
        readonly differ?: string | undefined;
      }
    | undefined;
}

/**
 * Evolves a population of texts; a language model crosses and mutates them. The steps of a program take turns, a
 * generation each.
 *
 * @see Guo et al. 2023, "Connecting Large Language Models with Evolutionary Algorithms Yields Powerful Prompt
 *   Optimizers", https://arxiv.org/abs/2309.08532. Deviations: the population begins as rewordings of the seed;
 *   parents are always two different texts; the children of a generation are made together, so that the best of
 *   differential evolution is that of the last generation; a tie keeps the older text.
 */
export function evoPrompt(options: EvoPromptOptions = {}): Optimizer {
  const resolved = resolveOptions(evoPromptSchema, options, { of: 'evoPrompt' });
  const { mode, population: size, generations, rows: mostRows, temperature, patience } = resolved;
  const prompts = withReplaced(evoPromptPrompts, resolved.prompts);
  return {
    name: 'evoPrompt',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Evolves a population of texts, which a model crosses and mutates: genetic or differential evolution.',
      when: 'Many different wordings are worth blending, and what goes wrong is hard to put into words.',
      cost: {
        task: 'population * (1 + generations) * min(rows, validation)',
        reflection: '2 * population * (1 + generations)',
      },
    },
    fresh: () => evoPrompt(options),
    estimate: ({ validation, callsPerRow }) => ({
      task: size * (1 + generations) * Math.min(validation, mostRows) * callsPerRow,
      reflection: reflectionCalls(size * (1 + generations)),
    }),
    async *optimize(context) {
      const { seed, program, validation, random, ask, admit, evaluate } = context;
      const rows = random.fork('rows').sample(validation, mostRows);
      const targets = textTargets(program);
      const [first] = targets;
      if (first === undefined) return seed;
      const scored = (drafts: Parameters<typeof admit>[0]) =>
        Promise.all(newCandidates(admit(drafts)).map((candidate) => evaluate(candidate, rows)));

      let best = await evaluate(seed, rows);
      const varied = await ask(
        Array.from({ length: size - 1 }, (_, sample) => ({
          label: 'population',
          sample,
          temperature: 1,
          signature: prompts.vary,
          inputs: { place: describeTarget(first), current: textOf(seed, first) },
        })),
      );
      const reworded = { target: first, parent: seed, origin: 'reworded', textsOf: textOfAnswer };
      let population: readonly CandidateEvaluation[] = [best, ...(await scored(rewrites(varied, reworded)))];
      for (
        let generation = 0, stale = 0;
        generation < generations && stale < patience;
        generation += 1, stale += 1
      ) {
        const leader = ranked(population)[0];
        if (isBetter(leader, best)) {
          best = leader;
          stale = 0;
          yield accepted(best, generation === 0 ? 'reworded' : `generation ${generation}`);
        }
        if (population.length < 2) {
          yield { type: 'notice', message: 'No two different texts are left, so nothing can be crossed.' };
          break;
        }
        const target = targets[generation % targets.length] ?? first;
        const setting = {
          target,
          best,
          temperature,
          generation,
          prompts,
          random: random.fork(`generation-${generation}`),
        };
        const slots = population.map((_, slot) => slot);
        const answers =
          mode === 'ga'
            ? await ask(crossings(population, size, setting))
            : await ask(differences(population, setting));
        const origin = `generation ${generation + 1}`;
        const textsOf = textOfAnswer;
        if (mode === 'ga') {
          const children = await scored(
            rewrites(answers, { target, parent: best.candidate, origin, textsOf }),
          );
          population = ranked([...population, ...children]).slice(0, size);
          continue;
        }
        const childOf = await Promise.all(
          slots.map(async (slot) => {
            const [answer, base] = [answers[slot], population[slot]];
            if (answer === undefined || base === undefined) return undefined;
            const made = { target, parent: base.candidate, origin, textsOf };
            return (await scored(rewrites([answer], made)))[0];
          }),
        );
        population = population.map((base, slot) => {
          const next = childOf[slot];
          return next !== undefined && pairedDifference(base, next).meanWithLost > 0 ? next : base;
        });
      }
      const leader = ranked(population)[0];
      if (isBetter(leader, best)) {
        best = leader;
        yield accepted(best, 'last generation');
      }
      return best.candidate;
    },
  };
}

interface Setting {
  readonly target: TextTarget;
  readonly best: CandidateEvaluation;
  readonly temperature: number;
  readonly generation: number;
  readonly prompts: typeof evoPromptPrompts;
  readonly random: Random;
}

const textOfAnswer = ({ text }: { readonly text: string }) => [text];

/** Best first; of equal ones the older. */
function ranked(population: readonly CandidateEvaluation[]): readonly CandidateEvaluation[] {
  return bestFirst(population, (each) => each);
}

/** Two different parents for every slot, the better the likelier. */
function crossings(
  population: readonly CandidateEvaluation[],
  size: number,
  { target, temperature, generation, prompts, random }: Setting,
): readonly Ask<{ readonly text: string }>[] {
  return Array.from({ length: size }, (_, sample) => {
    const stream = random.fork(`parents-${sample}`);
    const one = pickWeighted(weights(population), stream);
    const others = population.filter((_, index) => index !== one);
    const other = others[pickWeighted(weights(others), stream)];
    return {
      label: `generation-${generation}`,
      sample,
      temperature,
      signature: prompts.cross,
      inputs: {
        place: describeTarget(target),
        first: textAt(population[one], target),
        second: textAt(other, target),
      },
    };
  });
}

/** For every member two different others, the best, and itself as the base. */
function differences(
  population: readonly CandidateEvaluation[],
  { target, best, temperature, generation, prompts, random }: Setting,
): readonly Ask<{ readonly text: string }>[] {
  return population.map((base, sample) => {
    const others = population.filter((member) => member !== base);
    const [first, second] = random.fork(`donors-${sample}`).sample(others, 2);
    return {
      label: `generation-${generation}`,
      sample,
      temperature,
      signature: prompts.differ,
      inputs: {
        place: describeTarget(target),
        first: textAt(first, target),
        second: textAt(second ?? base, target),
        best: textAt(best, target),
        base: textAt(base, target),
      },
    };
  });
}

function weights(population: readonly CandidateEvaluation[]): readonly number[] {
  return population.map(({ mean }) => mean ?? 0);
}

function textAt(member: CandidateEvaluation | undefined, target: TextTarget): string {
  return member === undefined ? '' : textOf(member.candidate, target);
}
