import type { RunKind } from '../store/store.ts';

/** A file with rows, or with a prompt, in the folder. */
export interface FileLine {
  /** From the folder. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface FileList {
  readonly datasets: readonly FileLine[];
  readonly prompts: readonly FileLine[];
  /** Whether there are more than are listed. */
  readonly isCut: boolean;
}

/** A table as it would be read, before anything is written. */
export interface TableView {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
  readonly from: number;
  /** What to know before it is used: copies, empty cells. */
  readonly problems: readonly string[];
}

export interface JobView {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: 'running' | 'stopping' | 'ended' | 'failed';
  readonly command: readonly string[];
  readonly runId?: string | undefined;
  readonly lines: readonly string[];
}
