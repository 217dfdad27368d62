import { type ErrorCode, errorCodes } from './error-codes.ts';
import type { Json } from './json.ts';

const marker = Symbol.for('hone.error');

export interface HoneErrorOptions {
  readonly code: ErrorCode;
  /** What to do about it, in the imperative, one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Facts for programs: file, line, column, status, retryAfterMs and the like. */
  readonly facts?: Readonly<Record<string, Json | undefined>> | undefined;
}

/** Every error that Hone throws: a stable code, a message that names the place, a hint that names the fix. */
export class HoneError extends Error {
  override readonly name = 'HoneError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, Json | undefined>>;
  readonly [marker] = true;

  constructor(message: string, { code, hint, cause, facts = {} }: HoneErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.facts = facts;
  }

  /** The exit code of the command line for this error. */
  get exitCode(): number {
    return errorCodes[this.code];
  }

  /** Recognises a HoneError of another copy of this package too. */
  static isInstance(value: unknown): value is HoneError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** Makes a forgotten variant of a union a compile error where it matters. */
export function assertNever(value: never): never {
  throw new HoneError(`Unexpected value: ${JSON.stringify(value)}`, { code: 'HONE_INTERNAL' });
}

/** The message of anything that was thrown, also of what throws when it is asked. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'Something was thrown that has no message.';
  }
}

/** A HoneError as it is; anything else wrapped with the given code. */
export function toHoneError(
  thrown: unknown,
  options: HoneErrorOptions & { readonly message?: string },
): HoneError {
  if (HoneError.isInstance(thrown)) return thrown;
  return new HoneError(options.message ?? messageOf(thrown), { ...options, cause: thrown });
}
