export { type DescribeModelOptions, describeModel, type ModelBehaviour } from '../testing/describe-model.ts';
export { type DescribeOptimizerOptions, describeOptimizer } from '../testing/describe-optimizer.ts';
export { describeRegistry, type OpenedRegistry } from '../testing/describe-registry.ts';
export { describeScorer } from '../testing/describe-scorer.ts';
export { describeStore } from '../testing/describe-store.ts';
export { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
export { type RecordedModelOptions, recordedModel } from '../testing/recorded-model.ts';
export type { SampleCase, ScorerContractOptions } from '../testing/scorer-contract.ts';
export {
  type ScriptedCall,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedReply,
  scriptedModel,
} from '../testing/scripted-model.ts';
