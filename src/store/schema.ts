import type { Generated } from 'kysely';

/**
 * The tables, in types that SQLite and Postgres share: text ids, epoch milliseconds and JSON as text.
 * `position` numbers rows in the order of writing.
 */
export interface StoreTables {
  readonly answers: AnswerTable;
  readonly runs: RunTable;
  readonly outcomes: OutcomeTable;
  readonly events: EventTable;
  readonly candidates: CandidateTable;
  readonly sealed_tests: SealedTestTable;
  readonly prompt_versions: PromptVersionTable;
  readonly prompt_moves: PromptMoveTable;
  readonly hone_schema: { readonly version: number };
}

export interface AnswerTable {
  readonly key: string;
  readonly model_id: string;
  readonly answer: string;
}

export interface RunTable {
  readonly position: Generated<number>;
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly identity: string;
  readonly status: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly elapsed_ms: number;
  readonly plan: string;
  readonly result: string | null;
  readonly stop_limit: string | null;
  readonly snapshot: string | null;
  /** The claim: all null when nobody works on the run. */
  readonly owner: string | null;
  readonly owner_host: string | null;
  /** The space of process numbers in which `owner_pid` means something. */
  readonly owner_space: string | null;
  readonly owner_pid: number | null;
  readonly owner_started: string | null;
  readonly heartbeat_at: number | null;
}

export interface OutcomeTable {
  readonly position: Generated<number>;
  readonly run_id: string;
  readonly effect: string;
  readonly candidate: string;
  readonly example: string;
  readonly trial: number;
  readonly scorer: string;
  readonly outcome: string;
}

export interface EventTable {
  readonly run_id: string;
  readonly number: number;
  readonly event: string;
  readonly stored_at: number;
}

export interface CandidateTable {
  readonly hash: string;
  readonly parameters: string;
}

export interface SealedTestTable {
  readonly test: string;
  readonly number: number;
  readonly run_id: string;
  readonly name: string;
  readonly row_count: number;
  readonly used_at: number;
}

export interface PromptVersionTable {
  readonly name: string;
  readonly number: number;
  readonly hash: string;
  readonly content: string;
}

export interface PromptMoveTable {
  readonly name: string;
  readonly number: number;
  readonly content: string;
}
