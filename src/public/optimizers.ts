export { type CalibrateOptions, calibrate } from '../optimizer/calibrate.ts';
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
