import { canonicalJson } from '../../base/canonical-json.ts';
import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, EvaluateCandidateOptions } from '../optimizer.ts';
import { objectiveOf, takenObjectives } from '../part/objective-values.ts';
import type { Account } from './budget.ts';
import type { Effects, Purpose, Unit } from './effects.ts';
import { type EffectRecord, rowKey, textOf } from './record.ts';
import type { RowCosts } from './row-costs.ts';

/** A row to be answered by a candidate and scored. */
export interface RowUnit extends Unit {
  readonly kind: 'row';
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  readonly example: Example;
  /** Which independent answer. */
  readonly trial: number;
}

/** Who asks for rows: the search stops at its limits; the proof spends what was kept back for it. */
export interface Asker {
  readonly account: Account;
  readonly purpose: Purpose;
}

/** Runs candidates on rows for one run: from its record where there is one, else for real. */
export interface Evaluator {
  evaluate(
    candidate: Candidate,
    examples: readonly Example[],
    options: Asker & EvaluateCandidateOptions,
  ): Promise<CandidateEvaluation>;
  /**
   * Several candidates on the same rows as one round. Where the budget may end it, it ends for all of them at
   * the same row.
   */
  evaluateTogether(
    candidates: readonly Candidate[],
    examples: readonly Example[],
    options: Asker & { readonly traces?: boolean | undefined },
  ): Promise<readonly CandidateEvaluation[]>;
  /** Whether a candidate was answered on a row up to now. */
  isAnswered(candidate: Candidate, example: Example): boolean;
  /** What was answered up to now of a candidate on these rows; nothing is asked. @param trial @default 0 */
  known(candidate: Candidate, examples: readonly Example[], trial?: number): CandidateEvaluation;
}

export interface EvaluatorOptions {
  readonly record: EffectRecord;
  readonly effects: Effects<RowUnit>;
  readonly costs: RowCosts;
  readonly seed: CandidateHash;
}

export function createEvaluator({ record, effects, costs, seed }: EvaluatorOptions): Evaluator {
  const isAnsweredBySeed = ({ id }: Example, trial: number) => effects.isSettled(rowKey(seed, id, trial));
  const unitsOf = (
    candidate: Candidate,
    examples: readonly Example[],
    { account, trial = 0 }: Asker & Pick<EvaluateCandidateOptions, 'trial'>,
  ): readonly RowUnit[] => {
    const hash = hashCandidate(candidate);
    const isSeed = hash === seed;
    return examples.map((example) => ({
      kind: 'row',
      key: rowKey(hash, example.id, trial),
      account,
      // Asked anew for each wave: the seed may have answered the row in the one before.
      get typical() {
        return costs.typical(candidate, { besideSeed: !isSeed && isAnsweredBySeed(example, trial) });
      },
      get most() {
        return costs.most(candidate, { besideSeed: !isSeed && isAnsweredBySeed(example, trial) });
      },
      candidate,
      hash,
      example,
      trial,
    }));
  };
  const figuresOf = (candidate: Candidate, examples: readonly Example[], trial = 0): CandidateEvaluation => {
    const hash = hashCandidate(candidate);
    return evaluationOf(
      candidate,
      examples.flatMap(({ id }) => {
        const key = rowKey(hash, id, trial);
        const settled = effects.isSettled(key) ? record.get(key) : undefined;
        return settled?.kind === 'row' ? [settled.row] : [];
      }),
    );
  };
  const withTexts = async ({
    candidate,
    hash,
    results,
  }: CandidateEvaluation): Promise<CandidateEvaluation> => {
    const keys = results.map(({ exampleId, trial }) => rowKey(hash, exampleId, trial));
    const rows = await record.read(keys);
    return evaluationOf(
      candidate,
      results.map(
        (row, index) => rows.get(textOf(keys[index] ?? rowKey(hash, row.exampleId, row.trial))) ?? row,
      ),
    );
  };

  return {
    known: figuresOf,
    isAnswered: (candidate, { id }) => effects.isSettled(rowKey(hashCandidate(candidate), id)),
    evaluate: async (candidate, examples, { traces, ...asker }) => {
      await effects.request({ units: unitsOf(candidate, examples, asker), purpose: asker.purpose });
      const evaluation = figuresOf(candidate, examples, asker.trial);
      return traces === true ? withTexts(evaluation) : evaluation;
    },
    evaluateTogether: async (candidates, examples, { traces, ...asker }) => {
      const each = candidates.map((candidate) => unitsOf(candidate, examples, asker));
      // Candidate by candidate a local model keeps the state of each prompt's shared beginning.
      const units = mayEnd(each.flat(), asker.account) ? rowByRow(each) : each.flat();
      await effects.request({ units, purpose: asker.purpose });
      const evaluations = candidates.map((candidate) => figuresOf(candidate, examples));
      return traces === true ? Promise.all(evaluations.map(withTexts)) : evaluations;
    },
  };
}

function mayEnd(units: readonly RowUnit[], account: Account): boolean {
  const left = account.left();
  const calls = units.reduce((sum, { most }) => sum + most.calls, 0);
  const usd = units.reduce((sum, { most }) => sum + most.usd, 0);
  const tokens = units.reduce((sum, { most }) => sum + most.tokens, 0);
  return calls > left.calls || usd > left.usd || tokens > left.tokens;
}

function rowByRow(each: readonly (readonly RowUnit[])[]): readonly RowUnit[] {
  return (each[0] ?? []).flatMap((_, row) => each.flatMap((units) => units[row] ?? []));
}

/** Puts results together, as an optimizer sees them. */
export function evaluationOf(candidate: Candidate, results: readonly RowResult[]): CandidateEvaluation {
  const values = results.flatMap(({ outcome }) => ('value' in outcome ? [outcome.value] : []));
  return {
    candidate,
    hash: hashCandidate(candidate),
    mean: values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length,
    scored: values.length,
    objectives: objectivesOf(results),
    results,
  };
}

/** Means over the rows that were answered; what one of them lacks of cost, latency or tokens is left out. */
function objectivesOf(results: readonly RowResult[]): Readonly<Record<string, number>> {
  const answered = results.filter(({ outcome }) => outcome.status !== 'infrastructure-error');
  const measured = answered.flatMap(({ outcome }) =>
    outcome.status === 'scored' ? Object.keys(outcome.objectives ?? {}) : [],
  );
  const taken: readonly string[] = takenObjectives;
  return Object.fromEntries(
    [...taken, ...new Set(measured)].flatMap((name) => {
      const values = answered.flatMap((result) => objectiveOf(result, name) ?? []);
      if (values.length === 0 || (taken.includes(name) && values.length < answered.length)) return [];
      return [[name, values.reduce((sum, value) => sum + value, 0) / values.length]];
    }),
  );
}

/** The rows that a search may have answered, frozen, by id and with their content. */
export interface KnownRows {
  /**
   * The run's own rows in the place of those that were given.
   *
   * @throws {HoneError} `HONE_OPTION_INVALID` when one is not a row of this search, or was changed.
   */
  own(examples: readonly Example[]): readonly Example[];
}

/** Outcomes are kept by the id of a row, so the row behind an id must be the one that the run knows. */
export function knownRows(rows: readonly Example[]): KnownRows {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return {
    own: (examples) =>
      examples.map((example) => {
        const row = byId.get(example.id);
        if (row === example) return row;
        if (row !== undefined && canonicalJson(row) === canonicalJson(example)) return row;
        throw new HoneError(
          row === undefined
            ? `The optimizer asked for row ${example.id}, which is not in its train and validation rows.`
            : `The optimizer changed row ${example.id}: its content is not that of the row of this id.`,
          {
            code: 'HONE_OPTION_INVALID',
            hint: 'Evaluate rows of `context.train` and `context.validation`, as they are.',
            facts: { exampleId: example.id },
          },
        );
      }),
  };
}
