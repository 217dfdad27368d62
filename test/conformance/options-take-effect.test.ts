import { describe, expect, test } from 'vitest';
import { allowedValues, type OptionSchema } from '../../src/base/allowed-values.ts';
import * as optimizers from '../../src/public/optimizers.ts';
import { optimizersWithOptions } from '../options/options-page.ts';
import { everyOptimizer, type Options } from './every-optimizer.ts';
import { type Course, courseIn, type World } from './option-worlds.ts';

/** Where an option shows, and another value of it. */
interface Flip {
  /** @default 'rules' */
  readonly in?: World;
  /** Options beside it, in both runs. */
  readonly with?: Options;
  /** @default a little less or more than it is */
  readonly to?: unknown;
  /** Several runs that are looked at together. */
  readonly alternatives?: readonly Flip[];
  /** A value that is refused, where the task leaves only one. */
  readonly refuses?: unknown;
}

const ucb = { selection: 'ucb', pulls: 4, subsets: 3 };
const grow = (name: 'meta' | 'demos') =>
  name === 'meta' ? optimizers.metaPrompt({ rounds: 1, drafts: 3, rows: 8 }) : optimizers.knnFewShot();

/** By optimizer and option, for those that a small step in a small run does not show. */
const flips: Readonly<Record<string, Readonly<Record<string, Flip>>>> = {
  ape: {
    kept: { to: 0.8 },
    pulls: { with: ucb, to: 1 },
    pullRows: { with: ucb, to: 1 },
    exploration: { in: 'many', with: { ...ucb, pulls: 8, pullRows: 1 }, to: 10 },
  },
  auto: {
    sets: { in: 'demos', to: 5 },
    demos: { in: 'demos', to: 2 },
    channelDemos: { in: 'choices', to: 1 },
    channelWords: { in: 'choices', to: 2 },
    words: { in: 'choices', to: 2 },
    layoutRows: { in: 'demos', to: 3 },
  },
  bestOf: { of: { to: [grow('meta')] } },
  betterTogether: {
    optimizers: { to: { d: grow('demos'), t: grow('meta') } },
    strategy: { to: 't -> d' },
  },
  bootstrapFewShot: { threshold: { in: 'graded' } },
  bootstrapRandomSearch: { threshold: { in: 'graded' } },
  calibrate: { step: { in: 'choices', refuses: 'nowhere' }, strength: { in: 'choices' } },
  capo: {
    block: { to: 4 },
    alpha: { with: { block: 4 }, to: 0.001 },
    lengthPenalty: { with: { steps: 3 }, to: 0 },
    patience: { in: 'misled', with: { steps: 4 }, to: 1 },
  },
  choiceEnsemble: {
    demos: { in: 'choices', to: 2 },
    words: { in: 'choices', to: 2 },
    rows: { in: 'choices', to: 6 },
    channelDemos: { in: 'choices', to: 1 },
    channelWords: { in: 'choices', to: 2 },
  },
  copro: { survivors: { in: 'many', with: { breadth: 5 }, to: 1 } },
  demoSetRace: {
    sets: { in: 'demos' },
    demos: { in: 'demos' },
    votes: { in: 'demos', to: 3 },
    firstRung: { in: 'demos', to: 4 },
  },
  ensemble: {
    optimizer: { in: 'demos', to: grow('demos') },
    runs: { in: 'demos', to: 3 },
    size: { in: 'demos', with: { runs: 3 }, to: 3 },
  },
  evoPrompt: {
    prompts: { alternatives: [{ with: { mode: 'ga' } }, { with: { mode: 'de' } }] },
    rows: { to: 5 },
    patience: { in: 'misled', with: { generations: 4 }, to: 1 },
  },
  failureTaxonomy: { classes: { to: 1 }, shown: { to: 1 }, rounds: { to: 3 } },
  hierarchicalReflective: { batch: { to: 3 }, prompts: { with: { batch: 3 } } },
  inferRules: { examples: { to: 4 } },
  fewShotBudget: {
    rows: { to: 4 },
    tokens: { in: 'demos', to: 50 },
  },
  gepa: {
    validationRows: { to: 4 },
    selection: { with: { rounds: 12, parents: 2 }, to: 'best' },
    component: { in: 'steps', to: 'all' },
    merges: { in: 'texts', with: { children: 4, minibatch: 6 }, to: 0 },
    remembered: { in: 'misled', with: { rounds: 4 }, to: 0 },
    patience: { in: 'misled', with: { rounds: 4 }, to: 1 },
  },
  knnFewShot: { nearest: { to: [2] } },
  layoutChoice: { rows: { to: 4 } },
  metaPrompt: { rows: { to: 4 } },
  mipro: { minibatch: { to: 5 }, fullEvery: { with: { trials: 4 }, to: 1 } },
  onPlateau: {
    stages: { to: [grow('demos'), grow('meta')] },
    share: { in: 'scarce', to: 0.02 },
    gain: { with: { runs: 3 }, to: 1 },
  },
  metaTextGrad: {
    optimizers: { to: { meta: () => grow('meta') } },
    proposals: { to: 2 },
  },
  opro: {
    shown: { to: 1 },
    survivors: { in: 'many', with: { perStep: 4 }, to: 4 },
    patience: { in: 'misled', with: { steps: 4 }, to: 1 },
  },
  parameterSearch: {
    trials: { in: 'number', to: 8 },
    atOnce: { in: 'number', to: 1 },
    rows: { in: 'number', to: 5 },
    levels: { in: 'number', to: 2 },
    localShare: { in: 'number', with: { trials: 8 }, to: 1 },
    startup: { in: 'number', with: { trials: 16 }, to: 1 },
  },
  proTeGi: {
    minibatch: { to: 4 },
    successors: { to: 1 },
    patience: { in: 'misled', with: { rounds: 4 }, to: 1 },
  },
  promptAgent: {
    iterations: { to: 1 },
    rows: { to: 5 },
    exploration: { with: { iterations: 6, depth: 3 }, to: 0 },
    prompts: { alternatives: [{}, { in: 'easy' }] },
    leastDepth: { with: { depth: 3 }, to: 0 },
  },
  promptBreeder: {
    batch: { to: 4 },
    demos: { with: { recombination: 1 }, to: 0 },
    prompts: { with: { population: 10, generations: 4 } },
  },
  promptLearning: {
    rules: { with: { mode: 'rules' }, to: 1 },
    patience: { in: 'misled', with: { loops: 4 }, to: 1 },
    prompts: { alternatives: [{}, { with: { mode: 'rules' } }] },
  },
  promptWizard: {
    seen: { to: 4 },
    passes: { in: 'easy', to: 1 },
    prompts: { alternatives: [{ with: { refinements: 6 } }, { in: 'easy' }] },
  },
  reflectiveClimb: {
    rows: { to: 4 },
    patience: { in: 'misled', with: { rounds: 4 }, to: 1 },
    restarts: { in: 'misled', with: { rounds: 8, patience: 1 }, to: 0 },
    remembered: { in: 'misled', with: { rounds: 3 }, to: 0 },
    shown: { to: 1 },
  },
  restarts: { optimizer: { to: grow('demos') } },
  sequence: { stages: { to: [grow('demos')] } },
  simba: { demos: { to: 0 }, sharpness: { with: { steps: 3 }, to: 5 } },
  spo: { fresh: { with: { rounds: 3 }, to: 1 }, finalists: { with: { rounds: 8 }, to: 1 } },
  structure: { rows: { to: 4 }, mutations: { to: 2 } },
  textGrad: {
    constraints: { to: ['Write no more than ninety words.'] },
    revert: { in: 'misled', with: { steps: 4 }, to: false },
    prompts: { with: { reduce: 'mean' } },
  },
};

const schemas = new Map((await optimizersWithOptions()).map(({ name, schema }) => [name, schema]));

describe.each(everyOptimizer)('$name', (optimizer) => {
  const { properties = {} } = schemas.get(optimizer.name) ?? {};
  const courses = new Map<string, Promise<Course>>();
  const courseWith = (world: World, options: Options) => {
    const key = JSON.stringify([world, options]);
    const course = courses.get(key) ?? courseIn(world, optimizer.create(options));
    courses.set(key, course);
    return course;
  };

  const plain = Object.keys(properties).filter((option) => option !== 'prompts');
  test.each(plain)('does otherwise with another %s', async (option) => {
    const flip = flips[optimizer.name]?.[option] ?? {};
    const { in: world = 'rules', with: beside = {} } = flip;
    if ('refuses' in flip) {
      await expect(courseIn(world, optimizer.create({ [option]: flip.refuses }))).rejects.toThrow(
        String(flip.refuses),
      );
      return;
    }
    const now = beside[option] ?? optimizer.small[option] ?? properties[option]?.default;
    const to = flip.to ?? another(properties[option] ?? {}, now);
    const before = await courseWith(world, beside);
    const after = await courseIn(world, optimizer.create({ ...beside, [option]: to }));
    expect(after.course === before.course, `${JSON.stringify(now)} and ${JSON.stringify(to)}`).toBe(false);
  });

  const prompts = Object.keys(properties.prompts?.properties ?? {});
  test.runIf(prompts.length > 0)(
    'sends the instructions that replace those of each of its prompts',
    async () => {
      const own = flips[optimizer.name]?.prompts ?? {};
      const replaced = Object.fromEntries(
        prompts.map((name) => [name, `Instructions of ${name} as I want them.`]),
      );
      const runs = await Promise.all(
        (own.alternatives ?? [own]).map(({ in: world = 'rules', with: options }) =>
          courseIn(world, optimizer.create({ ...options, prompts: replaced })),
        ),
      );
      const reflections = runs.flatMap((run) => run.reflections);
      const unsent = prompts.filter(
        (name) => !reflections.some((text) => text.includes(`of ${name} as I want`)),
      );
      expect(unsent).toEqual([]);
    },
  );
});

/** A value that an option may have and has not. */
function another(schema: OptionSchema, now: unknown): unknown {
  const { type, enum: allowed, minimum = 0, maximum = 1 } = schema;
  if (allowed !== undefined) return allowed.find((each) => each !== now);
  if (type === 'boolean') return now !== true;
  if (type === 'integer') return Number(now) > Number(minimum) ? Number(now) - 1 : Number(now) + 1;
  if (type === 'number') return Number(now) > 0 ? Number(now) / 2 : Number(maximum) / 2;
  if (type === 'string') return 'An answer is good when it is kind.';
  throw new TypeError(`Say what else an option may be that is ${allowedValues(schema)}.`);
}
