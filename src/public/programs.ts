export {
  candidateFromDspy,
  type DspyCandidate,
  type DspyCandidateOptions,
} from '../exchange/dspy/dspy-candidate.ts';
export { type ExportDspyOptions, type ExportedDspy, exportDspy } from '../exchange/dspy/export-dspy.ts';
export {
  type ImportDspyOptions,
  type ImportedDspy,
  type ImportedDspyStep,
  importDspy,
} from '../exchange/dspy/import-dspy.ts';
export {
  type GepaCandidate,
  type ImportedGepa,
  type ImportGepaOptions,
  importGepaCandidates,
} from '../exchange/gepa-candidates.ts';
export {
  type ExportedModule,
  type ExportModuleOptions,
  exportModule,
} from '../exchange/module/export-module.ts';
export type { ModuleSdk } from '../exchange/module/sdk-source.ts';
export { type AppCall, type AppProgramOptions, appProgram } from '../program/app-program.ts';
export { type BestOfNOptions, bestOfN } from '../program/best-of-n.ts';
export { type Branches, type BranchOptions, branch } from '../program/branch.ts';
export { chainOfThought, type WithReasoning } from '../program/chain-of-thought.ts';
export type { CompositionError } from '../program/composed-types.ts';
export { type ConductorOptions, conductor } from '../program/conductor.ts';
export { createProgram, type ProgramDefinition } from '../program/create-program.ts';
export {
  type CustomProgramOptions,
  type ProgramContext,
  type ProgramSteps,
  program,
  type StepCall,
  type StepCallOptions,
} from '../program/custom-program.ts';
export { type EmbeddingIndexOptions, embeddingIndex } from '../program/embedding-index.ts';
export { type EnsembleProgramOptions, ensemble } from '../program/ensemble.ts';
export { type FreezeOptions, freezeSteps } from '../program/freeze-steps.ts';
export { fusedIndex } from '../program/fused-index.ts';
export { type Inspected, type InspectOptions, inspect } from '../program/inspect.ts';
export type { JudgedAnswer, Judgement, Reward } from '../program/judging.ts';
export { type KeywordIndexOptions, keywordIndex } from '../program/keyword-index.ts';
export { type MajorityOptions, majority } from '../program/majority.ts';
export { type McpClient, type McpTools, type McpToolsOptions, mcpTools } from '../program/mcp-tools.ts';
export { modelOfRole, withAround } from '../program/model-of-role.ts';
export {
  type MultiChainOptions,
  multiChainComparison,
  type WithRationale,
} from '../program/multi-chain-comparison.ts';
export { type MultiHopOptions, multiHop } from '../program/multi-hop.ts';
export { outputsOf } from '../program/outputs-of.ts';
export { type ParallelOptions, parallel } from '../program/parallel.ts';
export type {
  FoundPassage,
  IndexedPassage,
  PassageIndex,
  SearchOptions,
} from '../program/passage-index.ts';
export { type PipelineOptions, pipeline } from '../program/pipeline.ts';
export { type PredictOptions, predict } from '../program/predict.ts';
export type {
  AnyProgram,
  AskedAs,
  CallCount,
  ModelRole,
  ParameterSpec,
  Prediction,
  Program,
  ProgramShape,
  Runtime,
  StepShape,
} from '../program/program.ts';
export { type ProgramOfThoughtOptions, programOfThought } from '../program/program-of-thought.ts';
export { createQuickjsSandbox } from '../program/quickjs-sandbox.ts';
export { type ReactOptions, react } from '../program/react.ts';
export { type RefineOptions, refine } from '../program/refine.ts';
export { renameSteps } from '../program/rename-steps.ts';
export {
  type RenderedPart,
  type RenderedStep,
  type RenderOptions,
  render,
} from '../program/render-program.ts';
export { type RetrieveInputs, type RetrieveOptions, retrieve } from '../program/retrieve.ts';
export { type RowBudgetOptions, withRowBudget } from '../program/row-budget.ts';
export type { Sandbox, SandboxLimits, SandboxRequest, SandboxResult } from '../program/sandbox.ts';
export { type SelfRefineOptions, selfRefine } from '../program/self-refine.ts';
export { type Remedy, type StepPolicy, withPolicy } from '../program/step-policy.ts';
export type { ProgramStream, StreamedText, StreamOptions } from '../program/stream-program.ts';
export {
  modelCall,
  type OperationOptions,
  sumOf,
  type TextGradient,
  type TextGradientRuntime,
  type TextualGradientDescent,
  type TextualGradientDescentOptions,
  textFunction,
  textLoss,
  textualGradientDescent,
  type Variable,
  type VariableOptions,
  variable,
} from '../program/text-gradient.ts';
export { type Tool, type ToolContext, type ToolInput, type ToolOptions, tool } from '../program/tool.ts';
export type {
  Passage,
  PredictTraceStep,
  RetrieveTraceStep,
  ToolTraceStep,
  Trace,
  TraceStep,
  TraceStepBase,
} from '../program/trace.ts';
export { predictStepsOf } from '../program/trace.ts';
export type { TracePlace, TraceRecorder } from '../program/trace-recorder.ts';
export { type TracingOptions, withTracing } from '../program/tracing.ts';
export {
  type PublishedPrompts,
  type WrapModelOptions,
  type WrappedModel,
  wrapModel,
} from '../program/wrap-model.ts';
export { type ParameterPart, parameterName } from '../prompt/candidate.ts';
