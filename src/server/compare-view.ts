import type { ComparedRow, ExperimentComparison } from '../experiment/experiment.ts';
import { comparisonNotes, comparisonSentence } from '../report/comparison.ts';
import {
  type ComparedPair,
  type CompareView,
  type FlipKind,
  type FlipPage,
  flipKinds,
} from './compare-views.ts';
import { differenceCurve } from './difference-curve.ts';
import { evidenceOf, evidenceOfDelta, evidenceOfSlice } from './evidence.ts';
import { readRun } from './experiment-view.ts';
import { slicedFields } from './row-pages.ts';
import { channelsByCandidate, runLine } from './run-lines.ts';
import type { Setting } from './setting.ts';

export interface CompareRequest {
  readonly baseline: string;
  readonly challengers: readonly string[];
  readonly by?: string | undefined;
}

/** Experiments side by side, everything above their rows. */
export async function compareView(setting: Setting, request: CompareRequest): Promise<CompareView> {
  const comparisons = await setting.comparisons.compare(request);
  const channels = await channelsByCandidate(setting.registry);
  const runs = [];
  for (const id of [request.baseline, ...request.challengers]) {
    runs.push(await runLine(await readRun(setting, id), { setting, channels }));
  }
  const index = await setting.indexes.open(request.baseline);
  return {
    runs,
    pairs: comparisons.map(pairOf),
    fields: slicedFields(index?.rows ?? []).map(({ field }) => field),
    by: request.by,
  };
}

function pairOf(comparison: ExperimentComparison): ComparedPair {
  const { scores, deltas, slices = [], rows, pairedBy, unmatched, prompt, challenger } = comparison;
  const counts = Object.fromEntries(flipKinds.map((kind) => [kind, 0])) as Record<FlipKind, number>;
  for (const row of rows) counts[flipOf(row)] += 1;
  const isComparable = scores[0] !== undefined && evidenceOf(scores[0]).state !== 'not-comparable';
  return {
    challenger: challenger.id,
    sentence: comparisonSentence(comparison),
    scores: scores.map((of) => ({
      name: of.name,
      baseline: of.comparison?.seedMean,
      challenger: of.comparison?.winnerMean,
      evidence: evidenceOf(of),
      fixed: of.comparison?.fixed.length ?? 0,
      broken: of.comparison?.broken.length ?? 0,
      note: of.comparison?.note,
    })),
    deltas: deltas.map((delta) => {
      const { name, unit, baseline, challenger: other } = delta;
      return { name, unit, baseline, challenger: other, evidence: evidenceOfDelta(delta) };
    }),
    slices: slices.map((slice) => ({
      value: slice.slice,
      rows: slice.rows,
      evidence: evidenceOfSlice(slice),
    })),
    prompt,
    counts,
    paired: pairedBy.id + pairedBy.input,
    pairedByInput: pairedBy.input,
    unmatched: { baseline: unmatched.baseline.length, challenger: unmatched.challenger.length },
    curve: isComparable
      ? differenceCurve(rows.flatMap(({ delta }) => (delta === undefined ? [] : [delta])))
      : undefined,
    notes: comparisonNotes(comparison),
  };
}

/** What became of a row, in the words of the table. */
export function flipOf({ flip, change }: ComparedRow): FlipKind {
  if (flip !== undefined) return flip;
  switch (change) {
    case 'improved':
      return 'better';
    case 'regressed':
      return 'worse';
    case 'unchanged':
      return 'same';
    default:
      return change;
  }
}

export interface FlipRequest extends CompareRequest {
  readonly show: readonly FlipKind[];
  readonly from: number;
  readonly limit: number;
}

/** The rows of the last challenger that turned as asked, the largest change first. */
export async function flipPage(setting: Setting, request: FlipRequest): Promise<FlipPage> {
  const { baseline, challengers, by, show, from, limit } = request;
  const comparisons = await setting.comparisons.compare({ baseline, challengers, by });
  const comparison = comparisons.at(-1);
  const challenger = challengers.at(-1) ?? '';
  const wanted = new Set<FlipKind>(show);
  const rows = (comparison?.rows ?? [])
    .filter((row) => wanted.has(flipOf(row)))
    .sort((a, b) => Math.abs(b.delta ?? 0) - Math.abs(a.delta ?? 0));
  const [before, after] = [await setting.indexes.open(baseline), await setting.indexes.open(challenger)];
  return {
    matched: rows.length,
    from,
    rows: rows.slice(from, from + limit).map((row) => {
      const [a, b] = [before?.byId(row.id), after?.byId(row.otherId ?? row.id)];
      return {
        id: row.id,
        otherId: row.otherId,
        kind: flipOf(row),
        input: a?.input ?? b?.input ?? '',
        expected: a?.expected ?? b?.expected ?? '',
        baseline: { output: a?.output ?? '', trials: [...(a?.trials ?? [])] },
        challenger: { output: b?.output ?? '', trials: [...(b?.trials ?? [])] },
        delta: row.delta,
      };
    }),
  };
}
