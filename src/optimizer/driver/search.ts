import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { Optimizer, StopReason } from '../optimizer.ts';
import { brokenBounds } from '../part/objective-values.ts';
import { createGate, type Gate } from './admit.ts';
import { best, driveOptimizer, type Ended } from './drive-optimizer.ts';
import { indexRows } from './index-rows.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createReserve } from './reserve.ts';
import {
  createPatience,
  createStopping,
  isExhausted,
  reasonOf,
  type Scope,
  type SearchEngine,
  type SearchTask,
} from './scope.ts';

/** What a search found. */
export interface SearchResult {
  /** What the optimizer returned, else what it accepted last, else the best of what was scored. */
  readonly chosen: Candidate;
  readonly stopReason: StopReason;
  readonly ledger: Ledger;
  readonly gate: Gate;
}

/** Scores the seed, then lets the optimizer decide until it returns or a limit ends it. */
export async function search(task: SearchTask, engine: SearchEngine): Promise<SearchResult> {
  const { optimizer, seed, train, validation, evenIfSaturated = false } = task;
  const { emit } = engine;
  const rows = await indexRows(train, engine.program);
  if (rows !== undefined && rows.keptOneOf > 1) {
    emit({
      type: 'notice',
      message: `The training rows are too long to keep all their words: a proposed prompt that copies one is refused from about ${8 * rows.keptOneOf} words in a row on.`,
    });
  }
  const gate = createGate({
    program: engine.program,
    seed,
    rows,
    maxCandidates: engine.maxCandidates,
    emit,
    keep: engine.keepCandidate,
  });
  engine.keepCandidate(hashCandidate(seed), seed);
  const ledger = createLedger({ seed, train, validation, originOf: (hash) => gate.origins.get(hash), emit });
  const underWay = new Set<Candidate>();
  const { costs, evaluator } = engine;
  const account = engine.budget.search(
    createReserve(task, {
      ledger,
      costs,
      most: engine.budget.most,
      isAnswered: evaluator.isAnswered,
      underWay,
    }),
  );
  const own: Scope = {
    task,
    engine,
    gate,
    ledger,
    underWay,
    nested: new WeakSet(),
    stopping: createStopping(engine.stopWhen, ledger.course),
    account,
    path: task.label,
    met: {},
    patience: createPatience(),
  };
  const found = (chosen: Candidate, stopReason: StopReason): SearchResult => ({
    chosen,
    stopReason,
    ledger,
    gate,
  });

  emit({ type: 'phase-started', phase: 'baseline' });
  // Where nothing has a score there is none to begin with.
  const baseline = task.judged ? 0 : await scoreSeed(own);
  if (baseline === undefined) return found(seed, 'calls');
  const isSaturated =
    baseline === 1 && brokenBounds(evaluator.known(seed, validation).results, engine.objectives).length === 0;
  if (isSaturated && !evenIfSaturated) return found(seed, 'saturated');
  emit({ type: 'phase-started', phase: 'search', note: optimizer.name });
  const { returned, accepted, stopReason } = await runOptimizer(optimizer, own);
  const whole = returned && gate.admitWhole(returned, 'returned by the optimizer');
  if (whole?.status === 'rejected') {
    emit({ type: 'notice', message: `The optimizer returned a candidate that was refused: ${whole.reason}` });
  }
  const admitted = whole === undefined || whole.status === 'rejected' ? undefined : whole.candidate;
  const leader = best(ledger);
  const isSeed = leader === undefined || hashCandidate(leader) === hashCandidate(seed);
  // Nothing but the seed was scored where it counts: what did best on the way there may still be.
  const spare = isSeed && ledger.ranking().length <= 1 ? ledger.promising() : undefined;
  return found(admitted ?? accepted ?? spare ?? leader ?? seed, stopReason);
}

/** The seed's mean on validation; undefined when a limit came first, or nothing has a score. */
async function scoreSeed({ task, engine, ledger, account }: Scope): Promise<number | undefined> {
  const { seed, validation } = task;
  try {
    const { mean, results } = await engine.evaluator.evaluate(seed, validation, {
      account,
      purpose: 'search',
    });
    ledger.add(seed, results);
    return mean ?? 0;
  } catch (thrown) {
    if (!isExhausted(thrown)) throw thrown;
    ledger.add(seed, engine.evaluator.known(seed, validation).results);
    engine.emit({ type: 'budget-exhausted', reason: reasonOf(thrown) });
    return undefined;
  }
}

async function runOptimizer(optimizer: Optimizer, scope: Scope): Promise<Ended> {
  const { engine } = scope;
  const decisions = driveOptimizer(optimizer, scope);
  while (true) {
    const next = await decisions.next();
    if (next.done) {
      const { stopReason } = next.value;
      if (stopReason !== 'done') engine.emit({ type: 'budget-exhausted', reason: stopReason });
      return next.value;
    }
    engine.emit(next.value);
  }
}
