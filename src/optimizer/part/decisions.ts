import type { CandidateEvaluation, Decision } from '../optimizer.ts';

/** Declares the best so far, which is what a limit would leave. */
export function accepted({ hash, mean }: CandidateEvaluation, note: string): Decision {
  return { type: 'candidate-accepted', candidate: hash, mean, note };
}
