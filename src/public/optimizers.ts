export type { Random } from '../base/random.ts';
export { type AutoOptions, auto } from '../optimizer/method/auto.ts';
export { type BootstrapFewShotOptions, bootstrapFewShot } from '../optimizer/method/bootstrap-few-shot.ts';
export {
  type BootstrapRandomSearchOptions,
  bootstrapRandomSearch,
} from '../optimizer/method/bootstrap-random-search.ts';
export { type CalibrateOptions, calibrate } from '../optimizer/method/calibrate.ts';
export { type LabeledFewShotOptions, labeledFewShot } from '../optimizer/method/labeled-few-shot.ts';
export type {
  Ask,
  BudgetView,
  CallEstimate,
  CandidateEvaluation,
  Draft,
  OptimizationContext,
  OptimizationEvent,
  Optimizer,
  RacePlan,
  RaceResult,
  StopReason,
  TaskSize,
} from '../optimizer/optimizer.ts';
