export type { AskJudge, AskJudgeOptions } from '../scorer/ask-judge.ts';
export type { Assertion } from '../scorer/assertion.ts';
export {
  type AssertionContext,
  type AssertionFunction,
  type AssertionsOptions,
  assertions,
} from '../scorer/assertions.ts';
export type { CheckingSchema, CheckResult } from '../scorer/checking-schema.ts';
export { type ClosedQaOptions, closedQa } from '../scorer/closed-qa.ts';
export { type ContainsOptions, contains } from '../scorer/contains.ts';
export { type ContextPrecisionOptions, contextPrecision } from '../scorer/context-precision.ts';
export { type ContextRecallOptions, contextRecall } from '../scorer/context-recall.ts';
export {
  type CustomScorerOptions,
  type Judgement,
  type ScorerContext,
  scorer,
} from '../scorer/custom-scorer.ts';
export { defaultScorer } from '../scorer/defaults.ts';
export { type EditSimilarityOptions, editSimilarity } from '../scorer/edit-similarity.ts';
export {
  type EmbeddingSimilarityOptions,
  embeddingSimilarity,
} from '../scorer/embedding-similarity.ts';
export type { TextOptions } from '../scorer/equality.ts';
export { type ExactMatchOptions, exactMatch } from '../scorer/exact-match.ts';
export { type ExpectedToolsOptions, expectedTools } from '../scorer/expected-tools.ts';
export { type FactualityOptions, factuality } from '../scorer/factuality.ts';
export { type FaithfulnessOptions, faithfulness } from '../scorer/faithfulness.ts';
export { type FieldF1Options, fieldF1 } from '../scorer/field-f1.ts';
export { type FieldMatchOptions, fieldMatch } from '../scorer/field-match.ts';
export {
  type AutoevalsResult,
  type AutoevalsScorer,
  type FromAutoevalsOptions,
  fromAutoevals,
} from '../scorer/from-autoevals.ts';
export { type EvaliteScorer, type FromEvaliteOptions, fromEvalite } from '../scorer/from-evalite.ts';
export { type JsonDiffOptions, jsonDiff } from '../scorer/json-diff.ts';
export { type Judge, type JudgeOptions, judge } from '../scorer/judge.ts';
export { type ListOverlapOptions, listOverlap } from '../scorer/list-overlap.ts';
export { type NoLoopsOptions, noLoops } from '../scorer/no-loops.ts';
export { type NumericOptions, numeric } from '../scorer/numeric.ts';
export { type PairwiseJudgeOptions, pairwiseJudge } from '../scorer/pairwise-judge.ts';
export { regex } from '../scorer/regex.ts';
export { type RelevanceOptions, relevance } from '../scorer/relevance.ts';
export { type RetrievedPassagesOptions, retrievedPassages } from '../scorer/retrieved-passages.ts';
export { type Criterion, type RubricJudgeOptions, rubricJudge } from '../scorer/rubric-judge.ts';
export { type SchemaRatesOptions, schemaRates } from '../scorer/schema-rates.ts';
export { type SchemaValidOptions, schemaValid } from '../scorer/schema-valid.ts';
export type { Sample, SampleUsage, Score, Scorer, ScorerRuntime } from '../scorer/scorer.ts';
export { type StepsUsedOptions, stepsUsed } from '../scorer/steps-used.ts';
export { type TokenF1Options, tokenF1 } from '../scorer/token-f1.ts';
export { type ToolCalledOptions, toolCalled } from '../scorer/tool-called.ts';
export { type ToolNotCalledOptions, toolNotCalled } from '../scorer/tool-not-called.ts';
export { type ToolOrderOptions, toolOrder } from '../scorer/tool-order.ts';
export { type TwoStageOptions, twoStage } from '../scorer/two-stage.ts';
export { unscored } from '../scorer/unscored.ts';
export { type WeightedPart, type WeightedSumOptions, weightedSum } from '../scorer/weighted-sum.ts';
export { type LimitedMeasure, type WithinLimitOptions, withinLimit } from '../scorer/within-limit.ts';
