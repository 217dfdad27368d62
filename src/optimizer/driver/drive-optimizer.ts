import { HoneError, messageOf } from '../../base/errors.ts';
import { completeCandidate } from '../../program/check-candidate.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { Decision, NestOptions, NestResult, Optimizer, StopReason } from '../optimizer.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { failed, faultOfDecision, faultOfReturned } from './check-optimizer.ts';
import { createContext } from './context.ts';
import { knownRows } from './evaluator.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPatience, isExhausted, reasonOf, type Scope, type SearchTask } from './scope.ts';

/** How an optimizer ended. */
export interface Ended {
  readonly returned?: Candidate | undefined;
  /** What the optimizer last called its best. */
  readonly accepted?: Candidate | undefined;
  readonly stopReason: StopReason;
}

/**
 * Passes an optimizer's decisions on, and turns a limit into an end.
 *
 * @throws {HoneError} `HONE_OPTIMIZER_FAILED` when it throws an error of its own, or yields or returns what is no
 *   decision and no candidate.
 */
export async function* driveOptimizer(
  optimizer: Optimizer,
  scope: Scope,
): AsyncGenerator<Decision, Ended, void> {
  const decisions = start(optimizer, scope);
  let accepted: Candidate | undefined;
  while (true) {
    const next = await nextOf(decisions, { optimizer, scope });
    switch (next.kind) {
      case 'limit':
        scope.met.reason = next.reason;
        return { accepted, stopReason: next.reason };
      case 'overrun':
        yield {
          type: 'notice',
          message: `The optimizer "${optimizer.name}" went on asking after its budget was spent, so it was ended.`,
        };
        scope.met.reason = next.reason;
        return { accepted, stopReason: next.reason };
      case 'returned':
        return {
          returned: { ...scope.task.seed, ...next.candidate },
          accepted,
          // A condition that its last candidate met is why it is over, also where it was about to end.
          stopReason: scope.met.reason ?? scope.stopping.reason() ?? 'done',
        };
      case 'decision': {
        yield next.decision;
        if (next.decision.type !== 'candidate-accepted') break;
        const known = acceptedOf(next.decision.candidate, scope);
        if (known === undefined) yield strangerAccepted(next.decision.candidate, optimizer);
        else if (!scope.nested.has(next.decision) || !isWorse(known, accepted, scope)) accepted = known;
      }
    }
  }
}

function acceptedOf(hash: CandidateHash, { gate, task }: Scope): Candidate | undefined {
  return gate.candidateOf(hash) ?? (hash === hashCandidate(task.seed) ? task.seed : undefined);
}

/**
 * A nested search starts from something that may be worse than what stands, and what it accepts is the best of its
 * own: it replaces what was accepted before only where it is not worse on the rows that both were scored on.
 */
function isWorse(candidate: Candidate, accepted: Candidate | undefined, { engine, task }: Scope): boolean {
  if (accepted === undefined) return false;
  const { known } = engine.evaluator;
  const { rows, mean } = pairedDifference(
    known(accepted, task.validation),
    known(candidate, task.validation),
    task,
  );
  return rows === 0 || mean < 0;
}

function strangerAccepted(hash: CandidateHash, { name }: Optimizer): Decision {
  return {
    type: 'notice',
    message: `The optimizer "${name}" accepted candidate ${hash}, which was never admitted, so nothing was accepted.`,
  };
}

type Next =
  | { readonly kind: 'decision'; readonly decision: Decision }
  | { readonly kind: 'returned'; readonly candidate: Candidate }
  | { readonly kind: 'limit' | 'overrun'; readonly reason: StopReason };

type Decisions = ReturnType<Optimizer['optimize']>;

function start(optimizer: Optimizer, scope: Scope): Decisions {
  const context = createContext(scope, (inner, options) => nest(inner, { ...options, outer: scope }));
  let decisions: Decisions | undefined;
  try {
    decisions = optimizer.optimize(context);
  } catch (cause) {
    throw faultOf(cause, optimizer);
  }
  if (typeof decisions?.next === 'function') return decisions;
  throw failed(optimizer, { what: '`optimize` is no async generator: write async *optimize(context) { … }' });
}

/** What the optimizer does next, or that it is over with it. */
async function nextOf(
  decisions: Decisions,
  { optimizer, scope }: { readonly optimizer: Optimizer; readonly scope: Scope },
): Promise<Next> {
  try {
    const step = await Promise.race([decisions.next(), scope.patience.overrun]);
    if ('overrun' in step) return { kind: 'overrun', reason: step.overrun };
    const fault = step.done ? faultOfReturned(step.value) : faultOfDecision(step.value);
    if (fault !== undefined) throw failed(optimizer, { what: fault });
    return step.done
      ? { kind: 'returned', candidate: step.value }
      : { kind: 'decision', decision: step.value };
  } catch (thrown) {
    if (isExhausted(thrown)) return { kind: 'limit', reason: reasonOf(thrown) };
    if (scope.engine.signal.aborted) throw thrown;
    throw faultOf(thrown, optimizer);
  }
}

/** Errors of Hone pass through; what an optimizer's own code throws is its fault. */
function faultOf(thrown: unknown, optimizer: Optimizer): HoneError {
  return HoneError.isInstance(thrown)
    ? thrown
    : failed(optimizer, { what: `it threw: ${messageOf(thrown)}`, cause: thrown });
}

async function* nest(
  optimizer: Optimizer,
  { outer, label, seed, train, validation, share = 1 }: NestOptions & { readonly outer: Scope },
): AsyncGenerator<Decision, NestResult, void> {
  const { engine, gate, underWay } = outer;
  if (!(share > 0 && share <= 1)) {
    throw new HoneError(`The share of the nested search "${label}" is ${share}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give a number above 0, at most 1.',
    });
  }
  const rows = knownRows([...outer.task.train, ...outer.task.validation]);
  const task: SearchTask = {
    ...outer.task,
    optimizer,
    seed:
      seed === undefined
        ? outer.task.seed
        : completeCandidate(seed, { program: engine.program, seed: outer.task.seed }),
    train: train === undefined ? outer.task.train : rows.own(train),
    validation: validation === undefined ? outer.task.validation : rows.own(validation),
    label,
  };
  const own = createLedger({ ...task, originOf: (hash) => gate.origins.get(hash), emit: engine.emit });
  // What a nested search scores, the outer one knows too; only one of them tells.
  const ledger: Ledger = {
    ...own,
    get curve() {
      return own.curve;
    },
    add: (candidate, results) => {
      own.add(candidate, results);
      outer.ledger.add(candidate, results, { silently: true });
    },
    eliminate: (hash) => {
      own.eliminate(hash);
      outer.ledger.eliminate(hash);
    },
  };
  const account = outer.account.nest(share);
  // What is spent for a search with the whole share is spent for the outer one too.
  const met = share === 1 ? outer.met : {};
  const path = `${outer.path}/${label}`;
  const scope: Scope = {
    task,
    engine,
    gate,
    ledger,
    account,
    underWay,
    stopping: outer.stopping,
    nested: new WeakSet(),
    path,
    met,
    patience: createPatience(),
  };
  const { returned, accepted, stopReason } = yield* markedNested(driveOptimizer(optimizer, scope), outer);
  return {
    candidate: returned ?? accepted ?? best(ledger) ?? task.seed,
    stopReason,
    ranking: ledger.ranking().map(({ candidate }) => engine.evaluator.known(candidate, task.validation)),
  };
}

/** Passes decisions on, known to the outer search as those of another. */
async function* markedNested(
  decisions: AsyncGenerator<Decision, Ended, void>,
  { nested }: Scope,
): AsyncGenerator<Decision, Ended, void> {
  while (true) {
    const next = await decisions.next();
    if (next.done) return next.value;
    nested.add(next.value);
    yield next.value;
  }
}

/** The candidate that leads, if any was scored. */
export function best(ledger: Ledger): Candidate | undefined {
  return ledger.ranking()[0]?.candidate;
}
