export { chainOfThought } from '../program/chain-of-thought.ts';
export { type PredictOptions, predict } from '../program/predict.ts';
export type {
  ParameterSpec,
  Prediction,
  PredictorShape,
  Program,
  ProgramShape,
  Runtime,
  Trace,
  TraceStep,
} from '../program/program.ts';
