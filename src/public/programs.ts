export { chainOfThought } from '../program/chain-of-thought.ts';
export { type PredictOptions, predict } from '../program/predict.ts';
export type {
  ParameterSpec,
  Prediction,
  Program,
  ProgramShape,
  Runtime,
  StepShape,
} from '../program/program.ts';
export type { Trace, TraceStep } from '../program/trace.ts';
