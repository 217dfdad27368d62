import type { JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { Example } from '../dataset/dataset.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import type { ProgramShape } from '../program/program.ts';
import type { Candidate, CandidateHash, ParameterKind } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';

/** A candidate with its scores on the same rows as every candidate it is compared with. */
export interface CandidateEvaluation {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  /** Mean over the rows that have a value; 0 when none has. */
  readonly mean: number;
  /** In the order of the examples asked for. */
  readonly results: readonly RowResult[];
}

/** Raw proposal of a strategy, before the guards. */
export interface Draft {
  /** The parameters that change; the parent gives the others. */
  readonly changes: Candidate;
  /** Where it comes from, in a few words: 'demo set 3', 'rewritten from 2 failures'. */
  readonly origin: string;
}

/** Nested prefixes of one shared row order; after each, only the better candidates go on. */
export interface RacePlan {
  readonly examples: readonly Example[];
  /** Rows after each rung, ascending; the last is the end of the race. */
  readonly rungs: readonly number[];
  /** Share of the candidates that goes on after a rung: 1 / `eta`. @default 2 */
  readonly eta?: number | undefined;
  /** Fewest candidates that reach the end. @default 1 */
  readonly keep?: number | undefined;
  /** How a race ranks; higher is better. Left out: the mean score. */
  readonly rank?: ((evaluation: CandidateEvaluation) => number) | undefined;
}

export interface RaceResult {
  /** The candidates that reached the last rung, best first. */
  readonly finalists: readonly CandidateEvaluation[];
  /** Every candidate with the rows that it was scored on, best first, finalists leading. */
  readonly ranking: readonly CandidateEvaluation[];
}

/** A request to the reflection model, answered through a signature; repaired once, never raw text. */
export interface Ask {
  /** Unique in its scope: part of the draw. */
  readonly label: string;
  readonly signature: Signature;
  readonly inputs: JsonObject;
  /** Independent answers wanted. @default 1 */
  readonly samples?: number | undefined;
  readonly temperature?: number | undefined;
}

/** What is left to spend. */
export interface BudgetView {
  /** Task calls left for the search, the reserve of the final proof already taken off. */
  readonly callsLeft: number;
  readonly reflectionCallsLeft: number;
  /** Undefined without a dollar limit. */
  readonly usdLeft: number | undefined;
  /** Whether this many further row evaluations fit. */
  allows(rows: number): boolean;
}

/** Decisions of a search, as they are made. Deterministic: no times, no costs. */
export type OptimizationEvent =
  | { readonly type: 'phase-started'; readonly phase: string; readonly note?: string | undefined }
  | {
      readonly type: 'candidate-proposed';
      readonly candidate: CandidateHash;
      readonly parent: CandidateHash;
      readonly origin: string;
    }
  | { readonly type: 'candidate-rejected'; readonly origin: string; readonly reason: string }
  | {
      readonly type: 'candidate-evaluated';
      readonly candidate: CandidateHash;
      readonly mean: number;
      readonly rows: number;
      readonly split: 'train' | 'validation';
    }
  | {
      readonly type: 'candidate-eliminated';
      readonly candidate: CandidateHash;
      readonly mean: number;
      readonly rows: number;
    }
  | {
      readonly type: 'candidate-accepted';
      readonly candidate: CandidateHash;
      readonly mean: number;
      readonly note: string;
    }
  | { readonly type: 'budget-exhausted'; readonly reason: StopReason }
  | { readonly type: 'notice'; readonly message: string }
  | {
      readonly type: 'confirmation';
      readonly candidates: readonly { readonly candidate: CandidateHash; readonly mean: number }[];
      readonly rows: number;
    }
  | {
      readonly type: 'test-evaluated';
      /** `seed`, `winner`, or the name of a control. */
      readonly role: string;
      readonly candidate: CandidateHash;
      readonly mean: number;
      readonly rows: number;
    }
  | {
      readonly type: 'finished';
      readonly verdict: string;
      readonly candidate: CandidateHash;
      readonly stopReason: StopReason;
    };

export type StopReason = 'done' | 'calls' | 'cost' | 'time' | 'cancelled' | 'error';

/** The size of a task, for estimates. */
export interface TaskSize {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Model calls of one run of the program. */
  readonly callsPerRow: number;
  readonly program: ProgramShape;
  readonly choiceScores: boolean;
}

/** Most calls that a search makes with its options, the final proof excluded. */
export interface CallEstimate {
  readonly task: number;
  readonly reflection: number;
}

/**
 * A search: candidates in, better candidates out. One file: an async generator that yields decisions and
 * returns the best candidate it found. It sees its context and nothing else: no clock, no unseeded
 * randomness, no model. The driver owns budget, splits, persistence, cancellation and the final proof.
 */
export interface Optimizer {
  readonly name: string;
  /** Raised whenever the same options would decide otherwise; part of a run's identity. */
  readonly version: number;
  /** Its options, for the identity of a run and for the report. */
  readonly options: JsonObject;
  readonly needs: {
    /** At least one parameter of each of these kinds. */
    readonly parameters: readonly ParameterKind[];
    /** Whether rows must have expected outputs. */
    readonly labels: boolean;
    readonly feedback?: boolean | undefined;
    readonly reflectionModel?: boolean | undefined;
    /** Whether the task model must score the answers of closed choices. */
    readonly choiceScores?: boolean | undefined;
  };
  estimate(size: TaskSize): CallEstimate;
  optimize(context: OptimizationContext): AsyncGenerator<OptimizationEvent, Candidate, void>;
}

/** Everything that a search may use. */
export interface OptimizationContext {
  readonly program: ProgramShape;
  /** Complete: every parameter of the program. */
  readonly seed: Candidate;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** Whether the task model scores the answers of closed choices. */
  readonly choiceScores: boolean;
  /**
   * Asks the reflection model. Answers that cannot be read are left out after one repair.
   *
   * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` when the reflection budget does not allow it.
   */
  ask(request: Ask): Promise<readonly JsonObject[]>;
  /**
   * Passes drafts through the guards: declared parameters only, of the same kind, slots kept, not empty, not
   * grown beyond bounds, not seen before. Rejections become events.
   */
  admit(drafts: readonly Draft[], parent: Candidate): readonly Candidate[];
  /** Scores a candidate on rows. A pair that was scored before costs nothing. */
  evaluate(
    candidate: Candidate,
    examples: readonly Example[],
    options?: { readonly traces?: boolean | undefined },
  ): Promise<CandidateEvaluation>;
  /** A paired race on nested prefixes: shared row order, early elimination. */
  race(candidates: readonly Candidate[], plan: RacePlan): Promise<RaceResult>;
  /** The same context with its own random stream and draw labels; nested optimizers run in one. */
  scope(label: string): OptimizationContext;
  readonly random: Random;
  readonly budget: BudgetView;
  readonly signal: AbortSignal;
}
