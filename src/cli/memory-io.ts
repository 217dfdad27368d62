import { Writable } from 'node:stream';
import type { CommandIo, OutputStream } from './command-io.ts';

/** An io that keeps what is written, for those who run commands inside their own process. */
export interface MemoryIo extends CommandIo {
  /** Everything written so far. */
  output(): string;
  errors(): string;
  /** Acts like Ctrl-C. */
  interrupt(): void;
  /** Codes of immediate exits. */
  readonly exits: readonly number[];
}

export interface MemoryIoOptions {
  readonly cwd: string;
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Replies to questions, in order; with none there is nobody to ask. */
  readonly replies?: readonly string[] | undefined;
  /** Whether both streams are terminals. @default false */
  readonly isTerminal?: boolean | undefined;
}

/** Makes such an io. */
export function memoryIo({
  cwd,
  variables = {},
  replies = [],
  isTerminal = false,
}: MemoryIoOptions): MemoryIo {
  const stdout = memoryStream(isTerminal);
  const stderr = memoryStream(isTerminal);
  const listeners = new Set<() => void>();
  const exits: number[] = [];
  const left = [...replies];
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    isInteractive: replies.length > 0,
    cwd,
    variables: { ...variables },
    ask: async (question) => {
      stderr.stream.write(question);
      return left.shift() ?? '';
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => exits.push(code),
    output: stdout.text,
    errors: stderr.text,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    exits,
  };
}

function memoryStream(isTerminal: boolean): { readonly stream: OutputStream; text(): string } {
  let written = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      written += String(chunk);
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: isTerminal, columns: 100, rows: 40 }),
    text: () => written,
  };
}
