import { HoneError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Model } from '../../model/model.ts';
import type { ProgramShape } from '../../program/program.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type {
  Decision,
  NestOptions,
  NestResult,
  Objective,
  OptimizationContext,
  OptimizationEvent,
  Optimizer,
  StopReason,
} from '../optimizer.ts';
import { createGate, type Gate } from './admit.ts';
import { times, tooMuch } from './amounts.ts';
import { type AskUnit, askKey, modelOf } from './ask.ts';
import type { Account, RunBudget } from './budget.ts';
import type { Effects } from './effects.ts';
import { type Evaluator, knownRows } from './evaluator.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPreferences } from './prefer.ts';
import { race } from './race.ts';
import type { EffectRecord } from './record.ts';
import { reserveOf } from './reserve.ts';
import type { RowCosts } from './row-costs.ts';

/** What all searches of one run work with. */
export interface SearchEngine {
  readonly program: ProgramShape;
  readonly evaluator: Evaluator;
  readonly effects: Effects<AskUnit>;
  readonly record: EffectRecord;
  readonly budget: RunBudget;
  readonly costs: RowCosts;
  /** By role, those that can be asked. */
  readonly models: Readonly<Record<string, Model>>;
  readonly choiceScores: boolean;
  readonly objectives: readonly Objective[];
  readonly randomSeed: number;
  readonly maxCandidates?: number | undefined;
  readonly signal: AbortSignal;
  emit(event: OptimizationEvent): void;
  keepCandidate(hash: string, candidate: Candidate): void;
}

/** What one search works on. */
export interface SearchTask {
  readonly optimizer: Optimizer;
  readonly seed: Candidate;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** Rows that the proof answers with each side: their cost is kept back from the search. */
  readonly testRows: number;
  /** Id of a row → what it counts once with. @default every row alone */
  readonly clusters?: ReadonlyMap<string, string> | undefined;
  /** Names the search among several of one run. */
  readonly label: string;
  /** Whether a seed that leaves nothing to improve is searched all the same. @default false */
  readonly evenIfSaturated?: boolean | undefined;
}

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
  const gate = createGate({
    program: engine.program,
    seed,
    train,
    maxCandidates: engine.maxCandidates,
    emit,
    keep: engine.keepCandidate,
  });
  engine.keepCandidate(hashCandidate(seed), seed);
  const ledger = createLedger({ seed, train, validation, originOf: (hash) => gate.origins.get(hash), emit });
  const account = engine.budget.search(() => reserveOf(task, { ledger, costs: engine.costs }));
  const own: Scope = { task, engine, gate, ledger, account, path: task.label, met: {} };
  const found = (chosen: Candidate, stopReason: StopReason): SearchResult => ({
    chosen,
    stopReason,
    ledger,
    gate,
  });

  emit({ type: 'phase-started', phase: 'baseline' });
  const baseline = await scoreSeed(own);
  if (baseline === undefined) return found(seed, 'calls');
  if (baseline === 1 && !evenIfSaturated) return found(seed, 'saturated');
  emit({ type: 'phase-started', phase: 'search', note: optimizer.name });
  const { returned, accepted, stopReason } = await runOptimizer(optimizer, own);
  const whole = returned && gate.admitWhole(returned, 'returned by the optimizer');
  if (whole?.status === 'rejected') {
    emit({ type: 'notice', message: `The optimizer returned a candidate that was refused: ${whole.reason}` });
  }
  const admitted = whole === undefined || whole.status === 'rejected' ? undefined : whole.candidate;
  return found(admitted ?? accepted ?? best(ledger) ?? seed, stopReason);
}

/** One search, or one nested in it, with what is its own. */
interface Scope {
  readonly task: SearchTask;
  readonly engine: SearchEngine;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly account: Account;
  /** Names it within the run: part of its random stream and of its draws. */
  readonly path: string;
  /** The limit that this search has met, also in a nested one with the same account. */
  readonly met: { reason?: StopReason };
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

interface Ended {
  readonly returned?: Candidate | undefined;
  /** What the optimizer last called its best. */
  readonly accepted?: Candidate | undefined;
  readonly stopReason: StopReason;
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

/** Passes decisions on, and turns a limit into an end. */
async function* driveOptimizer(optimizer: Optimizer, scope: Scope): AsyncGenerator<Decision, Ended, void> {
  const decisions = optimizer.optimize(createContext(scope));
  let accepted: Candidate | undefined;
  try {
    while (true) {
      const next = await decisions.next();
      if (next.done) {
        const stopReason = scope.met.reason ?? 'done';
        return { returned: { ...scope.task.seed, ...next.value }, accepted, stopReason };
      }
      if (next.value.type === 'candidate-accepted') {
        accepted = scope.gate.candidateOf(next.value.candidate) ?? accepted;
      }
      yield next.value;
    }
  } catch (thrown) {
    if (!isExhausted(thrown)) throw thrown;
    scope.met.reason = reasonOf(thrown);
    return { accepted, stopReason: scope.met.reason };
  }
}

function createContext(scope: Scope): OptimizationContext {
  const { task, engine, gate, ledger, account, path } = scope;
  const { program, evaluator, costs, record } = engine;
  const rows = knownRows([...task.train, ...task.validation]);
  const asker = { account, purpose: 'search' } as const;

  const evaluate: OptimizationContext['evaluate'] = async (candidate, examples, options = {}) => {
    const own = rows.own(examples);
    const whole = withAll(candidate, task.seed, program);
    try {
      const evaluation = await evaluator.evaluate(whole, own, { ...asker, ...options });
      ledger.add(whole, evaluation.results);
      return evaluation;
    } catch (thrown) {
      // A limit came first: what was answered until there counts all the same.
      const { results } = evaluator.known(whole, own);
      if (isExhausted(thrown) && results.length > 0) ledger.add(whole, results);
      throw thrown;
    }
  };
  const ask = (async (requests) => {
    const units = requests.map((request): AskUnit => {
      modelOf(request as Pick<AskUnit['ask'], 'role'>, engine.models);
      const draw = `${engine.randomSeed}/${path}/${request.label}/${request.sample ?? 0}`;
      const typical = costs.ask();
      return {
        kind: 'ask',
        key: askKey(draw, request as unknown as AskUnit['ask']),
        account,
        typical,
        most: times(typical, 2),
        ask: request as unknown as AskUnit['ask'],
        draw,
      };
    });
    await engine.effects.request({ units, purpose: 'search' });
    const results = units.map(({ key }) => {
      const settled = record.get(key);
      if (settled?.kind !== 'ask') throw new TypeError(`No answer for ${key.example}.`);
      return settled.ask.result;
    });
    for (const label of new Set(requests.map((request) => request.label))) {
      const of = results.filter((_, index) => requests[index]?.label === label);
      const count = (status: string) => of.filter((result) => result.status === status).length;
      engine.emit({
        type: 'reflected',
        label,
        answered: count('answered'),
        unreadable: count('unreadable'),
        lost: count('lost'),
      });
    }
    return results;
  }) as OptimizationContext['ask'];

  return {
    program,
    seed: task.seed,
    train: task.train,
    validation: task.validation,
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
    nest: (optimizer, options) => nest(optimizer, { ...options, outer: scope }),
    random: createRandom(`${engine.randomSeed}/${path}`),
    budget: viewOf(scope),
    objectives: engine.objectives,
    models: Object.keys(engine.models),
    signal: engine.signal,
  };
}

async function* nest(
  optimizer: Optimizer,
  { outer, label, seed, train, validation, share = 1 }: NestOptions & { readonly outer: Scope },
): AsyncGenerator<Decision, NestResult, void> {
  const { engine, gate } = outer;
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
    seed: seed === undefined ? outer.task.seed : withAll(seed, outer.task.seed, engine.program),
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
  const scope: Scope = { task, engine, gate, ledger, account, path: `${outer.path}/${label}`, met };
  const { returned, accepted, stopReason } = yield* driveOptimizer(optimizer, scope);
  return {
    candidate: returned ?? accepted ?? best(ledger) ?? task.seed,
    stopReason,
    ranking: ledger.ranking().map(({ candidate }) => engine.evaluator.known(candidate, task.validation)),
  };
}

function viewOf({ account, engine, task }: Scope): OptimizationContext['budget'] {
  const { costs } = engine;
  return {
    calls: () => Math.max(0, account.left().calls),
    reflectionCalls: () => Math.max(0, account.left().reflectionCalls),
    tokens: () => Math.max(0, account.left().tokens),
    usd: () => Math.max(0, account.left().usd),
    allows: (rows, candidate = task.seed) => {
      const whole = { ...task.seed, ...candidate };
      return tooMuch(times(costs.usual(whole), rows), account.left()) === undefined;
    },
  };
}

function best(ledger: Ledger): Candidate | undefined {
  return ledger.ranking()[0]?.candidate;
}

/**
 * The candidate with every parameter of the program.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` when it has one that the program lacks.
 */
function withAll(candidate: Candidate, seed: Candidate, program: ProgramShape): Candidate {
  const names = new Set(program.parameters.map(({ name }) => name));
  const unknown = Object.keys(candidate).find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new HoneError(
      `The candidate sets "${unknown}", which the program "${program.name}" does not have.`,
      {
        code: 'HONE_CANDIDATE_INVALID',
        hint: `Its parameters are ${[...names].join(', ')}.`,
      },
    );
  }
  return Object.keys(candidate).length === names.size ? candidate : { ...seed, ...candidate };
}

function isExhausted(thrown: unknown): thrown is HoneError {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
}

function reasonOf(thrown: HoneError): StopReason {
  return (thrown.facts.reason ?? 'cost') as StopReason;
}
