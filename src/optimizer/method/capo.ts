import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { signFlipTest } from '../../evaluation/statistics/sign-flip.ts';
import {
  type Candidate,
  type Demo,
  hashCandidate,
  parameterName,
  parameterOf,
} from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { tracedDemo } from '../part/bootstrap.ts';
import { accepted } from '../part/decisions.ts';
import type { TracedRow } from '../part/demo-pools.ts';
import { labelledDemo } from '../part/demo-sets.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { pairedValues } from '../part/paired-difference.ts';
import { promptTokens } from '../part/prompt-length.ts';
import { reflectionCalls } from '../part/reflection.ts';
import { answeredRows, scoreOf } from '../part/row-records.ts';
import { onSharedRows } from '../part/shared-rows.ts';
import { describeTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';

const place = 'where the text is used';
const text = 'the new text, whole and ready for use';

/** What it asks. */
export const capoPrompts = {
  merge: signature(
    { inputs: { place: 'string', first: 'string', second: 'string' }, outputs: { text: 'string' } },
    {
      instructions:
        'Two texts tell a language model how to do the same task. Make one of them that keeps the strengths of both. ' +
        'Keep every {{slot}}.',
      descriptions: { place, first: 'one text', second: 'the other text', text },
    },
  ),
  restyle: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions: 'Say the same in a clearly different style. The meaning and every {{slot}} stay.',
      descriptions: { place, current: 'the text', text },
    },
  ),
};

/** What the options are checked by. */
export const capoSchema = z.strictObject({
  population: z.int().min(2).max(100).default(8).describe('Candidates that survive a race.'),
  steps: z.int().min(1).max(100).default(8).describe('Generations.'),
  crossovers: z.int().min(1).max(100).default(4).describe('New candidates of a generation.'),
  shots: z.int().min(0).max(64).default(5).describe('Most demos of a step.'),
  block: z.int().min(1).max(1_000).default(15).describe('Rows between two decisions of a race.'),
  alpha: z.number().gt(0).lt(0.5).default(0.2).describe('One-sided level at which a candidate is beaten.'),
  lengthPenalty: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Score that the longest prompt of the first population loses; others in proportion.'),
  patience: z.int().min(1).max(100).default(4).describe('Generations without a new best before it stops.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(capoPrompts),
});

export interface CapoOptions {
  /** Candidates that survive a race. @default 8 */
  readonly population?: number | undefined;
  /** Generations. @default 8 */
  readonly steps?: number | undefined;
  /** New candidates of a generation. @default 4 */
  readonly crossovers?: number | undefined;
  /** Most demos of a step. @default 5 */
  readonly shots?: number | undefined;
  /** Rows between two decisions of a race. @default 15 */
  readonly block?: number | undefined;
  /** One-sided level at which a candidate is beaten. @default 0.2 */
  readonly alpha?: number | undefined;
  /** Score that the longest prompt of the first population loses; others in proportion. @default 0.05 */
  readonly lengthPenalty?: number | undefined;
  /** Generations without a new best before it stops. @default 4 */
  readonly patience?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly merge?: string | undefined; readonly restyle?: string | undefined }
    | undefined;
}

/**
 * Evolves instructions together with demos: parents are merged, restyled and given other demos, and old and new race
 * on blocks of rows, where whoever enough others beat leaves early and a longer prompt must earn its length.
 *
 * @see Zehle et al. 2025, "CAPO: Cost-Aware Prompt Optimization", https://arxiv.org/abs/2504.16005. Deviations:
 *   blocks are shuffled anew for each generation; a permutation test instead of a t-test; the penalty also counts
 *   in the last ranking.
 */
export function capo(options: CapoOptions = {}): Optimizer {
  const resolved = resolveOptions(capoSchema, options, { of: 'capo' });
  const { population: size, steps, crossovers, shots, lengthPenalty, patience, temperature } = resolved;
  const prompts = withReplaced(capoPrompts, resolved.prompts);
  return {
    name: 'capo',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Evolves instructions together with demos in races, where a longer prompt must earn its length.',
      when: 'Short prompts matter, and there are labelled rows for demos.',
      cost: {
        task: 'validation * (1 + population + steps * crossovers) + 2 * min(train, population * shots) + steps * crossovers * shots',
        reflection: '2 * (population + 2 * steps * crossovers)',
      },
    },
    fresh: () => capo(options),
    estimate: ({ train, validation, callsPerRow }) => ({
      task:
        (validation * (1 + size + steps * crossovers) +
          Math.min(train, size * shots) * 2 +
          steps * crossovers * shots) *
        callsPerRow,
      reflection: reflectionCalls(size + 2 * steps * crossovers),
    }),
    async *optimize(context) {
      const { seed, program, validation, random, ask, admit, evaluate } = context;
      const targets = textTargets(program);
      const [first] = targets;
      if (first === undefined) return seed;
      let best = await evaluate(seed, validation);
      const varied = await ask(
        Array.from({ length: size - 1 }, (_, sample) => ({
          label: 'population',
          sample,
          temperature,
          signature: prompts.restyle,
          inputs: { place: describeTarget(first), current: textOf(seed, first) },
        })),
      );
      const founders = [
        seed,
        ...varied.map((answer) =>
          answer.status === 'answered' ? { ...seed, ...textChange(first, answer.outputs.text.trim()) } : seed,
        ),
      ];
      const generation = await Promise.all(
        founders.map(async (founder, index) => {
          const stream = random.fork(`founder-${index}`);
          const changes = {
            ...founder,
            ...(await demosOf(context, { of: seed, count: stream.integer(shots + 1), random: stream })),
          };
          const [admission] = admit([{ changes, origin: 'first generation' }]);
          return admission === undefined || admission.status === 'rejected' ? seed : admission.candidate;
        }),
      );
      // Where a founder was refused the seed stands for it, once.
      let population: readonly Candidate[] = [
        ...new Map(generation.map((candidate) => [hashCandidate(candidate), candidate])).values(),
      ];
      const longest = Math.max(1, ...population.map(promptTokens));
      const worth = (evaluation: CandidateEvaluation) =>
        (evaluation.mean ?? 0) - (lengthPenalty * promptTokens(evaluation.candidate)) / longest;
      for (let step = 0, stale = 0; step < steps && stale < patience; step += 1, stale += 1) {
        const stream = random.fork(`step-${step}`);
        const target = targets[step % targets.length] ?? first;
        const couples = Array.from({ length: crossovers }, (_, index) =>
          stream.fork(`parents-${index}`).sample(population, 2),
        );
        const merged = await ask(
          couples.map(([one = seed, other = one], sample) => ({
            label: `step-${step}/merge`,
            sample,
            temperature,
            signature: prompts.merge,
            inputs: {
              place: describeTarget(target),
              first: textOf(one, target),
              second: textOf(other, target),
            },
          })),
        );
        const restyled = await ask(
          merged.map((answer, sample) => ({
            label: `step-${step}/restyle`,
            sample,
            temperature,
            signature: prompts.restyle,
            inputs: {
              place: describeTarget(target),
              current:
                answer.status === 'answered'
                  ? answer.outputs.text
                  : textOf(couples[sample]?.[0] ?? seed, target),
            },
          })),
        );
        const drafts = await Promise.all(
          restyled.map(async (answer, index) => {
            const [one = seed, other = one] = couples[index] ?? [];
            const mutated = await crossedDemos(context, {
              one,
              other,
              shots,
              random: stream.fork(`demos-${index}`),
            });
            const given = answer.status === 'answered' ? textChange(target, answer.outputs.text.trim()) : {};
            return {
              changes: { ...mutated, ...given },
              parents: [one, other],
              origin: `crossed in step ${step + 1}`,
            };
          }),
        );
        const children = admit(drafts).flatMap((admission) =>
          admission.status === 'admitted' ? [admission.candidate] : [],
        );
        const order = stream.fork('blocks').shuffle(validation);
        const finalists = await raceInBlocks(context, [...population, ...children], {
          ...resolved,
          order,
          worth,
          random: stream.fork('tests'),
        });
        population = finalists.map(({ candidate }) => candidate);
        const whole = finalists.filter(({ results }) => results.length === validation.length);
        const [leader] = ranked(whole, worth);
        if (!isBetter(leader, best)) continue;
        best = leader;
        stale = -1;
        yield accepted(best, `step ${step + 1}`);
      }
      const last = await Promise.all(
        population.slice(0, 3).map((candidate) => evaluate(candidate, validation)),
      );
      const [leader] = ranked(last, worth);
      if (!isBetter(leader, best)) return best.candidate;
      yield accepted(leader, 'last population');
      return leader.candidate;
    },
  };
}

type BlockRace = z.output<typeof capoSchema> & {
  readonly order: readonly Example[];
  readonly worth: (evaluation: CandidateEvaluation) => number;
  readonly random: Random;
};

/** Block after block, until no more than the population are left or the rows are used up; best first. */
async function raceInBlocks(
  { evaluate }: OptimizationContext,
  candidates: readonly Candidate[],
  { population: size, block, alpha, order, worth, random }: BlockRace,
): Promise<readonly CandidateEvaluation[]> {
  let running = candidates;
  let scored: readonly CandidateEvaluation[] = [];
  for (let rows = block; ; rows += block) {
    const seen = order.slice(0, rows);
    scored = await Promise.all(running.map((candidate) => evaluate(candidate, seen)));
    if (running.length > size) {
      const beatenBy = scored.map(
        (one, at) =>
          scored.filter((other, index) => {
            const extra = worth(other) - (other.mean ?? 0) - (worth(one) - (one.mean ?? 0));
            const differences = pairedValues(one, other).map(([before, after]) => after - before + extra);
            if (differences.length === 0) return false;
            const stream = random.fork(`${rows}/${at}/${index}`);
            return signFlipTest(differences, { random: stream, resamples: 1_000 }).oneSided < alpha;
          }).length,
      );
      const staying = scored.filter((_, index) => (beatenBy[index] ?? 0) < size);
      scored = staying.length >= size ? staying : ranked(scored, worth).slice(0, size);
      running = scored.map(({ candidate }) => candidate);
    }
    if (running.length <= size || rows >= order.length) return ranked(scored, worth).slice(0, size);
  }
}

function ranked(
  evaluations: readonly CandidateEvaluation[],
  worth: (evaluation: CandidateEvaluation) => number,
): readonly CandidateEvaluation[] {
  const shared = onSharedRows(evaluations);
  const values = new Map(
    evaluations.map((each, place) => [each, worth(shared[place] ?? { ...each, mean: undefined })]),
  );
  return [...evaluations].sort((a, b) => (values.get(b) ?? 0) - (values.get(a) ?? 0));
}

interface DemoPlan {
  readonly of: Candidate;
  readonly count: number;
  readonly random: Random;
}

/** Demos from train: as the candidate itself answered them where that was right, else with the label. */
async function demosOf(
  { program, train, evaluate }: OptimizationContext,
  { of, count, random }: DemoPlan,
): Promise<Candidate> {
  const steps = program.steps.filter(({ name }) =>
    program.parameters.some((parameter) => parameter.name === parameterName(name, 'demos')),
  );
  if (count === 0 || steps.length === 0) return {};
  const rows = random.sample(train, count);
  const answered = answeredRows(await evaluate(of, rows, { traces: true }), rows);
  const changes: Record<string, Candidate[string]> = {};
  for (const step of steps) {
    const demos = answered.flatMap(({ example, result }): readonly Demo[] => {
      const good: TracedRow = { example, result };
      const own = (scoreOf(result) ?? 0) >= 1 ? tracedDemo(good, step) : undefined;
      const demo = own ?? labelledDemo(example, step);
      return demo === undefined ? [] : [demo];
    });
    if (demos.length > 0) changes[parameterName(step.name, 'demos')] = { kind: 'demos', sets: [{ demos }] };
  }
  return changes;
}

/** Half of both parents' demos, then one more, one fewer or as many; in random order. */
async function crossedDemos(
  context: OptimizationContext,
  {
    one,
    other,
    shots,
    random,
  }: { readonly one: Candidate; readonly other: Candidate; readonly shots: number; readonly random: Random },
): Promise<Candidate> {
  const changes: Record<string, Candidate[string]> = {};
  const kind = random.integer(3);
  const added = kind === 0 && shots > 0 ? await demosOf(context, { of: one, count: 1, random }) : {};
  for (const { name } of context.program.steps) {
    const parameter = parameterName(name, 'demos');
    const [ofOne, ofOther, fresh] = [one, other, added].map(
      (candidate: Candidate) => parameterOf(candidate, parameter, 'demos')?.sets[0]?.demos ?? [],
    ) as [readonly Demo[], readonly Demo[], readonly Demo[]];
    const union = new Map([...ofOne, ...ofOther].map((demo) => [demo.source ?? JSON.stringify(demo), demo]));
    if (union.size === 0 && fresh.length === 0) continue;
    const kept = random.sample([...union.values()], Math.floor((ofOne.length + ofOther.length) / 2));
    const demos = [...(kind === 1 ? kept.slice(1) : kept), ...fresh].slice(0, shots);
    changes[parameter] = {
      kind: 'demos',
      sets: demos.length === 0 ? [] : [{ demos: random.shuffle(demos) }],
    };
  }
  return changes;
}
