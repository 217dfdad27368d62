import { inspect } from 'node:util';
import { HoneError, messageOf } from './errors.ts';

/** What a member must be. `text` is not empty, a `number` is finite. */
export type MemberKind = 'text' | 'number' | 'boolean' | 'object' | 'list' | 'function';

export interface MembersSetting {
  /** What the members are of, as the start of a sentence: `The scorer "exact"`. */
  readonly of: string;
  readonly members: Readonly<Record<string, MemberKind>>;
  /** How to make one that is right. */
  readonly hint: string;
}

const descriptions: Readonly<Record<MemberKind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  list: 'a list',
  function: 'a function',
};

/**
 * Checks that something made elsewhere has what everything relies on, before anything is spent on it.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for the first member that is missing, of another kind, or whose
 *   getter throws.
 */
export function checkMembers(value: unknown, { of, members, hint }: MembersSetting): void {
  const refuse = (message: string, cause?: unknown) =>
    new HoneError(message, { code: 'HONE_OPTION_INVALID', hint, cause });
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw refuse(`${of} is ${shown(value)}, and must be an object.`);
  }
  for (const [name, kind] of Object.entries(members)) {
    let member: unknown;
    try {
      member = (value as Readonly<Record<string, unknown>>)[name];
    } catch (cause) {
      throw refuse(`${of}: reading \`${name}\` threw: ${messageOf(cause)}`, cause);
    }
    if (isOfKind(member, kind)) continue;
    const found = member === undefined ? 'is missing' : `is ${shown(member)}`;
    throw refuse(`${of}: \`${name}\` ${found}, and must be ${descriptions[kind]}.`);
  }
}

function isOfKind(value: unknown, kind: MemberKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value.trim() !== '';
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'list':
      return Array.isArray(value);
    case 'function':
      return typeof value === 'function';
  }
}

/** A value in a message, on one line. */
export function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
