import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { type BrokenBound, brokenBounds } from '../part/objective-values.ts';
import { isClearlyBetter } from '../part/paired-difference.ts';
import { type Amounts, largest, nothing, plus, tooMuch } from './amounts.ts';
import { confirmedOf } from './reserve.ts';
import type { SearchEngine } from './scope.ts';
import type { SearchResult } from './search.ts';
import { withinReach } from './within-reach.ts';

export interface ConfirmSetting {
  readonly seed: Candidate;
  readonly validation: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly testRows: number;
  /** Id of a row → what it counts once with. @default every row alone */
  readonly clusters?: ReadonlyMap<string, string> | undefined;
  /** Whether answers are compared by a judge and have no score. @default false */
  readonly judged?: boolean | undefined;
}

/** The candidate that goes on to the proof. */
export interface Confirmed {
  readonly winner: CandidateEvaluation;
  readonly baseline: CandidateEvaluation;
  /** Whether what is left of the budget holds the test of seed and winner. */
  readonly isAffordable: boolean;
}

/** How far down the ranking the confirmation goes when a limit ended the search and something is left. */
const mostConfirmed = 8;

/**
 * Scores the best candidates, the optimizer's own choice among them, on all of validation and picks one; where the
 * budget holds one alone, on half of it. The
 * optimizer's choice stands unless another is better by more than one standard error of their paired difference
 * on the rows that both were scored on: the highest of several noisy means is not the best candidate. One that is far
 * below the choice already is not scored further. One whose
 * test does not fit into the budget gives way to the next; a limit leaves those that were reached.
 */
export async function confirm(
  found: SearchResult,
  { seed, validation, testRows, clusters, judged = false }: ConfirmSetting,
  engine: SearchEngine,
): Promise<Confirmed> {
  const { evaluator, budget, costs, emit } = engine;
  if (judged) {
    // Nothing has a score: what the optimizer chose is all there is to go by.
    const winner = evaluator.known(found.chosen, validation);
    const needed = plus(costs.safely(seed, testRows), costs.besideSeed(found.chosen, testRows));
    const isAffordable = tooMuch(needed, budget.left()) === undefined;
    return { winner, baseline: evaluator.known(seed, validation), isAffordable };
  }
  emit({ type: 'phase-started', phase: 'confirmation' });
  const testCost = (candidate: Candidate): Amounts =>
    plus(costs.safely(seed, testRows), costs.besideSeed(candidate, testRows));
  const isAffordable = (candidate: Candidate) => tooMuch(testCost(candidate), budget.left()) === undefined;
  const { objectives } = engine;
  const broken = ({ results }: CandidateEvaluation) => brokenBounds(results, objectives);
  const all = keepingFirst(
    contendersOf(found, { seed, hasBounds: objectives.some(({ bound }) => bound !== undefined) }),
    (candidate) => broken(evaluator.known(candidate, validation)),
  );
  const affordable = all.filter(isAffordable);
  const planned = confirmedOf(budget.most, { seed, validation, costs });
  const most = found.stopReason === 'done' ? planned : mostConfirmed;
  const rowsOf = (candidate: Candidate) =>
    planned > 1 ? validation : halfOf(validation, (row) => evaluator.isAnswered(candidate, row));
  const contenders = (affordable.length > 0 ? affordable : all).slice(0, most);
  const reserve = affordable.length > 0 ? contenders.map(testCost).reduce(largest, testCost(seed)) : nothing;
  const account = budget.search({ total: () => reserve, of: () => new Map() });

  const evaluate = async (candidate: Candidate): Promise<CandidateEvaluation> => {
    const isNew = found.ledger.missing(candidate) > 0;
    try {
      await evaluator.evaluate(candidate, rowsOf(candidate), { account, purpose: 'proof' });
    } catch (thrown) {
      if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_BUDGET_EXHAUSTED') throw thrown;
    }
    const evaluation = evaluator.known(candidate, validation);
    if (isNew && evaluation.results.length > 0) found.ledger.add(candidate, evaluation.results);
    return evaluation;
  };
  const confirmed = (await Promise.all(contenders.map(evaluate))).filter(isCovered);
  const baseline = evaluator.known(seed, validation);
  const everyone = [...confirmed, baseline];
  const keeping = everyone.filter((evaluation) => broken(evaluation).length === 0);
  // Limits come first, where anyone keeps them.
  const compared = keeping.length > 0 ? keeping : everyone;
  emit({
    type: 'confirmation',
    candidates: everyone.map(({ hash, mean }) => ({ candidate: hash, mean })),
    rows: validation.length,
  });
  const [chosen = baseline, ...others] = compared;
  const winner = others.reduce(
    (standing, other) => (isClearlyBetter(other, standing, { clusters }) ? other : standing),
    chosen,
  );
  for (const message of boundNotices({ winner, baseline }, broken)) emit({ type: 'notice', message });
  return { winner, baseline, isAffordable: isAffordable(winner.candidate) };
}

/** The rows that are answered, filled up to half of all: where one is confirmed alone there is nothing to choose. */
function halfOf(rows: readonly Example[], isAnswered: (row: Example) => boolean): readonly Example[] {
  const answered = rows.filter(isAnswered);
  const lacking = Math.max(0, Math.ceil(rows.length / 2) - answered.length);
  return [...answered, ...rows.filter((row) => !isAnswered(row)).slice(0, lacking)];
}

/** Those that keep all limits first, each part in its order. */
function keepingFirst(
  candidates: readonly Candidate[],
  broken: (candidate: Candidate) => readonly BrokenBound[],
): readonly Candidate[] {
  const keeps = (candidate: Candidate) => broken(candidate).length === 0;
  return [...candidates.filter(keeps), ...candidates.filter((candidate) => !keeps(candidate))];
}

function boundNotices(
  { winner, baseline }: Pick<Confirmed, 'winner' | 'baseline'>,
  broken: (evaluation: CandidateEvaluation) => readonly BrokenBound[],
): readonly string[] {
  const told = (bounds: readonly BrokenBound[]) =>
    bounds
      .map(({ objective: { name, direction, bound }, mean }) => {
        const limit = `${name} ${direction === 'minimize' ? 'at most' : 'at least'} ${bound}`;
        return `${limit} (${mean === undefined ? 'not known' : `mean ${Number(mean.toPrecision(3))}`})`;
      })
      .join(', ');
  const ofWinner = broken(winner);
  if (ofWinner.length > 0)
    return [`No candidate keeps all limits on the validation rows: ${told(ofWinner)}.`];
  const ofSeed = broken(baseline);
  if (ofSeed.length === 0) return [];
  return [`The seed does not keep all limits, the best candidate does: ${told(ofSeed)}.`];
}

/**
 * The optimizer's choice, then the others as they are ranked, without those that scores alone rule out; the seed is
 * compared in any case.
 */
function contendersOf(
  { chosen, ledger }: SearchResult,
  { seed, hasBounds }: { readonly seed: Candidate; readonly hasBounds: boolean },
): readonly Candidate[] {
  const byHash = new Map([[hashCandidate(chosen), chosen]]);
  const ranking = ledger.ranking();
  const leader = ranking.find(({ hash }) => byHash.has(hash));
  const others = hasBounds ? ranking : withinReach(ranking, leader);
  for (const { hash, candidate } of others) if (!byHash.has(hash)) byHash.set(hash, candidate);
  byHash.delete(hashCandidate(seed));
  return [...byHash.values()];
}

/** Whether it was scored on at least half of the rows that it was asked about, and on one at all. */
function isCovered({ scored, results }: CandidateEvaluation): boolean {
  return scored > 0 && 2 * scored >= results.length;
}
