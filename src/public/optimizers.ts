export { type AutoOptions, auto } from '../optimizer/auto.ts';
export { type BootstrapFewShotOptions, bootstrapFewShot } from '../optimizer/bootstrap-few-shot.ts';
export {
  type BootstrapRandomSearchOptions,
  bootstrapRandomSearch,
} from '../optimizer/bootstrap-random-search.ts';
export { type CalibrateOptions, calibrate } from '../optimizer/calibrate.ts';
export { type LabeledFewShotOptions, labeledFewShot } from '../optimizer/labeled-few-shot.ts';
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
