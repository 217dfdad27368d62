export {
  type Agreement,
  agreement,
  fleissKappa,
  type KappaOptions,
} from '../evaluation/metric/agreement.ts';
export {
  type BinOptions,
  brierScore,
  expectedCalibrationError,
  type Forecast,
  logLoss,
  maximumCalibrationError,
  multiclassBrier,
  murphyParts,
  type ReliabilityBin,
  reliabilityTable,
} from '../evaluation/metric/calibration.ts';
export {
  type ClassFigures,
  type ClassificationSummary,
  classificationSummary,
  type LabelPair,
} from '../evaluation/metric/classification.ts';
export {
  type CorrectedMean,
  correctedRate,
  type LabelledAndNot,
  predictionPoweredMean,
} from '../evaluation/metric/judged-rate.ts';
export { type NumberErrors, type NumberPair, numberErrors } from '../evaluation/metric/number-errors.ts';
export { bradleyTerry, eloRatings, type Game, ratingOf } from '../evaluation/metric/paired-ranking.ts';
export { passAtK } from '../evaluation/metric/pass-at-k.ts';
export { bestTemperature, isotonicSteps, type LogitOutcome } from '../evaluation/metric/recalibrate.ts';
export { benjaminiHochbergAdjusted } from '../evaluation/statistics/benjamini-hochberg.ts';
export {
  bettingSequence,
  type ConfidenceSequence,
  type ConfidenceSequenceOptions,
  empiricalBernsteinSequence,
} from '../evaluation/statistics/confidence-sequence.ts';
export { type GradedEvidence, gradedEvidence } from '../evaluation/statistics/graded-evidence.ts';
export {
  type GuardrailEvidence,
  type GuardrailOptions,
  guardrailEvidence,
  type RatesInQuestion,
  sequentialRates,
} from '../evaluation/statistics/guardrail-evidence.ts';
export { holmAdjusted } from '../evaluation/statistics/holm.ts';
export { type MaxStatisticOptions, maxStatisticPValues } from '../evaluation/statistics/max-statistic.ts';
export { type DiscordantPairs, type McNemarResult, mcnemarTest } from '../evaluation/statistics/mcnemar.ts';
export { newcombeInterval } from '../evaluation/statistics/newcombe-independent.ts';
export { newcombePairedInterval } from '../evaluation/statistics/newcombe-paired.ts';
export type { PairedCounts } from '../evaluation/statistics/paired-counts.ts';
export { anytimePValue, type Evidence, pairedEvidence } from '../evaluation/statistics/paired-evidence.ts';
export {
  minimumDetectableEffect,
  type PowerOptions,
  rowsNeeded,
  rowsNeededUnpaired,
} from '../evaluation/statistics/power.ts';
export {
  bernsteinRadius,
  expectedMaximum,
  type FriedmanResult,
  friedmanTest,
  type HyperbandOptions,
  hoeffdingRadius,
  hoeffdingRows,
  hyperband,
  type Rung,
  sequentialHalving,
} from '../evaluation/statistics/race-plans.ts';
export {
  rowsNeededWithTrials,
  type VarianceParts,
  varianceParts,
} from '../evaluation/statistics/repeated-answers.ts';
export type { ConfidenceOptions, Interval, Values } from '../evaluation/statistics/sample.ts';
export { type MeanWithError, shrunkTowardsMean } from '../evaluation/statistics/shrinkage.ts';
export {
  type SignFlipOptions,
  type SignFlipResult,
  signFlipTest,
} from '../evaluation/statistics/sign-flip.ts';
export { type SignedRankResult, signedRankTest } from '../evaluation/statistics/signed-rank.ts';
export { type Proportion, wilsonInterval } from '../evaluation/statistics/wilson.ts';
