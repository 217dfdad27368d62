export type { Clock } from '../base/clock.ts';
export type { ErrorCode } from '../base/error-codes.ts';
export { HoneError } from '../base/errors.ts';
export type { Branded } from '../base/hash.ts';
export type { Json, JsonObject } from '../base/json.ts';
export {
  type ConfiguredBudget,
  type DatasetFile,
  type Defaults,
  defineConfig,
  type HoneConfig,
  type Target,
} from '../config/define-config.ts';
export type { CacheMode } from '../config/environment.ts';
export {
  type EvalSuite,
  type EvalSuiteOptions,
  evalSuite,
  type SuiteRow,
  type SuiteScorer,
} from '../config/eval-suite.ts';
export {
  type EvaluateInput,
  type EvaluationHandle,
  evaluate,
  type HeadroomInput,
  headroom,
  type OptimizeForModelsInput,
  type OptimizeInput,
  optimize,
  optimizeForModels,
  type ProveParityInput,
  proveParity,
} from '../config/library.ts';
export {
  type LoadedPrompt,
  type LoadPromptOptions,
  loadPrompt,
  type PromptCall,
  type PromptMessage,
} from '../config/load-prompt.ts';
export type { RoleFiles } from '../config/open-rows.ts';
export { type ClusterRowsOptions, clusterRows } from '../dataset/cluster-rows.ts';
export {
  type CollectedExamples,
  type CollectOptions,
  collectExamples,
  toDataset,
} from '../dataset/collect.ts';
export type { Dataset, DatasetSplit, Example, RowRoles } from '../dataset/dataset.ts';
export { type LoadDatasetOptions, loadDataset } from '../dataset/load.ts';
export type { DatasetSource, RowSequence } from '../dataset/read-rows.ts';
export type { Delimiter } from '../dataset/sniff-table.ts';
export { type SplitDatasetOptions, splitDataset } from '../dataset/split.ts';
export type {
  Aggregates,
  CalibrationSummary,
  PassAtK,
  ScoreSlice,
  SliceSummary,
} from '../evaluation/aggregates.ts';
export {
  type Against,
  type CompareScoresOptions,
  type Comparison,
  type ComparisonVerdict,
  compareScores,
  type PairSide,
  type ScorePair,
} from '../evaluation/compare.ts';
export type { EvaluateOptions, EvaluationBudget, EvaluationRun, Progress } from '../evaluation/evaluate.ts';
export type {
  Evaluation,
  ObjectiveSummary,
  Outcome,
  RowRequest,
  RowResult,
  RowUsage,
  ScoreSummary,
  UsageSummary,
} from '../evaluation/evaluation.ts';
export type { ParityComparison, ParityVerdict } from '../evaluation/parity.ts';
export type { RunHandle } from '../evaluation/run-handle.ts';
export type { DatasetVersion, GitState, Origin, ScorerSnapshot, Snapshot } from '../evaluation/snapshot.ts';
export type { Interval } from '../evaluation/statistics/sample.ts';
export {
  type CompareExperimentsOptions,
  compareExperiments,
} from '../experiment/compare-experiments.ts';
export type {
  ComparedRow,
  Delta,
  Experiment,
  ExperimentComparison,
  ExperimentHead,
  ExperimentRow,
  ExperimentVerdict,
  RowChange,
  RowDetail,
  RowOptions,
  RowScore,
  ScoreComparison,
  SideOfRow,
  SliceComparison,
} from '../experiment/experiment.ts';
export { loadExperiment, saveExperiment } from '../experiment/experiment-file.ts';
export { findExperiment } from '../experiment/stored-experiment.ts';
export type { HeadroomFigures, Spread } from '../headroom/figures.ts';
export type { Headroom, HeadroomOptions, HeadroomRun, SampledPrompt } from '../headroom/headroom.ts';
export type { HeadroomPower, HeadroomVerdict } from '../headroom/judge-headroom.ts';
export type { LabelConflict, LabelConflicts } from '../headroom/label-conflicts.ts';
export type { Model, ModelPrice } from '../model/model.ts';
export type { NoAnswerFault } from '../model/no-answer.ts';
export type { ModelReference } from '../model/resolve-model.ts';
export type {
  OptimizationBudget,
  OptimizationResult,
  OptimizationRun,
  OptimizeOptions,
} from '../optimizer/driver/optimize-options.ts';
export type {
  CandidateRecord,
  ChangedRow,
  ControlResult,
  CurvePoint,
  FrontRecord,
  OptimizationReport,
  Parity,
  PreferenceTest,
  RunUsage,
  SealedTest,
  TestPlan,
  Verdict,
} from '../optimizer/driver/report.ts';
export type { OptimizationEvent, Optimizer } from '../optimizer/optimizer.ts';
export {
  allOf,
  type CourseCandidate,
  convergence,
  patience,
  plateau,
  type SearchCourse,
  type StopCondition,
  targetScore,
} from '../optimizer/stop-condition.ts';
export { type AppCall, type AppProgramOptions, appProgram } from '../program/app-program.ts';
export { chainOfThought } from '../program/chain-of-thought.ts';
export { type CustomProgramOptions, type ProgramContext, program } from '../program/custom-program.ts';
export { type LoadCandidateOptions, loadCandidate } from '../program/load-candidate.ts';
export { type PipelineOptions, pipeline } from '../program/pipeline.ts';
export { type PredictOptions, predict } from '../program/predict.ts';
export type { Prediction, Program, Runtime } from '../program/program.ts';
export type { AnswerFault } from '../program/read-response.ts';
export type { Trace, TraceStep } from '../program/trace.ts';
export {
  type PublishedPrompts,
  type WrapModelOptions,
  type WrappedModel,
  wrapModel,
} from '../program/wrap-model.ts';
export type { ParseStep } from '../prompt/adapter.ts';
export type {
  Candidate,
  CandidateHash,
  Demo,
  DemoSet,
  Parameter,
  ParameterKind,
  Verbalizer,
} from '../prompt/candidate.ts';
export { hashCandidate, parameterName } from '../prompt/candidate.ts';
export { type DiffLine, diffCandidates, formatDiff, type ParameterDiff } from '../prompt/diff.ts';
export type { PromptFormat } from '../prompt/prompt-format.ts';
export { type SaveCandidateOptions, type SavedProgram, saveCandidate } from '../prompt/saved-candidate.ts';
export { type DatabaseRegistryOptions, databaseRegistry } from '../registry/database-registry.ts';
export { type FileRegistryOptions, fileRegistry } from '../registry/file-registry.ts';
export type {
  ChannelMove,
  ImportedPrompt,
  NewVersion,
  PromptRecord,
  PromptVersion,
  Registry,
  ReleaseEvent,
} from '../registry/registry.ts';
export { createPrompts, type Prompts, type PromptsOptions } from '../registry/resolve-prompt.ts';
export type { Score, Scorer } from '../scorer/scorer.ts';
export { type FieldDefinition, type FieldOptions, type FieldSpec, field } from '../signature/field.ts';
export type { FileValue, HistoryTurn } from '../signature/media-types.ts';
export { type SignatureOptions, type SignatureSpec, signature } from '../signature/shorthand.ts';
export type {
  Field,
  FieldValidation,
  FieldValidator,
  JsonSchema,
  Signature,
} from '../signature/signature.ts';
export type { StandardIssue, StandardResult, StandardSchema } from '../signature/standard-schema.ts';
export { type OpenStoreOptions, openMemoryStore, openStore } from '../store/open-store.ts';
export type { ProcessTable } from '../store/process-table.ts';
export type {
  AnswerCounts,
  AnswerRecord,
  Answers,
  Candidates,
  Effect,
  EventRecord,
  Events,
  NewRun,
  OutcomeFilter,
  OutcomeKey,
  OutcomeRecord,
  Outcomes,
  PromptEntries,
  PromptEntry,
  RunChange,
  RunClaim,
  RunFilter,
  RunKind,
  RunOwner,
  RunRecord,
  RunStatus,
  Runs,
  SealedTests,
  SealedTestUse,
  Store,
  StoredPrompts,
} from '../store/store.ts';
export type {
  OptimizeForModelsOptions,
  TransferEvent,
  TransferRun,
} from '../transfer/optimize-for-models.ts';
export type { ParityRun, ProveParityOptions } from '../transfer/prove-parity.ts';
export type {
  TransferCell,
  TransferReport,
  TransferResult,
  TransferRow,
  TransferredModel,
} from '../transfer/transfer-report.ts';
