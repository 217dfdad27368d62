import { randomBytes } from 'node:crypto';
import type { RunKind } from './store.ts';

const prefixes: Readonly<Record<RunKind, string>> = { evaluation: 'eval', optimization: 'opt' };

/** A name for a new run; the database refuses the one in a million millions that exists already. */
export function newRunId(kind: RunKind): string {
  return `${prefixes[kind]}-${randomBytes(6).toString('hex')}`;
}
