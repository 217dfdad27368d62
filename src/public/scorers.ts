export type { AskJudge, AskJudgeOptions } from '../scorer/ask-judge.ts';
export { type ContainsOptions, contains } from '../scorer/contains.ts';
export {
  type CustomScorerOptions,
  type Judgement,
  type ScorerContext,
  scorer,
} from '../scorer/custom-scorer.ts';
export { defaultScorer } from '../scorer/defaults.ts';
export type { TextOptions } from '../scorer/equality.ts';
export { type ExactMatchOptions, exactMatch } from '../scorer/exact-match.ts';
export { type FieldMatchOptions, fieldMatch } from '../scorer/field-match.ts';
export { type NumericOptions, numeric } from '../scorer/numeric.ts';
export { regex } from '../scorer/regex.ts';
export {
  type CheckingSchema,
  type CheckResult,
  type SchemaValidOptions,
  schemaValid,
} from '../scorer/schema-valid.ts';
export type { Sample, Score, Scorer, ScorerRuntime } from '../scorer/scorer.ts';
export { unscored } from '../scorer/unscored.ts';
