import type { Optimizer } from '../../src/optimizer/optimizer.ts';
import * as optimizers from '../../src/public/optimizers.ts';

/** Options as an optimizer takes them. */
export type Options = Readonly<Record<string, unknown>>;

/** An optimizer with options that make its runs small, and others that still reach every branch of it. */
export interface SmallOptimizer {
  readonly name: string;
  /** The smallest run that does everything that the method does. */
  readonly small: Options;
  create(changes?: Options): Optimizer;
}

const inner = () => optimizers.metaPrompt({ rounds: 1, drafts: 2, rows: 8 });
const shown = () => optimizers.labeledFewShot({ demos: 4 });

/** By name of the export: a new optimizer needs a line here. */
const smallOptions: Readonly<Record<string, Options>> = {
  ape: { subsets: 2, perSubset: 2, resampling: 1 },
  auto: { rounds: 1, sets: 2, demos: 4 },
  bestOf: { of: [shown(), inner()] },
  betterTogether: { optimizers: { d: shown(), t: inner() }, strategy: 'd -> t' },
  bootstrapFewShot: { demos: 6, bootstrapped: 3 },
  bootstrapRandomSearch: { candidates: 3, demos: 6, bootstrapped: 3 },
  calibrate: {},
  capo: { population: 3, steps: 2, crossovers: 2 },
  choiceEnsemble: { channelDemos: 2, words: 12 },
  copro: { breadth: 3, depth: 2 },
  demoSetRace: { sets: 3, demos: 4 },
  ensemble: { optimizer: optimizers.demoSetRace({ sets: 2, demos: 3 }), runs: 2, size: 2 },
  evoPrompt: { population: 3, generations: 2 },
  failureTaxonomy: { runs: 1 },
  fewShotBudget: { pool: 6, trials: 4, rows: 10 },
  gepa: { rounds: 3, parents: 1 },
  hierarchicalReflective: { rounds: 1, modes: 2, retries: 1 },
  inferRules: { candidates: 2 },
  knnFewShot: {},
  labeledFewShot: { demos: 4 },
  layoutChoice: { demos: 4 },
  metaPrompt: { rounds: 1, drafts: 2 },
  metaTextGrad: {
    optimizers: {
      meta: (prompts?: Readonly<Record<string, string>>) =>
        optimizers.metaPrompt({ rounds: 1, drafts: 2, rows: 8, prompts }),
    },
    proposals: 1,
    compositions: 1,
    stages: 1,
  },
  mipro: { trials: 3, demos: 2 },
  onPlateau: { stages: [inner(), shown()], runs: 2 },
  opro: { steps: 2, perStep: 2 },
  parameterSearch: { trials: 4 },
  proTeGi: { rounds: 2, gradients: 2 },
  promptAgent: { iterations: 2, depth: 2, width: 2 },
  promptBreeder: { population: 4, generations: 2, demos: 2, recombination: 0.5 },
  promptLearning: { loops: 2, rows: 16, batch: 8 },
  promptWizard: { iterations: 1, rounds: 1, styles: 2, refinements: 2 },
  reflectiveClimb: { rounds: 2, proposals: 2 },
  restarts: { optimizer: inner(), times: 2 },
  sequence: { stages: [shown(), inner()] },
  simba: { steps: 2, batch: 16, samples: 3, candidates: 3 },
  spo: { rounds: 2 },
  structure: { depth: 2, width: 2, mutations: 6, rows: 16 },
  textGrad: { steps: 2 },
};

type Factory = (options?: Options) => Optimizer;
const factories = optimizers as unknown as Readonly<Record<string, Factory>>;

/** The names of all optimizers that the package exports. */
export const exportedNames = Object.keys(factories)
  .filter((name) => typeof factories[name] === 'function')
  .sort();

export const everyOptimizer: readonly SmallOptimizer[] = exportedNames.map((name) => {
  const small = smallOptions[name];
  const factory = factories[name];
  if (small === undefined || factory === undefined) {
    throw new TypeError(`${name} has no small options in test/conformance/every-optimizer.ts.`);
  }
  return { name, small, create: (changes = {}) => factory({ ...small, ...changes }) };
});

/** Those that ask a model for texts. */
export const reflecting = everyOptimizer.filter(({ create }) => create().needs.reflectionModel === true);
