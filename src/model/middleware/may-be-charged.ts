import { HoneError } from '../../base/errors.ts';

/** Faults after which the provider may have done its work, although the answer did not come back whole. */
const lostOnTheWay: ReadonlySet<string> = new Set(['HONE_MODEL_TIMEOUT', 'HONE_MODEL_BAD_REPLY']);
const cutConnection: ReadonlySet<unknown> = new Set(['ECONNRESET', 'UND_ERR_SOCKET']);

/** Whether a provider may charge for an attempt that failed: not when it refused it, or was never reached. */
export function mayBeCharged(thrown: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted || !HoneError.isInstance(thrown)) return true;
  if (thrown.code === 'HONE_MODEL_UNREACHABLE') return cutConnection.has(thrown.facts.reason);
  return lostOnTheWay.has(thrown.code);
}
