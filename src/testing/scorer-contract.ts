import { canonicalJson } from '../base/canonical-json.ts';
import { deepFreeze } from '../base/deep-freeze.ts';
import type { JsonObject } from '../base/json.ts';
import type { Trace } from '../program/trace.ts';
import type { Sample, Score, Scorer } from '../scorer/scorer.ts';
import type { ContractCheck } from './contract-check.ts';

/** A row with its answer, as short as a test can say it. */
export interface SampleCase {
  readonly inputs?: JsonObject | undefined;
  readonly outputs: JsonObject;
  readonly expected?: JsonObject | undefined;
  readonly metadata?: JsonObject | undefined;
  /** @default no step */
  readonly trace?: Trace | undefined;
}

export interface ScorerContractOptions {
  /** At least one that scores high and one that scores low. */
  readonly samples: readonly SampleCase[];
  /** Scorers of the same kind with other options: each must have a version of its own. */
  readonly variants: readonly (() => Scorer)[];
}

/** What every scorer promises, as checks that any test runner can run. */
export function scorerContract(
  create: () => Scorer,
  { samples, variants }: ScorerContractOptions,
): readonly ContractCheck[] {
  const { expects = [] } = create();
  return [
    {
      title: 'gives values from 0 to 1, and only 0 and 1 when it says pass or fail',
      check: async () => {
        for (const sample of samples.map(sampleOf)) requireRange(create(), await create().score(sample));
      },
    },
    {
      title: 'tells a good answer from a bad one',
      check: async () => {
        const values = new Set<number>();
        for (const sample of samples.map(sampleOf)) {
          const score = await create().score(sample);
          if (score.status === 'scored') values.add(score.value);
        }
        if (values.size < 2) fail('every sample got the same score; give samples that differ');
      },
    },
    {
      title: 'gives the same score for the same sample and leaves the sample as it is',
      check: async () => {
        const scorer = create();
        for (const sample of [...samples, ...samples].map(sampleOf).map(deepFreeze)) {
          const [first, second] = [await scorer.score(sample), await scorer.score(sample)];
          if (canonicalJson(first) !== canonicalJson(second)) fail('two scores of one sample differ', first);
        }
      },
    },
    {
      title: 'leaves a row without its expected values unscored, with the reason',
      skip: expects.length === 0 ? 'it needs no expected value' : undefined,
      check: async () => {
        for (const expected of [undefined, {}]) {
          const score = await create().score(sampleOf({ outputs: samples[0]?.outputs ?? {}, expected }));
          if (score.status !== 'unscored' || score.reason === '')
            fail('a row without a label was scored', score);
        }
      },
    },
    {
      title: 'has one version for one set of options, and another for every other set',
      check: async () => {
        const [first, second] = [create(), create()];
        if (first.version !== second.version) fail('the same options have two versions');
        const versions = [create, ...variants].map((variant) => variant().version);
        if (new Set(versions).size < versions.length) fail('other options have the same version', versions);
      },
    },
  ];
}

/** A copy, so that no check sees what a scorer did to the sample of another. */
function sampleOf(sample: SampleCase): Sample {
  const { inputs = {}, outputs, expected, metadata, trace = [] } = structuredClone(sample);
  return { example: { id: 'row-1', inputs, expected, metadata }, outputs, trace };
}

function requireRange(scorer: Scorer, score: Score): void {
  if (score.status === 'unscored') return;
  for (const value of [score.value, ...Object.values(score.objectives ?? {})]) {
    if (!(value >= 0 && value <= 1)) fail('a value is not from 0 to 1', score);
  }
  if (scorer.passFail && score.value !== 0 && score.value !== 1) {
    fail('it says pass or fail and gave something between', score);
  }
}

function fail(reason: string, evidence?: unknown): never {
  throw new Error(evidence === undefined ? reason : `${reason}: ${JSON.stringify(evidence)}`);
}
