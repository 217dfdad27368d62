import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Model } from '../../model/model.ts';
import type { ProgramShape } from '../../program/program.ts';
import type { Candidate, CandidateHash } from '../../prompt/candidate.ts';
import type { Decision, Objective, OptimizationEvent, Optimizer, StopReason } from '../optimizer.ts';
import type { SearchCourse, StopCondition } from '../stop-condition.ts';
import type { Gate } from './admit.ts';
import type { AskUnit } from './ask.ts';
import type { Account, RunBudget } from './budget.ts';
import { type Effects, exhausted } from './effects.ts';
import type { Evaluator } from './evaluator.ts';
import type { Ledger } from './ledger.ts';
import type { EffectRecord } from './record.ts';
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
  readonly stopWhen: readonly StopCondition[];
  readonly randomSeed: number;
  readonly maxCandidates?: number | undefined;
  readonly signal: AbortSignal;
  emit(event: OptimizationEvent): void;
  /** Candidates whose faults were told, whichever search met them first. */
  readonly toldFaults: Set<CandidateHash>;
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
  /** Whether answers are compared by a judge and have no score. @default false */
  readonly judged?: boolean | undefined;
  /** Names the search among several of one run. */
  readonly label: string;
  /** Whether a seed that leaves nothing to improve is searched all the same. @default false */
  readonly evenIfSaturated?: boolean | undefined;
}

/** One search, or one nested in it, with what is its own. */
export interface Scope {
  readonly task: SearchTask;
  readonly engine: SearchEngine;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly account: Account;
  /** Candidates whose rows of validation are being answered now. */
  readonly underWay: Set<Candidate>;
  /** Decisions that searches nested in this one made. */
  readonly nested: WeakSet<Decision>;
  /** Names it within the run: part of its random stream and of its draws. */
  readonly path: string;
  /** The condition that has ended the whole search, once one held. */
  readonly stopping: Stopping;
  /** The limit that this search has met, also in a nested one with the same account. */
  readonly met: { reason?: StopReason };
  readonly patience: Patience;
}

/** Whether a condition of the run has ended its search; asked of the outermost ledger, whoever scored. */
export interface Stopping {
  /** Called after each evaluation on validation. */
  observe(): void;
  /** Which condition has held, in the words of a report. */
  reason(): StopReason | undefined;
  /** @throws {HoneError} `HONE_BUDGET_EXHAUSTED` with `facts.reason` once a condition has held. */
  throwIfMet(): void;
}

export function createStopping(conditions: readonly StopCondition[], course: () => SearchCourse): Stopping {
  let met: StopCondition | undefined;
  return {
    observe: () => {
      if (met !== undefined || conditions.length === 0) return;
      const now = course();
      met = conditions.find((condition) => condition.holds(now));
    },
    reason: () => met?.reason,
    throwIfMet: () => {
      if (met !== undefined) throw exhausted(met.reason);
    },
  };
}

/** How long an optimizer is listened to that asks on and on although its budget is spent. */
export interface Patience {
  /** Called for each request that was refused; later ones are never answered once patience is at its end. */
  refused(reason: StopReason): Promise<void>;
  /** Resolves when it is at its end. */
  readonly overrun: Promise<{ readonly overrun: StopReason }>;
}

/** Refusals that an optimizer may meet: whatever it asks for at once, and what it then tries instead. */
const mostRefusals = 1_000;

export function createPatience(): Patience {
  let refusals = 0;
  let end: (reason: { readonly overrun: StopReason }) => void = () => undefined;
  const overrun = new Promise<{ readonly overrun: StopReason }>((resolve) => {
    end = resolve;
  });
  return {
    overrun,
    refused: async (reason) => {
      refusals += 1;
      if (refusals <= mostRefusals) return;
      end({ overrun: reason });
      await new Promise(() => undefined);
    },
  };
}

/** Whether a limit is what ended it. */
export function isExhausted(thrown: unknown): thrown is HoneError {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
}

/** Which limit. */
export function reasonOf(thrown: HoneError): StopReason {
  return (thrown.facts.reason ?? 'cost') as StopReason;
}
