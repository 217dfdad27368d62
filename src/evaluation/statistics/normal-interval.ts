import { normalQuantile } from '../../base/distributions.ts';
import { type ConfidenceOptions, defaultConfidence, type Interval } from './sample.ts';

/** An estimate ± z standard errors: the large-sample form, for estimates with a known standard error. */
export function normalInterval(
  { estimate, standardError }: { readonly estimate: number; readonly standardError: number },
  { confidence = defaultConfidence }: ConfidenceOptions = {},
): Interval {
  const half = normalQuantile(1 - (1 - confidence) / 2) * standardError;
  return [estimate - half, estimate + half];
}
