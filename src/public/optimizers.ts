export type { Random } from '../base/random.ts';
export { type ApeOptions, ape } from '../optimizer/method/ape.ts';
export { type AutoOptions, auto } from '../optimizer/method/auto.ts';
export { type BestOfOptions, bestOf } from '../optimizer/method/best-of.ts';
export { type BetterTogetherOptions, betterTogether } from '../optimizer/method/better-together.ts';
export { type BootstrapFewShotOptions, bootstrapFewShot } from '../optimizer/method/bootstrap-few-shot.ts';
export {
  type BootstrapRandomSearchOptions,
  bootstrapRandomSearch,
} from '../optimizer/method/bootstrap-random-search.ts';
export { type CalibrateOptions, calibrate } from '../optimizer/method/calibrate.ts';
export { type CapoOptions, capo } from '../optimizer/method/capo.ts';
export { type ChoiceEnsembleOptions, choiceEnsemble } from '../optimizer/method/choice-ensemble.ts';
export { type CoproOptions, copro } from '../optimizer/method/copro.ts';
export { type DemoSetRaceOptions, demoSetRace } from '../optimizer/method/demo-set-race.ts';
export { type EnsembleOptions, ensemble } from '../optimizer/method/ensemble.ts';
export { type EvoPromptOptions, evoPrompt } from '../optimizer/method/evo-prompt.ts';
export { type FailureTaxonomyOptions, failureTaxonomy } from '../optimizer/method/failure-taxonomy.ts';
export { type FewShotBudgetOptions, fewShotBudget } from '../optimizer/method/few-shot-budget.ts';
export { type GepaOptions, gepa } from '../optimizer/method/gepa.ts';
export {
  type HierarchicalReflectiveOptions,
  hierarchicalReflective,
} from '../optimizer/method/hierarchical-reflective.ts';
export { type InferRulesOptions, inferRules } from '../optimizer/method/infer-rules.ts';
export { type KnnFewShotOptions, knnFewShot } from '../optimizer/method/knn-few-shot.ts';
export { type LabeledFewShotOptions, labeledFewShot } from '../optimizer/method/labeled-few-shot.ts';
export { type LayoutChoiceOptions, layoutChoice } from '../optimizer/method/layout-choice.ts';
export { type MetaPromptOptions, metaPrompt } from '../optimizer/method/meta-prompt.ts';
export {
  type MetaTextGradOptions,
  metaTextGrad,
  type OptimizerWithPrompts,
} from '../optimizer/method/meta-text-grad.ts';
export { type MiproOptions, mipro } from '../optimizer/method/mipro.ts';
export { type OnPlateauOptions, onPlateau } from '../optimizer/method/on-plateau.ts';
export { type OproOptions, opro } from '../optimizer/method/opro.ts';
export { type ParameterSearchOptions, parameterSearch } from '../optimizer/method/parameter-search.ts';
export { type ProTeGiOptions, proTeGi } from '../optimizer/method/pro-te-gi.ts';
export { type PromptAgentOptions, promptAgent } from '../optimizer/method/prompt-agent.ts';
export { type PromptBreederOptions, promptBreeder } from '../optimizer/method/prompt-breeder.ts';
export { type PromptLearningOptions, promptLearning } from '../optimizer/method/prompt-learning.ts';
export { type PromptWizardOptions, promptWizard } from '../optimizer/method/prompt-wizard.ts';
export { type ReflectiveClimbOptions, reflectiveClimb } from '../optimizer/method/reflective-climb.ts';
export { type RestartsOptions, restarts } from '../optimizer/method/restarts.ts';
export { type SequenceOptions, sequence } from '../optimizer/method/sequence.ts';
export { type SimbaOptions, simba } from '../optimizer/method/simba.ts';
export { type SpoOptions, spo } from '../optimizer/method/spo.ts';
export { type StructureOptions, structure } from '../optimizer/method/structure.ts';
export { type TextGradOptions, textGrad } from '../optimizer/method/text-grad.ts';
export type {
  Admission,
  Ask,
  AskResult,
  Because,
  BudgetView,
  CallEstimate,
  CandidateEvaluation,
  Decision,
  Draft,
  EvaluateCandidateOptions,
  NestOptions,
  NestResult,
  Objective,
  OptimizationContext,
  OptimizationEvent,
  Optimizer,
  OptimizerGuide,
  Preference,
  PreferencePair,
  RacePlan,
  RaceResult,
  RunEvent,
  StopReason,
  TaskSize,
} from '../optimizer/optimizer.ts';
