/**
 * The contract between a search and the driver that runs it. What both promise:
 *
 * - **Deterministic.** With the same rows, options, answers and seed a search makes the same decisions, whatever
 *   the concurrency, whichever answer comes first, on a cold and on a warm cache, killed and resumed or not.
 *   Hence a search has no clock, no unseeded randomness and no model: it sees its context and nothing else.
 * - **At once.** Everything that is asked for before anything is awaited runs concurrently: `ask`, `evaluate` and
 *   `prefer` called together are one round. Their results come in the order of asking, all at the round's end.
 * - **Throws.** `ask`, `evaluate`, `race` and `prefer` throw `HONE_BUDGET_EXHAUSTED` when a limit ends the search,
 *   `HONE_OPTION_INVALID` when they are asked for what is not theirs (a row outside train and validation, a
 *   parameter that the program lacks). An unreadable or lost answer is a value, never a throw.
 * - **A limit** ends the search and loses nothing: what still fits is spent first, and of all candidates the one
 *   that the search accepted last, else the best on the rows that it was scored on, goes on to the confirmation.
 * - **Rows are frozen**, and so are candidates. The test rows are out of reach.
 */
import type { JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { Example } from '../dataset/dataset.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import type { ProgramShape } from '../program/program.ts';
import type { Candidate, CandidateHash, ParameterKind } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';

/** A candidate with its scores on some rows. */
export interface CandidateEvaluation {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  /** Mean over the rows that have a score, 0 to 1; undefined when none has. */
  readonly mean: number | undefined;
  /** Rows that have a score. */
  readonly scored: number;
  /**
   * Means by objective over the answered rows: `cost` (US dollars a row, absent when a price is unknown),
   * `latency` (milliseconds), `tokens`, and what the scorer measures beside its score.
   */
  readonly objectives: Readonly<Record<string, number>>;
  /** In the order of the examples asked for. Outputs, feedback and trace only where traces were asked for. */
  readonly results: readonly RowResult[];
}

/** Raw proposal of a method, before the guards. */
export interface Draft {
  /** The parameters that change; the first parent gives the others. */
  readonly changes: Candidate;
  /** Where it comes from, the one that it changes first. @default the seed */
  readonly parents?: readonly Candidate[] | undefined;
  /** How it came about, in a few words: 'demo set 3', 'rewritten from 2 failures'. */
  readonly origin: string;
  /** What led to it. */
  readonly because?: Because | undefined;
}

/** Why a proposal was made: what a person, and a lineage, can follow. JSON. */
export interface Because {
  /** The `id` of the answered request that proposed it. */
  readonly reflection?: string | undefined;
  /** Ids of the rows that it answers to. */
  readonly rows?: readonly string[] | undefined;
  /** The reasoning, in words. */
  readonly note?: string | undefined;
}

/** What became of a draft. */
export type Admission =
  | { readonly status: 'admitted'; readonly candidate: Candidate; readonly hash: CandidateHash }
  /** It equals the seed or an earlier proposal: this one. */
  | { readonly status: 'known'; readonly candidate: Candidate; readonly hash: CandidateHash }
  | { readonly status: 'rejected'; readonly reason: string };

/** Nested prefixes of one shared row order; after each, only the better candidates go on. */
export interface RacePlan {
  readonly examples: readonly Example[];
  /** Rows after each rung, ascending; the last is the end of the race. */
  readonly rungs: readonly number[];
  /** Share of the candidates that goes on after a rung: 1 / `eta`. @default 2 */
  readonly eta?: number | undefined;
  /** Fewest candidates that reach the end. @default 1 */
  readonly keep?: number | undefined;
  /** How a race ranks; higher is better. It gets traces. Left out: the mean score. */
  readonly rank?: ((evaluation: CandidateEvaluation) => number) | undefined;
}

export interface RaceResult {
  /** The candidates that reached the last rung, best first. */
  readonly finalists: readonly CandidateEvaluation[];
  /** Every candidate with the rows that it was scored on, best first, finalists leading. */
  readonly ranking: readonly CandidateEvaluation[];
}

/** A request to a model, answered through a signature; repaired once, never raw text. */
export interface Ask<Outputs = JsonObject> {
  /** Names the request: with `sample` it is the draw, so that a replay reads the same answer. */
  readonly label: string;
  readonly signature: Signature<unknown, Outputs>;
  readonly inputs: JsonObject;
  /** Which of several independent answers to the same request. @default 0 */
  readonly sample?: number | undefined;
  /** @default 1 */
  readonly temperature?: number | undefined;
  /** Longest answer in tokens; one that reaches it is unreadable. @default 4096 */
  readonly maxOutputTokens?: number | undefined;
  /** The role of the model that answers. @default 'reflection' */
  readonly role?: string | undefined;
}

/** What came of a request. */
export type AskResult<Outputs = JsonObject> =
  | { readonly status: 'answered'; readonly id: string; readonly outputs: Outputs }
  /** It could not be read, also after one repair, or was cut off. */
  | { readonly status: 'unreadable'; readonly id: string; readonly reason: string }
  /** The infrastructure lost it, after retries. */
  | { readonly status: 'lost'; readonly id: string; readonly reason: string };

/** Two candidates on one row, to be told apart by a judge without a reference answer. */
export interface PreferencePair {
  readonly example: Example;
  readonly first: Candidate;
  readonly second: Candidate;
  /** What makes an answer better, in words. @default what the program's instructions ask for */
  readonly criterion?: string | undefined;
}

/** The judge saw both orders; when they disagree it is a tie. */
export type Preference =
  | {
      readonly status: 'judged';
      readonly better: 'first' | 'second' | 'tie';
      /** Whether the two orders disagreed. */
      readonly flipped: boolean;
      readonly note?: string | undefined;
    }
  | { readonly status: 'lost'; readonly reason: string };

/** Something to optimize beside or instead of the score. */
export interface Objective {
  /** `score`, `cost`, `latency`, `tokens`, or what the scorer measures. */
  readonly name: string;
  readonly direction: 'maximize' | 'minimize';
  /**
   * A hard limit of its mean over rows: at most this where it is minimized, at least this where it is maximized. It
   * holds when the mean keeps it with 95 % confidence on the validation rows. Candidates that keep all limits come
   * before those that do not, whatever they score. Dollars, milliseconds and tokens of a row.
   */
  readonly bound?: number | undefined;
}

/** What is left to spend on the search. All are live: they may be destructured, and tell what is left now. */
export interface BudgetView {
  /** Task calls, what the proof needs already taken off; infinite without a limit. */
  readonly calls: () => number;
  readonly reflectionCalls: () => number;
  readonly tokens: () => number;
  readonly usd: () => number;
  /**
   * Whether so many further rows fit, at the calls, tokens and price of this candidate, and its proof with them
   * if it is the one that wins.
   *
   * @param rows How many; or the rows themselves, and what is kept back for just these is counted in.
   * @param candidate @default the seed
   */
  readonly allows: (rows: number | readonly Example[], candidate?: Candidate) => boolean;
}

/** What a method may yield: its decisions, as they are made. Deterministic: no times, no costs. */
export type Decision =
  | { readonly type: 'phase-started'; readonly phase: string; readonly note?: string | undefined }
  /** This is the best so far: what a limit would leave. */
  | {
      readonly type: 'candidate-accepted';
      readonly candidate: CandidateHash;
      readonly mean: number | undefined;
      readonly note: string;
    }
  | { readonly type: 'notice'; readonly message: string };

/** What the driver adds to the course of a run. */
export type RunEvent =
  | {
      readonly type: 'candidate-proposed';
      readonly candidate: CandidateHash;
      readonly parents: readonly CandidateHash[];
      readonly origin: string;
      readonly because?: Because | undefined;
    }
  | { readonly type: 'candidate-rejected'; readonly origin: string; readonly reason: string }
  | {
      readonly type: 'candidate-evaluated';
      readonly candidate: CandidateHash;
      readonly mean: number | undefined;
      readonly scored: number;
      readonly rows: number;
      readonly split: 'train' | 'validation';
    }
  | {
      readonly type: 'candidate-eliminated';
      readonly candidate: CandidateHash;
      readonly mean: number | undefined;
      readonly rows: number;
    }
  | {
      readonly type: 'reflected';
      readonly label: string;
      readonly answered: number;
      readonly unreadable: number;
      readonly lost: number;
    }
  | { readonly type: 'budget-exhausted'; readonly reason: StopReason }
  | {
      readonly type: 'confirmation';
      readonly candidates: readonly {
        readonly candidate: CandidateHash;
        readonly mean: number | undefined;
      }[];
      readonly rows: number;
    }
  | {
      readonly type: 'test-evaluated';
      /** `seed`, `winner`, or the name of a control. */
      readonly role: string;
      readonly candidate: CandidateHash;
      readonly mean: number | undefined;
      readonly rows: number;
    }
  | {
      readonly type: 'finished';
      readonly verdict: string;
      readonly candidate: CandidateHash;
      readonly stopReason: StopReason;
    };

/** The course of a run. */
export type OptimizationEvent = Decision | RunEvent;

/**
 * `saturated`: the seed leaves nothing to improve on these rows. `target` and `plateau`: a stop condition of the run
 * held.
 */
export type StopReason =
  | 'done'
  | 'calls'
  | 'tokens'
  | 'cost'
  | 'time'
  | 'target'
  | 'plateau'
  | 'saturated'
  | 'cancelled'
  | 'error';

/** The size of a task, for estimates. */
export interface TaskSize {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Model calls of one run of the program with its seed. */
  readonly callsPerRow: number;
  readonly program: ProgramShape;
  readonly choiceScores: boolean;
  /** Whether a reflection model is there. @default false */
  readonly reflects?: boolean | undefined;
}

/** Most calls that a search makes with its options, the final proof excluded. */
export interface CallEstimate {
  readonly task: number;
  readonly reflection: number;
  /** Most calls of one row with the candidate that may win. @default those of the seed */
  readonly winnerCallsPerRow?: number | undefined;
}

/** What a person needs to know to choose an optimizer, and what `hone optimize --list` shows of it. */
export interface OptimizerGuide {
  /** What it does, in one sentence. */
  readonly does: string;
  /** When to take it rather than another, in one or two sentences. */
  readonly when: string;
  /**
   * What `estimate` counts, as formulas over the options and the size of the task: `train` and `validation`
   * (rows), `texts` (texts that it may rewrite), `race(candidates)` (rows of a race on validation). `task` counts
   * runs of the program, `reflection` calls with one repair each.
   */
  readonly cost: {
    readonly task: string;
    readonly reflection: string;
    /** Names in the formulas that are no option, each from what stands before it. */
    readonly where?: Readonly<Record<string, string>> | undefined;
  };
}

/**
 * A search: candidates in, better candidates out. One file: an async generator that yields decisions and
 * returns the best candidate it found. The driver owns budget, splits, persistence, cancellation and the
 * final proof. `optimize` keeps nothing between two calls.
 */
export interface Optimizer {
  readonly name: string;
  /** Raised whenever the same options would decide otherwise; part of a run's identity. */
  readonly version: number;
  /** Its options with every default, for the identity of a run and for the report. */
  readonly options: JsonObject;
  /** Each is checked before the first call. */
  readonly needs: {
    /** At least one parameter of each of these kinds. */
    readonly parameters: readonly ParameterKind[];
    /** One of these is enough; a reflection model must be there for those that it writes. */
    readonly oneOf?: readonly { readonly parameter: ParameterKind; readonly reflectionModel?: boolean }[];
    /** Whether rows must have expected outputs. */
    readonly labels: boolean;
    /** Whether the scorer must say why a score is what it is. */
    readonly feedback?: boolean | undefined;
    readonly reflectionModel?: boolean | undefined;
    /** Whether the task model must score the answers of closed choices. */
    readonly choiceScores?: boolean | undefined;
    /** Whether a model must be there that judges pairs of answers. */
    readonly preference?: boolean | undefined;
  };
  /** What helps a person to choose it. @default none */
  readonly guide?: OptimizerGuide | undefined;
  /** The prompts that it sends itself, by name: shown, and replaceable, like any other prompt. */
  readonly prompts?: Readonly<Record<string, Signature<unknown, unknown>>> | undefined;
  /**
   * Another with the same options that remembers nothing of this one. Where the test would be small, each fold
   * of a cross-fit needs one of its own.
   */
  readonly fresh?: (() => Optimizer) | undefined;
  estimate(size: TaskSize): CallEstimate;
  optimize(context: OptimizationContext): AsyncGenerator<Decision, Candidate, void>;
}

/** How a nested search runs. */
export interface NestOptions {
  /** Names it: part of its random stream and of its draws. */
  readonly label: string;
  /** Where it starts. @default the seed of the outer search */
  readonly seed?: Candidate | undefined;
  /** Rows of the outer search. @default all of them */
  readonly train?: readonly Example[] | undefined;
  readonly validation?: readonly Example[] | undefined;
  /** Its share of what is left of the budget, above 0, at most 1. @default 1 */
  readonly share?: number | undefined;
}

/** How a nested search ended. */
export interface NestResult {
  /** What it returned; when its share was spent, the best that it found. */
  readonly candidate: Candidate;
  readonly stopReason: StopReason;
  /** Every candidate that it scored on its validation rows, best first by shrunk mean. */
  readonly ranking: readonly CandidateEvaluation[];
}

export interface EvaluateCandidateOptions {
  /** Whether results carry outputs, feedback and trace. @default false */
  readonly traces?: boolean | undefined;
  /**
   * Which independent answer of each row. Only the first ones are compared and ranked. Further ones are sampled: a step
   * that is asked at temperature 0 is asked at 1, since all its answers would be alike. @default 0
   */
  readonly trial?: number | undefined;
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
  /** Asks models, all at once; one result for each request, in order. */
  ask<Outputs = JsonObject>(requests: readonly Ask<Outputs>[]): Promise<readonly AskResult<Outputs>[]>;
  /**
   * Passes drafts through the guards: declared parameters only, of the same kind, slots kept, not empty, not
   * grown beyond bounds, no row of the task quoted. One answer for each, in order; rejections become events.
   */
  admit(drafts: readonly Draft[]): readonly Admission[];
  /** Scores a candidate on rows. What was scored before costs nothing. */
  evaluate(
    candidate: Candidate,
    examples: readonly Example[],
    options?: EvaluateCandidateOptions,
  ): Promise<CandidateEvaluation>;
  /** A paired race on nested prefixes: shared row order, early elimination. */
  race(candidates: readonly Candidate[], plan: RacePlan): Promise<RaceResult>;
  /** Has pairs of answers judged, in both orders; one result for each, in order. */
  prefer(pairs: readonly PreferencePair[]): Promise<readonly Preference[]>;
  /**
   * Runs another search inside this one, with its own random stream, its own record of what was scored and a
   * share of the budget. Yields its decisions: `const found = yield* nest(other, { label: 'start' })`.
   */
  nest(optimizer: Optimizer, options: NestOptions): AsyncGenerator<Decision, NestResult, void>;
  readonly random: Random;
  readonly budget: BudgetView;
  /** What counts, the first most. `[{ name: 'score', direction: 'maximize' }]` unless said otherwise. */
  readonly objectives: readonly Objective[];
  /** The roles of the models that can be asked. */
  readonly models: readonly string[];
  readonly signal: AbortSignal;
}
