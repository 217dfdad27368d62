/** A default of an optimizer beside the one that its authors published, or their code has. */
export interface PublishedDefault {
  readonly option: string;
  readonly published: unknown;
  /** Why ours is another. */
  readonly because?: string;
}

const calls = 'so that a run fits into some hundreds of calls; raise it where calls are cheap';

/** By optimizer: what is published. Options of our own, which no publication has, are left out. */
export const publishedDefaults: Readonly<Record<string, readonly PublishedDefault[]>> = {
  ape: [
    { option: 'subsets', published: 5 },
    { option: 'perSubset', published: 10, because: `30 proposals instead of 50, ${calls}` },
    { option: 'examples', published: 5 },
    {
      option: 'selection',
      published: 'ucb',
      because: 'a race compares on the same rows, where each arm of a bandit meets rows of its own',
    },
    { option: 'pulls', published: 20 },
    { option: 'pullRows', published: 5 },
    { option: 'exploration', published: 1 },
    { option: 'temperature', published: 0.9 },
  ],
  bootstrapFewShot: [
    { option: 'bootstrapped', published: 4 },
    { option: 'demos', published: 16 },
    {
      option: 'threshold',
      published: 'any score above 0',
      because: 'half a mark would make a wrong answer an example to follow',
    },
  ],
  bootstrapRandomSearch: [
    { option: 'candidates', published: 16 },
    { option: 'bootstrapped', published: 4 },
    { option: 'demos', published: 16 },
    {
      option: 'threshold',
      published: 'any score above 0',
      because: 'half a mark would make a wrong answer an example to follow',
    },
  ],
  capo: [
    { option: 'population', published: 10, because: calls },
    { option: 'steps', published: 10, because: calls },
    { option: 'crossovers', published: 4 },
    { option: 'shots', published: 5 },
    { option: 'block', published: 30, because: 'validation sets of tens of rows would have one block only' },
    { option: 'alpha', published: 0.2 },
    { option: 'lengthPenalty', published: 0.05 },
  ],
  copro: [
    { option: 'breadth', published: 10 },
    { option: 'depth', published: 3 },
    { option: 'temperature', published: 1.4 },
  ],
  evoPrompt: [
    { option: 'population', published: 10 },
    { option: 'generations', published: 10 },
    { option: 'rows', published: 50 },
    { option: 'temperature', published: 0.5 },
  ],
  gepa: [
    { option: 'minibatch', published: 3 },
    { option: 'selection', published: 'pareto' },
    { option: 'component', published: 'roundRobin' },
    { option: 'merges', published: 5 },
    { option: 'parents', published: 1, because: 'two rewritings of a round are asked for at once' },
    {
      option: 'remembered',
      published: 0,
      because: 'without them the same rejected change is proposed again',
    },
    {
      option: 'validationRows',
      published: 'all',
      because:
        'an accepted rewriting on 30 rows instead of 60 reached more with fewer calls on our simulated task',
    },
    { option: 'temperature', published: 1 },
  ],
  hierarchicalReflective: [
    { option: 'batch', published: 25 },
    { option: 'retries', published: 2 },
  ],
  inferRules: [
    { option: 'candidates', published: 10 },
    { option: 'rules', published: 10 },
    {
      option: 'examples',
      published: 'all',
      because: 'a request is bounded, and sets of rules from other rows differ more',
    },
    { option: 'temperature', published: 1 },
  ],
  labeledFewShot: [{ option: 'demos', published: 16 }],
  mipro: [
    { option: 'size', published: 'light' },
    {
      option: 'classic',
      published: true,
      because: 'of ten trials eight would be at random, on other rows each, and never learn from failures',
    },
    { option: 'demos', published: 4 },
    { option: 'minibatch', published: 35 },
    { option: 'fullEvery', published: 5 },
    { option: 'temperature', published: 1 },
  ],
  opro: [
    { option: 'steps', published: 200, because: `1,600 requests and as many evaluations, ${calls}` },
    { option: 'perStep', published: 8 },
    { option: 'shown', published: 20 },
    { option: 'exemplars', published: 3 },
    { option: 'temperature', published: 1 },
  ],
  parameterSearch: [
    { option: 'trials', published: 20 },
    { option: 'localShare', published: 0.3 },
  ],
  proTeGi: [
    { option: 'rounds', published: 6 },
    { option: 'beam', published: 4 },
    { option: 'minibatch', published: 64, because: calls },
    { option: 'gradients', published: 4 },
    { option: 'errors', published: 4 },
    { option: 'reasons', published: 1 },
    { option: 'edits', published: 1 },
    { option: 'variations', published: 2, because: calls },
    { option: 'successors', published: 8 },
    { option: 'temperature', published: 0.7 },
  ],
  promptAgent: [
    { option: 'iterations', published: 12, because: calls },
    { option: 'depth', published: 5 },
    { option: 'width', published: 3 },
    { option: 'minibatch', published: 5 },
    { option: 'rows', published: 50 },
    { option: 'exploration', published: 2.5 },
    { option: 'leastDepth', published: 2 },
    { option: 'temperature', published: 1 },
  ],
  promptBreeder: [
    { option: 'population', published: 50, because: calls },
    { option: 'generations', published: 25, because: calls },
    { option: 'batch', published: 100, because: calls },
    { option: 'recombination', published: 0.1 },
  ],
  promptLearning: [
    { option: 'loops', published: 5 },
    { option: 'rows', published: 150, because: calls },
  ],
  promptWizard: [
    { option: 'iterations', published: 3 },
    { option: 'rounds', published: 3 },
    { option: 'styles', published: 5 },
    { option: 'passes', published: 3 },
    { option: 'seen', published: 25 },
    { option: 'shots', published: 5 },
    { option: 'refinements', published: 3 },
    { option: 'persona', published: true },
  ],
  simba: [
    { option: 'steps', published: 8 },
    { option: 'batch', published: 32 },
    { option: 'samples', published: 6 },
    { option: 'candidates', published: 6 },
    { option: 'demos', published: 4 },
    { option: 'sharpness', published: 0.2 },
  ],
  spo: [
    { option: 'rounds', published: 9 },
    { option: 'questions', published: 3 },
    { option: 'fresh', published: 0, because: 'three rows alone would decide everything' },
    { option: 'temperature', published: 0.7 },
  ],
  structure: [
    { option: 'width', published: 4 },
    { option: 'depth', published: 6 },
    { option: 'mutations', published: 8 },
  ],
  textGrad: [
    { option: 'steps', published: 12 },
    { option: 'batch', published: 3 },
    { option: 'momentum', published: 0 },
    { option: 'revert', published: false, because: 'a step that made it worse would be built on' },
  ],
};

/** Those that no publication gives defaults for, and why. */
export const withoutPublished: Readonly<Record<string, string>> = {
  auto: 'a composition of our own',
  bestOf: 'a composition of our own',
  betterTogether: 'its optimizers and strategy are always given',
  calibrate: 'the whole correction is applied, as published',
  choiceEnsemble: 'a composition of our own',
  demoSetRace: 'a race of our own',
  ensemble: 'published without a number of members',
  failureTaxonomy: 'its numbers depend on the size of the set of failures',
  fewShotBudget: 'published as an analysis, not as a search',
  knnFewShot: 'the number of nearest rows is always given there; here several race',
  layoutChoice: 'a race of our own',
  metaPrompt: 'a family of methods without one publication',
  metaTextGrad: 'published with numbers for each experiment',
  onPlateau: 'a composition of our own',
  reflectiveClimb: 'a climb of our own',
  restarts: 'a composition of our own',
  sequence: 'a composition of our own',
};
