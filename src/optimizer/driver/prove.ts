import type { Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Comparison, compareScores, type PairSide, type ScorePair } from '../../evaluation/compare.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent } from '../optimizer.ts';
import type { ChangedRow, ControlResult, SealedTest } from './report.ts';

export interface ProveSetting {
  readonly test: readonly Example[];
  /** Answers rows with several candidates as one round. */
  evaluate(
    candidates: readonly Candidate[],
    examples: readonly Example[],
  ): Promise<readonly CandidateEvaluation[]>;
  emit(event: OptimizationEvent): void;
}

/** A candidate that is tested beside seed and winner, to show what part of a gain has another cause. */
export interface Control {
  /** For people: 'calibrated seed'. */
  readonly name: string;
  readonly candidate: Candidate;
}

/** Both sides of the proof on the same rows. */
export interface TestedPair {
  readonly examples: readonly Example[];
  readonly seed: CandidateEvaluation;
  readonly winner: CandidateEvaluation;
  readonly controls: readonly { readonly name: string; readonly evaluation: CandidateEvaluation }[];
}

/** Answers the sealed rows with seed and winner, and with the controls, once. */
export async function runTest(
  candidates: {
    readonly seed: Candidate;
    readonly winner: Candidate;
    readonly controls?: readonly Control[] | undefined;
  },
  { test, evaluate, emit }: ProveSetting,
): Promise<TestedPair> {
  emit({ type: 'phase-started', phase: 'sealed test' });
  const tell = (role: string, { hash, mean }: CandidateEvaluation) =>
    emit({ type: 'test-evaluated', role, candidate: hash, mean, rows: test.length });
  const [seed, winner] = await evaluate([candidates.seed, candidates.winner], test);
  if (seed === undefined || winner === undefined) throw new TypeError('Both sides are tested.');
  tell('seed', seed);
  tell('winner', winner);
  const controls = [];
  for (const { name, candidate } of candidates.controls ?? []) {
    const [evaluation] = await evaluate([candidate], test);
    if (evaluation === undefined) continue;
    tell(name, evaluation);
    controls.push({ name, evaluation });
  }
  return { examples: test, seed, winner, controls };
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
  /** What an answer that could not be used scores. @default 0 */
  readonly failValue?: number | undefined;
  /** Id of a row → what it counts once with. @default every row alone */
  readonly clusters?: ReadonlyMap<string, string> | undefined;
  /** Comparisons that these test rows served before. @default 0 */
  readonly earlierUses?: number | undefined;
  readonly random: Random;
}

/** Compares seed and winner row by row; what a row was lost or abstained on is counted, and never helps the winner. */
export function proofOf(tested: readonly TestedPair[], options: ProofOptions): Proof {
  const { method, clusters, earlierUses = 0 } = options;
  const answers = tested.flatMap(({ examples, seed, winner }) =>
    examples.map((example, index) => ({ example, seed: seed.results[index], winner: winner.results[index] })),
  );
  const pairs = answers.map(({ example, seed, winner }): ScorePair => {
    const cluster = clusters?.get(example.id) ?? example.group;
    return { exampleId: example.id, cluster, seed: sideOf(seed), winner: sideOf(winner) };
  });
  const controls = controlsOf(tested);
  const use = earlierUses + 1;
  if (!pairs.some(({ seed, winner }) => typeof seed === 'number' && typeof winner === 'number')) {
    const sealedTest = nothingCompared(pairs, { ...options, controls, use });
    return { sealedTest, fixed: [], broken: [] };
  }
  const comparison = compareScores({ ...options, pairs });
  const byId = new Map(answers.map((answer) => [answer.example.id, answer]));
  const changed = (ids: readonly string[]) =>
    ids.flatMap((id): readonly ChangedRow[] => {
      const answer = byId.get(id);
      if (answer === undefined) return [];
      const { inputs, expected } = answer.example;
      return [
        { exampleId: id, inputs, expected, seed: answerOf(answer.seed), winner: answerOf(answer.winner) },
      ];
    });
  return {
    sealedTest: { ...figuresOf(comparison), controls, use, method },
    fixed: changed(comparison.fixed),
    broken: changed(comparison.broken),
  };
}

/** No row has a score on both sides: nothing is claimed, and no figure pretends to be one. */
function nothingCompared(
  pairs: readonly ScorePair[],
  {
    method,
    passFail,
    controls,
    use,
  }: Pick<ProofOptions, 'method' | 'passFail'> & Pick<SealedTest, 'controls' | 'use'>,
): SealedTest {
  const valuesOf = (sides: readonly PairSide[]) => sides.filter((side) => typeof side === 'number');
  const seed = valuesOf(pairs.map((pair) => pair.seed));
  const winner = valuesOf(pairs.map((pair) => pair.winner));
  return {
    seed: meanOf(seed),
    winner: meanOf(winner),
    difference: 0,
    interval: [-1, 1],
    intervalMethod: passFail ? 'newcombe-paired' : 'bca-widened',
    pValue: 1,
    test: passFail ? 'mcnemar-exact' : 'sign-flip',
    rows: 0,
    clusters: 0,
    lost: pairs.filter((pair) => pair.seed === 'lost' || pair.winner === 'lost').length,
    oneSided: { seed: seed.length, winner: winner.length },
    minimumDetectableEffect: 1,
    controls,
    use,
    verdict: 'incomplete',
    method,
    note: 'No test row was scored with both the seed and the winner, so they could not be compared.',
  };
}

function figuresOf({
  seedMean,
  winnerMean,
  fixed: _,
  broken: __,
  ...figures
}: Comparison): Omit<SealedTest, 'method' | 'controls' | 'use'> {
  return { seed: seedMean, winner: winnerMean, ...figures };
}

/** Each control over the rows of all folds. */
function controlsOf(tested: readonly TestedPair[]): readonly ControlResult[] {
  return (tested[0]?.controls ?? []).map(({ name, evaluation: { hash } }) => {
    const values = tested.flatMap(({ controls }) =>
      (controls.find((control) => control.name === name)?.evaluation.results ?? []).flatMap((result) =>
        'value' in result.outcome ? [result.outcome.value] : [],
      ),
    );
    return { name, hash, mean: meanOf(values), rows: values.length };
  });
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sideOf(result: RowResult | undefined): PairSide {
  if (result === undefined) return 'lost';
  const { outcome } = result;
  if ('value' in outcome) return outcome.value;
  return outcome.status === 'unscored' ? 'unscored' : 'lost';
}

function answerOf(result: RowResult | undefined): ChangedRow['seed'] {
  if (result === undefined || !('value' in result.outcome)) throw new TypeError('A changed row has a value.');
  const { outcome, outputs } = result;
  return { outputs, value: outcome.value, feedback: outcome.feedback };
}
