import { HoneError } from '../../base/errors.ts';
import { createRandom, type Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Model } from '../../model/model.ts';
import type { ProgramShape } from '../../program/program.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type {
  CandidateEvaluation,
  OptimizationContext,
  OptimizationEvent,
  Optimizer,
  StopReason,
} from '../optimizer.ts';
import { createAdmission } from './admit.ts';
import { ask } from './ask.ts';
import type { BudgetMeter } from './budget.ts';
import type { Evaluator } from './evaluator.ts';
import { race } from './race.ts';
import type { CandidateRecord, CurvePoint } from './report.ts';

/** What one search works with. */
export interface SearchSetting {
  readonly optimizer: Optimizer;
  readonly program: ProgramShape;
  readonly seed: Candidate;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly model: Model;
  readonly reflectionModel?: Model | undefined;
  readonly evaluator: Evaluator;
  readonly budget: BudgetMeter;
  readonly randomSeed: number;
  /** Names the search among several of one run. */
  readonly label: string;
  readonly maxCandidates?: number | undefined;
  readonly signal: AbortSignal;
  emit(event: OptimizationEvent): void;
}

/** What a search found. */
export interface SearchResult {
  /** What the optimizer returned; without it (a limit ended the search), the best on all of validation. */
  readonly chosen: Candidate;
  readonly stopReason: StopReason;
  /** Candidates scored on all of validation, best first; ties keep the older. */
  readonly leaderboard: readonly CandidateEvaluation[];
  /** The seed on all of validation. */
  readonly baseline: CandidateEvaluation;
  readonly candidates: readonly CandidateRecord[];
  readonly curve: readonly CurvePoint[];
}

/** Scores the seed, then lets the optimizer decide until it returns or a limit ends it. */
export async function search(setting: SearchSetting): Promise<SearchResult> {
  const { optimizer, seed, validation, evaluator, emit } = setting;
  const ledger = createLedger(setting);
  emit({ type: 'phase-started', phase: 'baseline' });
  const baseline = await evaluator.evaluate(seed, validation, 'search');
  ledger.add(baseline, validation);
  emit({ type: 'phase-started', phase: 'search', note: optimizer.name });
  const { chosen, stopReason } = await runOptimizer(optimizer, createContext(setting, ledger), emit);
  const leaderboard = ledger.leaderboard();
  return {
    chosen: chosen ?? leaderboard[0]?.candidate ?? seed,
    stopReason,
    leaderboard,
    baseline,
    candidates: ledger.candidates(),
    curve: ledger.curve,
  };
}

async function runOptimizer(
  optimizer: Optimizer,
  context: OptimizationContext,
  emit: (event: OptimizationEvent) => void,
): Promise<{ readonly chosen?: Candidate; readonly stopReason: StopReason }> {
  const decisions = optimizer.optimize(context);
  try {
    while (true) {
      const next = await decisions.next();
      if (next.done) return { chosen: next.value, stopReason: 'done' };
      emit(next.value);
    }
  } catch (thrown) {
    if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_BUDGET_EXHAUSTED') throw thrown;
    const stopReason = (thrown.facts.reason ?? 'cost') as StopReason;
    emit({ type: 'budget-exhausted', reason: stopReason });
    return { stopReason };
  }
}

function createContext(setting: SearchSetting, ledger: Ledger): OptimizationContext {
  const { program, seed, train, validation, evaluator, budget, emit, signal } = setting;
  const evaluate = async (candidate: Candidate, examples: readonly Example[]) => {
    const evaluation = await evaluator.evaluate(candidate, examples, 'search');
    ledger.add(evaluation, examples);
    return evaluation;
  };
  const inScope = (path: string, random: Random): OptimizationContext => ({
    program,
    seed,
    train,
    validation,
    choiceScores: setting.model.capabilities.choiceScores,
    ask: (request) => ask(request, { ...setting, path }),
    admit: ledger.admit,
    evaluate,
    race: (candidates, plan) =>
      race(candidates, plan, {
        evaluate,
        emit: (event) => {
          if (event.type === 'candidate-eliminated') ledger.eliminate(event.candidate);
          emit(event);
        },
      }),
    scope: (label) => inScope(`${path}/${label}`, random.fork(label)),
    random,
    get budget() {
      return budget.view();
    },
    signal,
  });
  return inScope(setting.label, createRandom(`${setting.randomSeed}/${setting.label}`));
}

/** Everything that was scored in one search, for the leaderboard and the report. */
interface Ledger {
  readonly admit: OptimizationContext['admit'];
  add(evaluation: CandidateEvaluation, examples: readonly Example[]): void;
  eliminate(hash: CandidateHash): void;
  leaderboard(): readonly CandidateEvaluation[];
  candidates(): readonly CandidateRecord[];
  readonly curve: CurvePoint[];
}

function createLedger({ program, seed, maxCandidates, validation, train, emit }: SearchSetting): Ledger {
  const { admit, origins } = createAdmission({ program, seed, train, maxCandidates, emit });
  const seedHash = hashCandidate(seed);
  const inTrain = new Set(train.map(({ id }) => id));
  const records = new Map<CandidateHash, CandidateRecord>();
  const complete = new Map<CandidateHash, CandidateEvaluation>();
  const seen = new Set<string>();
  const curve: CurvePoint[] = [];
  let best = Number.NEGATIVE_INFINITY;

  return {
    admit,
    curve,
    add: (evaluation, examples) => {
      const { hash, mean, results } = evaluation;
      const split = examples.some(({ id }) => inTrain.has(id)) ? 'train' : 'validation';
      for (const { exampleId } of results) seen.add(`${hash} ${exampleId}`);
      emit({ type: 'candidate-evaluated', candidate: hash, mean, rows: results.length, split });
      if (split === 'train') return;
      const before = records.get(hash);
      const origin = hash === seedHash ? 'seed' : (origins.get(hash)?.origin ?? 'not proposed');
      if (before === undefined || results.length >= before.rows) {
        records.set(hash, {
          hash,
          origin,
          mean,
          rows: results.length,
          eliminated: before?.eliminated ?? false,
        });
      }
      if (results.length < validation.length) return;
      if (!complete.has(hash)) complete.set(hash, evaluation);
      best = Math.max(best, mean);
      curve.push({ rows: seen.size, mean, best });
    },
    eliminate: (hash) => {
      const record = records.get(hash);
      if (record !== undefined) records.set(hash, { ...record, eliminated: true });
    },
    leaderboard: () => [...complete.values()].sort((a, b) => b.mean - a.mean),
    candidates: () => [...records.values()],
  };
}
