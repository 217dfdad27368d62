import { assertNever } from '../base/errors.ts';
import type { OptimizationReport, PreferenceTest, Verdict } from '../optimizer/driver/report.ts';
import type { StopReason } from '../optimizer/optimizer.ts';
import { count, counted } from './numbers.ts';

/** The verdict in words. */
export function verdictTitle({
  verdict,
  stopReason,
}: {
  readonly verdict: Verdict;
  readonly stopReason?: StopReason | undefined;
}): string {
  if (stopReason === 'saturated') return 'Nothing to improve';
  switch (verdict) {
    case 'improved':
      return 'Improved';
    case 'no-reliable-improvement':
      return 'No reliable improvement';
    case 'preferred':
      return 'Preferred';
    case 'no-reliable-preference':
      return 'No reliable preference';
    case 'incomplete':
      return 'Incomplete';
    case 'too-few-rows':
      return 'Too few rows';
    default:
      return assertNever(verdict);
  }
}

/** What the verdict means for the reader, in one or two sentences. */
export function verdictMeaning(report: OptimizationReport): string {
  if (report.stopReason === 'saturated') {
    return 'The seed stays: it gets every validation row right, so these rows cannot show a better one.';
  }
  switch (report.verdict) {
    case 'improved':
      return 'The winner is better on rows that the search never saw.';
    case 'no-reliable-improvement':
      return 'The seed stays. The best candidate is a development estimate, not shown to be better.';
    case 'preferred':
      return "A judge prefers the winner's answers on rows that the search never saw. Nothing is said of accuracy.";
    case 'no-reliable-preference':
      return 'The seed stays. No reliable preference for the best candidate was shown.';
    case 'incomplete':
      if (report.preferenceTest !== undefined) {
        return 'Too many rows of the comparison got no judgement, so nothing is shown. The seed stays.';
      }
      return report.sealedTest === undefined
        ? 'The budget did not hold the sealed test, so nothing is proven. The seed stays.'
        : 'Too many rows of the sealed test got no answer, so nothing is proven. The seed stays.';
    case 'too-few-rows':
      return `Nothing can be proven on so few rows${
        report.rowsNeeded === undefined ? '' : `; about ${counted(report.rowsNeeded, 'row')} would do`
      }. The best candidate is a development estimate.`;
    default:
      return assertNever(report.verdict);
  }
}

/** What the best candidate may be called. */
export function bestLabel(verdict: Verdict): string {
  return isShown(verdict) ? 'winner' : 'development estimate';
}

/** Why the search ended, in words. */
export function stopLabel(report: OptimizationReport): string {
  switch (report.stopReason) {
    case 'done':
      return 'the optimizer was done';
    case 'calls':
      return 'the calls of the budget were spent';
    case 'cost':
      return 'the dollars of the budget were spent';
    case 'time':
      return 'the time of the budget was over';
    case 'tokens':
      return 'the tokens of the budget were spent';
    case 'target':
      return 'a candidate reached the target score';
    case 'plateau':
      return 'it did not get better any more';
    case 'saturated':
      return 'the seed leaves nothing to improve on the validation rows';
    case 'cancelled':
      return 'it was cancelled';
    case 'error':
      return 'an error ended it';
    default:
      return assertNever(report.stopReason);
  }
}

/** Whether the best candidate is shown to be better, or to be preferred where nothing is scored. */
export function isShown(verdict: Verdict): boolean {
  return verdict === 'improved' || verdict === 'preferred';
}

/** What the judge preferred, in a sentence. */
export function preferenceSentence({
  rows,
  clusters,
  winner,
  seed,
  ties,
  flipped,
  lost,
}: PreferenceTest): string {
  const units = clusters === rows - lost ? counted(clusters, 'row') : `${counted(clusters, 'group')} of rows`;
  const unjudged = lost === 0 ? '' : `; ${counted(lost, 'row')} got no judgement`;
  return `Of ${units} the judge prefers the winner in ${count(winner)}, the seed in ${count(seed)}, neither in ${count(ties)} (in ${count(flipped)} the order of the answers decided)${unjudged}`;
}
