import type { Delta, ScoreComparison, SliceComparison } from '../experiment/experiment.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { testName } from '../report/numbers.ts';
import type { Bounds, Evidence, EvidenceState } from './views.ts';

/** Differences within one point are of no consequence. */
const margin = 0.01;

/** The one place that decides what a difference may be called. */
export function evidenceOf({ name, verdict, comparison, adjustedP }: ScoreComparison): Evidence {
  if (verdict === 'not-comparable') {
    return unfit('Another scorer or judge', comparison?.rows ?? 0);
  }
  if (comparison === undefined) return unfit(`No row has a score of ${name} on both sides`, 0);
  const { difference, interval, rows, test, pValue } = comparison;
  const isShown = verdict === 'improved' || verdict === 'regressed';
  const state = isShown ? verdict : within(interval) ? 'same' : 'inconclusive';
  return told({
    state,
    difference,
    interval,
    rows,
    test: testName(test),
    pValue: adjustedP ?? pValue,
    ...(verdict === 'incomplete' && { reason: 'Too much hangs on rows that one side lacks' }),
  });
}

/** Seed and winner on rows that the search never saw; undefined where there was no such test. */
export function evidenceOfProof({
  sealedTest,
}: Pick<OptimizationReport, 'sealedTest'>): Evidence | undefined {
  if (sealedTest === undefined) return undefined;
  const { difference, interval, rows, test, pValue, verdict } = sealedTest;
  const isWorse = pValue <= 0.05 && interval[1] < 0;
  const state: EvidenceState =
    verdict === 'improved' ? 'improved' : isWorse ? 'regressed' : within(interval) ? 'same' : 'inconclusive';
  return told({ state, difference, interval, rows, test: testName(test), pValue });
}

/** A slice has an interval and no test of its own: of many slices one is bound to look different. */
export function evidenceOfSlice({ difference, interval, rows }: SliceComparison): Evidence {
  const [low, high] = interval;
  const state: EvidenceState =
    low > 0 ? 'improved' : high < 0 ? 'regressed' : within(interval) ? 'same' : 'inconclusive';
  return told({ state, difference, interval, rows });
}

/** Less cost and less time are better; relative to the baseline. */
export function evidenceOfDelta({ difference, interval, baseline, rows, name }: Delta): Evidence {
  if (interval === undefined || baseline === 0) {
    return { state: 'inconclusive', rows, spoken: `${name} has no interval` };
  }
  const share = (value: number) => value / baseline;
  const bounds: Bounds = [share(interval[0]), share(interval[1])];
  const state: EvidenceState =
    bounds[1] < 0 ? 'improved' : bounds[0] > 0 ? 'regressed' : within(bounds) ? 'same' : 'inconclusive';
  return told({ state, difference: share(difference), interval: bounds, rows });
}

function unfit(reason: string, rows: number): Evidence {
  return { state: 'not-comparable', rows, reason, spoken: `not comparable: ${reason}` };
}

function within([low, high]: Bounds): boolean {
  return low >= -margin && high <= margin;
}

function told(evidence: Omit<Evidence, 'spoken'>): Evidence {
  const { state, difference = 0, interval } = evidence;
  const points = (Math.abs(difference) * 100).toFixed(1);
  const range = interval === undefined ? '' : `, ${pointsOf(interval[0])} to ${pointsOf(interval[1])}`;
  const words: Record<EvidenceState, string> = {
    improved: `${points} points better${range}`,
    regressed: `${points} points worse${range}`,
    same: `no difference of consequence${range}`,
    inconclusive: `inconclusive, ${pointsOf(difference)} points measured${range}`,
    'not-comparable': 'not comparable',
  };
  return { ...evidence, spoken: words[state] };
}

function pointsOf(value: number): string {
  const text = Math.abs(value * 100).toFixed(1);
  return value < 0 && text !== '0.0' ? `minus ${text}` : text;
}
