import type { Json, JsonObject } from '../base/json.ts';

/** A stored answer of a model, shared by all runs. Written once, never changed. */
export interface AnswerRecord {
  /** SHA-256 of endpoint, model, whole request and draw. */
  readonly key: string;
  readonly modelId: string;
  /** The answer as JSON text: a response, choice scores or token scores, with its original usage and cost. */
  readonly answer: string;
}

export type RunKind = 'evaluation' | 'optimization';
/** `active`: being worked on, or left by a process that ended. The others are final. */
export type RunStatus = 'active' | 'completed' | 'cancelled' | 'failed';

/** One evaluation or optimization. */
export interface RunRecord {
  readonly id: string;
  readonly kind: RunKind;
  readonly name: string;
  /** Hash of everything that decides the run's course; a run with another hash is another run. */
  readonly identity: string;
  readonly status: RunStatus;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Milliseconds of work so far, over all processes that worked on it. */
  readonly elapsedMs: number;
  /** What was asked for, enough to say how to resume it. */
  readonly plan: JsonObject;
  /** The result, once completed. */
  readonly result?: Json | undefined;
  /** Where a time limit or an abort took effect, so that a replay stops there too. */
  readonly limit?: Json | undefined;
}

export type RunChange = Partial<Pick<RunRecord, 'status' | 'elapsedMs' | 'result' | 'limit' | 'plan'>>;

/** What came of one (candidate, row, trial) under one version of the scorers. */
export interface OutcomeRecord {
  /** Content hash of the candidate. */
  readonly candidate: string;
  readonly example: string;
  readonly trial: number;
  /** Hash of the scorers' names, options and versions. */
  readonly scorer: string;
  /** The outcome and what it rests on, as JSON text. */
  readonly outcome: string;
}

/** An open claim on a run: one process owns a run. */
export interface RunClaim extends AsyncDisposable {
  readonly run: RunRecord;
}

export interface AnswerCounts {
  readonly answers: number;
  /** Bytes of the whole database on disk. */
  readonly bytes: number;
  readonly byModel: readonly { readonly modelId: string; readonly answers: number }[];
}

/** The one database. Every promise resolves after the commit; writes asked for together share one. */
export interface Store extends AsyncDisposable {
  /** Where it lies: a file path, or a database address without its password. For people. */
  readonly location: string;

  /** The stored answer texts by key; absent keys are left out. Lookups asked for together share one query. */
  readAnswer(key: string): Promise<string | undefined>;
  /** Keeps the first answer of a key; a later one is ignored. */
  writeAnswer(answer: AnswerRecord): Promise<void>;
  countAnswers(): Promise<AnswerCounts>;
  /** Deletes all stored answers. @returns how many */
  clearAnswers(): Promise<number>;

  createRun(run: Pick<RunRecord, 'id' | 'kind' | 'name' | 'identity' | 'plan'>): Promise<RunRecord>;
  readRun(id: string): Promise<RunRecord | undefined>;
  /** The newest run of this identity, whatever its status. */
  findRun(identity: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  listRuns(options?: {
    readonly kind?: RunKind | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly RunRecord[]>;
  updateRun(id: string, change: RunChange): Promise<void>;
  /**
   * Makes this process the owner until the claim is disposed. A run whose owner died is taken over.
   *
   * @throws {HoneError} `HONE_RUN_LOCKED` when another living process owns it.
   */
  claimRun(id: string): Promise<RunClaim>;

  /** Keeps the first outcome of a (run, candidate, example, trial, scorer); a later one is ignored. */
  writeOutcome(runId: string, outcome: OutcomeRecord): Promise<void>;
  /** In the order of writing, from the `from`-th (0 for all), read in pages: any number of rows in flat memory. */
  readOutcomes(runId: string, from?: number): AsyncIterable<OutcomeRecord>;
  countOutcomes(runId: string): Promise<number>;

  /** Events are numbered from 0 by their writer; a number that exists already is ignored. */
  writeEvent(runId: string, index: number, event: JsonObject): Promise<void>;
  readEvents(
    runId: string,
    from?: number,
  ): Promise<readonly { readonly index: number; readonly event: JsonObject }[]>;

  /** Keeps a candidate's parameters by content hash. */
  writeCandidate(hash: string, candidate: JsonObject): Promise<void>;
  readCandidate(hash: string): Promise<JsonObject | undefined>;
}
