import { HoneError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import { completeCandidate } from '../../program/check-candidate.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext } from '../optimizer.ts';
import { type Amounts, minus, nothing, plus, tooMuch } from './amounts.ts';
import { createAsk } from './ask-models.ts';
import { knownRows } from './evaluator.ts';
import { createPreferences } from './prefer.ts';
import { race } from './race.ts';
import { rowKey, textOf } from './record.ts';
import { furtherReserveOf } from './reserve.ts';
import { isExhausted, reasonOf, type Scope } from './scope.ts';

/** All that a search sees. `nest` runs another one inside it. */
export function createContext(scope: Scope, nest: OptimizationContext['nest']): OptimizationContext {
  const { task, engine, gate, ledger, account, path, underWay, stopping } = scope;
  const inValidation = new Set(task.validation.map(({ id }) => id));
  const { program, evaluator } = engine;
  const rows = knownRows([...task.train, ...task.validation]);
  const asker = { account, purpose: 'search' } as const;

  /** Faults have no score, so a candidate whose rows are mostly lost says nothing by its mean. */
  const tellFaults = ({ hash, results }: CandidateEvaluation) => {
    const faults = results.flatMap(({ outcome }) =>
      outcome.status === 'infrastructure-error' ? [outcome] : [],
    );
    const [first] = faults;
    if (
      first === undefined ||
      engine.toldFaults.has(hash) ||
      results.length < 3 ||
      2 * faults.length < results.length
    )
      return;
    engine.toldFaults.add(hash);
    const name = gate.origins.get(hash)?.origin ?? 'the seed';
    const message = `${faults.length} of ${results.length} rows could not be answered with ${name} (${hash.slice(0, 8)}), so they have no score: ${first.reason}`;
    engine.emit({ type: 'notice', message });
  };

  const evaluate: OptimizationContext['evaluate'] = async (candidate, examples, options = {}) => {
    const own = rows.own(examples);
    const whole = completeCandidate(candidate, { program, seed: task.seed });
    const { trial = 0 } = options;
    if (!Number.isInteger(trial) || trial < 0) {
      throw new HoneError(`The optimizer asked for trial ${trial} of its rows.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Give a whole number from 0.',
      });
    }
    // Further answers of a row teach a search something, and are no further rows: only the first is compared.
    const compared = (results: CandidateEvaluation['results']) => {
      if (trial === 0) ledger.add(whole, results);
      stopping.observe();
    };
    const isCompared = trial === 0 && own.some((row) => inValidation.has(row.id));
    if (isCompared) underWay.add(whole);
    try {
      stopping.throwIfMet();
      const evaluation = await evaluator.evaluate(whole, own, { ...asker, ...options });
      compared(evaluation.results);
      tellFaults(evaluation);
      return evaluation;
    } catch (thrown) {
      if (!isExhausted(thrown)) throw thrown;
      // A limit came first: what was answered until there counts all the same.
      const { results } = evaluator.known(whole, own, trial);
      if (results.length > 0) compared(results);
      await scope.patience.refused(reasonOf(thrown));
      throw thrown;
    } finally {
      if (isCompared) underWay.delete(whole);
    }
  };
  const ask = createAsk(engine, {
    account,
    path,
    purpose: 'search',
    before: stopping.throwIfMet,
    refused: scope.patience.refused,
  });

  return {
    program,
    seed: task.seed,
    train: Object.freeze([...task.train]),
    validation: Object.freeze([...task.validation]),
    choiceScores: engine.choiceScores,
    ask,
    admit: gate.admit,
    evaluate,
    race: (candidates, plan) =>
      race(candidates, plan, {
        evaluate: (candidate, examples) => evaluate(candidate, examples, { traces: plan.rank !== undefined }),
        emit: (event) => {
          if (event.type === 'candidate-eliminated') ledger.eliminate(event.candidate);
          engine.emit(event);
        },
      }),
    prefer: createPreferences({ evaluate, ask, program, models: engine.models }),
    nest,
    random: createRandom(`${engine.randomSeed}/${path}`),
    budget: viewOf(scope),
    objectives: engine.objectives,
    models: Object.keys(engine.models),
    signal: engine.signal,
  };
}

function viewOf({ account, engine, task, ledger, underWay }: Scope): OptimizationContext['budget'] {
  const { costs } = engine;
  return {
    calls: () => Math.max(0, account.left().calls),
    reflectionCalls: () => Math.max(0, account.left().reflectionCalls),
    tokens: () => Math.max(0, account.left().tokens),
    usd: () => Math.max(0, account.left().usd),
    allows: (rows, candidate = task.seed) => {
      const whole = { ...task.seed, ...candidate };
      const count = typeof rows === 'number' ? rows : rows.length;
      const needed = plus(
        costs.safely(whole, count),
        furtherReserveOf(whole, task, { ledger, costs, most: engine.budget.most }),
      );
      const room = typeof rows === 'number' ? nothing : keptFor(whole, rows, { account, underWay });
      return tooMuch(needed, plus(account.left(), room)) === undefined;
    },
  };
}

/** What is kept back for these rows of a candidate already, were they asked for now. */
function keptFor(
  candidate: Candidate,
  rows: readonly Example[],
  { account, underWay }: Pick<Scope, 'account' | 'underWay'>,
): Amounts {
  const hash = hashCandidate(candidate);
  const isAlone = underWay.size === 0;
  if (isAlone) underWay.add(candidate);
  const before = account.left();
  const kept = account.keptFor(rows.map(({ id }) => rowKey(hash, id)));
  const asked = rows.flatMap(({ id }) => kept.get(textOf(rowKey(hash, id))) ?? []);
  if (isAlone) underWay.delete(candidate);
  return plus(asked.reduce(plus, nothing), minus(before, account.left()));
}
