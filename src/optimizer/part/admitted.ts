import type { Candidate } from '../../prompt/candidate.ts';
import type { Admission } from '../optimizer.ts';

/** The candidates that may be tried: admitted now or before, each once. */
export function candidatesOf(admissions: readonly Admission[]): readonly Candidate[] {
  const byHash = new Map(
    admissions.flatMap((admission) =>
      admission.status === 'rejected' ? [] : [[admission.hash, admission.candidate] as const],
    ),
  );
  return [...byHash.values()];
}
