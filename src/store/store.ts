import type { Json, JsonObject } from '../base/json.ts';

/**
 * The one database, by noun.
 *
 * - Every promise resolves after the commit; what is asked for in one turn of the event loop shares a
 *   transaction or a query.
 * - Answers, outcomes, events, candidates and uses of a sealed test are written once: the first wins, a later
 *   one with the same key is ignored.
 * - A run has one owner. What belongs to a run is written with its claim, and refused with `HONE_RUN_LOST` when
 *   another process has taken the run over meanwhile.
 * - Any number of processes may have it open.
 */
export interface Store extends AsyncDisposable {
  /** Where it lies: a file path, or a database address without its password. For people. */
  readonly location: string;
  readonly answers: Answers;
  readonly runs: Runs;
  readonly outcomes: Outcomes;
  readonly events: Events;
  readonly candidates: Candidates;
  readonly sealedTests: SealedTests;
  readonly prompts: StoredPrompts;
}

/** Stored answers of models, shared by all runs. */
export interface Answers {
  /** The stored answer text; undefined when there is none. */
  read(key: string): Promise<string | undefined>;
  write(answer: AnswerRecord): Promise<void>;
  count(): Promise<AnswerCounts>;
  /** Deletes all stored answers. @returns how many */
  clear(): Promise<number>;
}

export interface AnswerRecord {
  /** SHA-256 of endpoint, model, whole request and draw. */
  readonly key: string;
  readonly modelId: string;
  /** The answer as JSON text: a response, choice scores or token scores, with its original usage and cost. */
  readonly answer: string;
}

export interface AnswerCounts {
  readonly answers: number;
  /** Bytes of the whole database on disk. */
  readonly bytes: number;
  readonly byModel: readonly { readonly modelId: string; readonly answers: number }[];
}

export type RunKind = 'evaluation' | 'optimization';

/**
 * - `active`: being worked on, or left by a process that died.
 * - `interrupted`: stopped before its end; nobody works on it.
 * - `failed`: ended by a fault.
 * - `completed`, `cancelled`: final.
 */
export type RunStatus = 'active' | 'interrupted' | 'failed' | 'completed' | 'cancelled';

/** The states of a run that goes on when it is opened again. */
export const unfinishedStatuses = ['active', 'interrupted', 'failed'] as const satisfies readonly RunStatus[];

/** Evaluations, optimizations and what comes later. */
export interface Runs {
  /**
   * Finds the newest unfinished run of this identity, or makes one, and becomes its owner, in one transaction: of
   * any number of callers at once, in this process or in others, one gets it. The run is `active` then.
   *
   * An owner on this host is judged by its process alone, so no clock matters. An owner elsewhere whose
   * heartbeats look old is watched for 20 seconds first, and its run is taken over when none came.
   *
   * @throws {HoneError} `HONE_RUN_LOCKED` when a living owner has it.
   */
  open(run: NewRun): Promise<RunClaim>;
  read(id: string): Promise<RunRecord | undefined>;
  /** The newest run of this identity, whatever its status. */
  find(identity: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  list(options?: RunFilter): Promise<readonly RunRecord[]>;
  /** Changes what is given and leaves the rest. */
  update(owner: RunOwner, change: RunChange): Promise<void>;
}

export interface NewRun {
  readonly kind: RunKind;
  /** For people. */
  readonly name: string;
  /** Hash of everything that decides the run's course; a run with another hash is another run. */
  readonly identity: string;
  /** What was asked for, enough to say how to resume it. A run that goes on keeps its own. */
  readonly plan: JsonObject;
  /** Whether an unfinished run of this identity goes on; false always makes a new one. @default true */
  readonly resume?: boolean | undefined;
}

/** One evaluation or optimization. */
export interface RunRecord {
  /** Made by the store: what kind it is, and a random part. */
  readonly id: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly identity: string;
  readonly status: RunStatus;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Milliseconds of work so far, over all processes that worked on it. */
  readonly elapsedMs: number;
  readonly plan: JsonObject;
  /** The result, once completed. */
  readonly result?: Json | undefined;
  /** What was measured, how and where: written once, with the result; a second one is ignored. */
  readonly snapshot?: JsonObject | undefined;
  /** Where a time limit or an abort took effect, so that a replay stops there too. */
  readonly limit?: Json | undefined;
}

export type RunChange = Partial<
  Pick<RunRecord, 'status' | 'elapsedMs' | 'result' | 'snapshot' | 'limit' | 'plan'>
>;

export interface RunFilter {
  readonly kind?: RunKind | undefined;
  /** One status or several. */
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  /** @default 100 */
  readonly limit?: number | undefined;
}

/** Who may write to a run: the holder of its claim. The token is a new one with each claim. */
export interface RunOwner {
  readonly runId: string;
  readonly token: string;
}

/** An open claim on a run. Disposing it gives the run back; one that is still `active` is `interrupted` then. */
export interface RunClaim extends RunOwner, AsyncDisposable {
  /** The run as it was found or made. */
  readonly run: RunRecord;
  /** Whether an earlier process has worked on it. */
  readonly isResumed: boolean;
  /** Aborts with `HONE_RUN_LOST` when another process has taken the run over. */
  readonly lost: AbortSignal;
}

/** What a run asked of a model for: the answer to a row, a reflection, a judgement between two. */
export type Effect = 'row' | 'reflection' | 'preference';

/** What names one outcome within a run. */
export interface OutcomeKey {
  /** @default 'row' */
  readonly effect?: Effect | undefined;
  /** Content hash of the candidate. */
  readonly candidate: string;
  /** The row, or what else was asked about. */
  readonly example: string;
  readonly trial: number;
  /** Hash of the scorers' names, options and versions. */
  readonly scorer: string;
}

/** What came of one effect. */
export interface OutcomeRecord extends OutcomeKey {
  readonly effect: Effect;
  /** The outcome and what it rests on, as JSON text. */
  readonly outcome: string;
}

/** What came of every effect of a run, faults included. */
export interface Outcomes {
  write(owner: RunOwner, outcome: OutcomeKey & Pick<OutcomeRecord, 'outcome'>): Promise<void>;
  /** In the order of writing, read in pages: any number in flat memory. */
  read(runId: string, options?: OutcomeFilter & { readonly from?: number }): AsyncIterable<OutcomeRecord>;
  /** One result for each key, in their order; undefined where there is no such outcome. */
  get(runId: string, keys: readonly OutcomeKey[]): Promise<readonly (OutcomeRecord | undefined)[]>;
  count(runId: string, options?: OutcomeFilter): Promise<number>;
}

/** Which outcomes; `from` counts those that pass. */
export interface OutcomeFilter {
  readonly effect?: Effect | undefined;
  readonly candidate?: string | undefined;
}

/** The decisions of a run, numbered from 0 by their writer. */
export interface Events {
  write(owner: RunOwner, index: number, event: JsonObject): Promise<void>;
  /** In the order of their numbers, those before `from` left out. */
  read(runId: string, from?: number): Promise<readonly EventRecord[]>;
  /**
   * Follows a run of this process or another one: what is stored at once, then what comes, until nobody works on
   * the run any more. What another process writes is seen within a second.
   *
   * @throws {HoneError} `HONE_RUN_NOT_FOUND` for a run that is not here. A signal that aborts ends it quietly.
   */
  watch(
    runId: string,
    from?: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<EventRecord>;
}

export interface EventRecord {
  readonly index: number;
  /** The same in every replay of a run. */
  readonly event: JsonObject;
  /** When it was stored first, in milliseconds since the epoch. */
  readonly at: number;
}

/** Candidates' parameters by content hash. */
export interface Candidates {
  write(hash: string, parameters: JsonObject): Promise<void>;
  read(hash: string): Promise<JsonObject | undefined>;
}

/** The ledger of sealed tests: a test that was used before proves less. */
export interface SealedTests {
  /** Enters a use. A run uses a test once: asking again, or resuming, finds the first entry. */
  use(owner: RunOwner, use: Pick<SealedTestUse, 'test' | 'name' | 'rows'>): Promise<SealedTestUse>;
  /** All uses of a test, the first one first. */
  list(test: string): Promise<readonly SealedTestUse[]>;
}

export interface SealedTestUse {
  /** Content hash of the rows of the test. */
  readonly test: string;
  readonly runId: string;
  /** Of the run, for people. */
  readonly name: string;
  readonly rows: number;
  /** Which use of this test it is, from 1. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Versions of prompts and the moves of their channels, each written once. What they mean is the registry's. */
export interface StoredPrompts {
  /** Names that have a version, in their order. */
  names(): Promise<readonly string[]>;
  /** By number; both are empty for a name that is not there. A move never points to a version that is left out. */
  read(name: string): Promise<PromptEntries>;
  /** @returns Whether it was added: false when its number or its hash is taken. */
  addVersion(name: string, version: PromptEntry & { readonly hash: string }): Promise<boolean>;
  /** @returns Whether it was added: false when its number is taken. */
  addMove(name: string, move: PromptEntry): Promise<boolean>;
}

export interface PromptEntries {
  readonly versions: readonly PromptEntry[];
  readonly moves: readonly PromptEntry[];
}

export interface PromptEntry {
  /** From 1, for each prompt. */
  readonly number: number;
  /** JSON text. */
  readonly content: string;
}
