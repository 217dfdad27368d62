import type { Variables } from '../config/environment.ts';

/** A place to write to; a terminal where it says so. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** Everything outside that a command touches, so that tests own it. */
export interface CommandIo {
  /** Results. With `--json` nothing but one JSON document. */
  readonly stdout: OutputStream;
  /** Progress, notices and errors. */
  readonly stderr: OutputStream;
  /** Whether a person can answer a question. */
  readonly isInteractive: boolean;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Environment variables; `.env` files are added to them. */
  readonly variables: Variables;
  /** Asks a person one question and resolves to the line that was typed. */
  ask(question: string): Promise<string>;
  /** Calls `listener` at every Ctrl-C until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Writes a line. */
export function writeLine(stream: OutputStream, line = ''): void {
  stream.write(`${line}\n`);
}
