import type { Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Comparison, compareScores, type ScorePair } from '../../evaluation/compare.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent } from '../optimizer.ts';
import { type Evaluator, meanOf } from './evaluator.ts';
import type { ChangedRow, SealedTest } from './report.ts';

export interface ProveSetting {
  readonly test: readonly Example[];
  readonly evaluator: Evaluator;
  emit(event: OptimizationEvent): void;
}

/** Both sides of the proof on the same rows. */
export interface TestedPair {
  readonly examples: readonly Example[];
  readonly seed: CandidateEvaluation;
  readonly winner: CandidateEvaluation;
  readonly calibratedSeed?: CandidateEvaluation | undefined;
}

/** Answers the sealed rows with seed and winner, once. */
export async function runTest(
  candidates: {
    readonly seed: Candidate;
    readonly winner: Candidate;
    readonly calibratedSeed?: Candidate | undefined;
  },
  { test, evaluator, emit }: ProveSetting,
): Promise<TestedPair> {
  emit({ type: 'phase-started', phase: 'sealed test' });
  const evaluate = async (role: 'seed' | 'winner' | 'calibrated-seed', candidate: Candidate) => {
    const evaluation = await evaluator.evaluate(candidate, test, 'proof');
    emit({
      type: 'test-evaluated',
      role,
      candidate: evaluation.hash,
      mean: evaluation.mean,
      rows: test.length,
    });
    return evaluation;
  };
  const seed = await evaluate('seed', candidates.seed);
  const winner = await evaluate('winner', candidates.winner);
  const { calibratedSeed } = candidates;
  return {
    examples: test,
    seed,
    winner,
    ...(calibratedSeed !== undefined && {
      calibratedSeed: await evaluate('calibrated-seed', calibratedSeed),
    }),
  };
}

/** The verdict over one test or the folds of a cross-fit, with the rows that changed. */
export interface Proof {
  readonly sealedTest: SealedTest;
  readonly fixed: readonly ChangedRow[];
  readonly broken: readonly ChangedRow[];
}

export interface ProofOptions {
  readonly method: SealedTest['method'];
  readonly passFail: boolean;
  readonly random: Random;
}

/** Compares seed and winner pair by pair; pairs that either side lost to the infrastructure are left out. */
export function proofOf(tested: readonly TestedPair[], { method, passFail, random }: ProofOptions): Proof {
  const rows = tested.flatMap(({ examples, seed, winner }) =>
    examples.map((example, index) => ({ example, seed: seed.results[index], winner: winner.results[index] })),
  );
  const pairs: ScorePair[] = [];
  const byId = new Map<string, ChangedRow>();
  for (const { example, seed, winner } of rows) {
    const before = sideOf(seed);
    const after = sideOf(winner);
    if (before === undefined || after === undefined) continue;
    pairs.push({ exampleId: example.id, seed: before.value, winner: after.value });
    byId.set(example.id, {
      exampleId: example.id,
      inputs: example.inputs,
      expected: example.expected,
      seed: before,
      winner: after,
    });
  }
  const lost = rows.filter(({ seed, winner }) => isLost(seed) || isLost(winner)).length;
  if (pairs.length === 0) return nothingCompared(tested, { method, passFail, lost });
  const comparison = compareScores({ pairs, passFail, lost, random });
  const changed = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  return {
    sealedTest: { ...figuresOf(comparison), calibratedSeed: calibratedMean(tested), method },
    fixed: changed(comparison.fixed),
    broken: changed(comparison.broken),
  };
}

/** No row has a score on both sides: nothing is claimed, and no figure pretends to be one. */
function nothingCompared(
  tested: readonly TestedPair[],
  { method, passFail, lost }: Pick<ProofOptions, 'method' | 'passFail'> & { readonly lost: number },
): Proof {
  return {
    sealedTest: {
      seed: meanOf(tested.flatMap(({ seed }) => seed.results)),
      winner: meanOf(tested.flatMap(({ winner }) => winner.results)),
      difference: 0,
      interval: [-1, 1],
      pValue: 1,
      test: passFail ? 'mcnemar-exact' : 'sign-flip',
      rows: 0,
      lost,
      verdict: 'incomplete',
      method,
      note: 'No test row was scored with both the seed and the winner, so they could not be compared.',
    },
    fixed: [],
    broken: [],
  };
}

function figuresOf(comparison: Comparison): Omit<SealedTest, 'method' | 'calibratedSeed'> {
  const { seedMean, winnerMean, difference, interval, pValue, test, rows, lost, verdict, note } = comparison;
  return {
    seed: seedMean,
    winner: winnerMean,
    difference,
    interval,
    pValue,
    test,
    rows,
    lost,
    verdict,
    note,
  };
}

function calibratedMean(tested: readonly TestedPair[]): number | undefined {
  const results = tested.flatMap(({ calibratedSeed }) => calibratedSeed?.results ?? []);
  return results.some(({ outcome }) => 'value' in outcome) ? meanOf(results) : undefined;
}

function isLost(result: RowResult | undefined): boolean {
  return result?.outcome.status === 'infrastructure-error';
}

function sideOf(result: RowResult | undefined): ChangedRow['seed'] | undefined {
  if (result === undefined || !('value' in result.outcome)) return undefined;
  const { outcome, outputs } = result;
  return { outputs, value: outcome.value, feedback: outcome.feedback };
}
