import type { Json, JsonObject } from '../base/json.ts';

/** Code that is run where it can reach nothing. */
export interface SandboxRequest {
  /** The body of a JavaScript function of `inputs`, which may await; what it returns is the result. */
  readonly code: string;
  readonly inputs: JsonObject;
  readonly signal?: AbortSignal | undefined;
}

/** What code may use up. */
export interface SandboxLimits {
  /** Milliseconds that the code may run. @default 2_000 */
  readonly timeoutMs?: number | undefined;
  /** Megabytes that its values may take. @default 64 */
  readonly memoryMb?: number | undefined;
  /** Most characters of its result as JSON, and of what it prints. @default 20_000 */
  readonly outputChars?: number | undefined;
}

/** How code ended. */
export type SandboxResult =
  | { readonly status: 'returned'; readonly value: Json; readonly printed: string }
  /** By an error of its own. */
  | { readonly status: 'threw'; readonly message: string; readonly printed: string }
  /** By a limit. */
  | {
      readonly status: 'stopped';
      readonly limit: 'time' | 'memory' | 'output';
      readonly message: string;
      readonly printed: string;
    };

/** A place to run code that nobody has read. */
export interface Sandbox {
  /**
   * Runs code with nothing but the language: no files, no network, no process, no modules, no clock of its own. Every
   * end within the limits is a value.
   *
   * @throws {HoneError} `HONE_INTERNAL` when the sandbox itself cannot be started. The signal's reason when it aborts.
   */
  run(request: SandboxRequest, limits?: SandboxLimits): Promise<SandboxResult>;
}
