import { createRandom } from '../base/random.ts';
import { type Comparison, compareScores } from '../evaluation/compare.ts';
import type { ScorerSnapshot } from '../evaluation/snapshot.ts';
import { holmAdjusted } from '../evaluation/statistics/holm.ts';
import { diffCandidates } from '../prompt/diff.ts';
import { compareRow, scorePairs } from './compared-rows.ts';
import { compareDeltas } from './deltas.ts';
import type {
  ComparedRow,
  Experiment,
  ExperimentComparison,
  ExperimentHead,
  ExperimentVerdict,
  RowChange,
  ScoreComparison,
} from './experiment.ts';
import { gatherRows, onlySlice, type Pairing, pairRows, type RowAnswers } from './pair-rows.ts';
import { noSlice } from './slice.ts';
import { compareSlices } from './slices.ts';

export interface CompareExperimentsOptions {
  readonly baseline: Experiment;
  /** One or several, each compared with the baseline; several are corrected for their number. */
  readonly challengers: readonly Experiment[];
  /** An input or expected field: figures for each of its values. @default none */
  readonly by?: string | undefined;
  /** Only rows whose field has this value. @default all rows */
  readonly only?: { readonly field: string; readonly value: string } | undefined;
  /** For permutations and bootstraps. @default 1 */
  readonly seed?: number | undefined;
}

const significance = 0.05;

/**
 * Sets experiments side by side, row by row: the same question on both sides, whatever became of it. Scores of the
 * first scorer decide; every one is compared.
 *
 * @returns One comparison for each challenger, in their order.
 */
export async function compareExperiments({
  baseline,
  challengers,
  by,
  only,
  seed = 1,
}: CompareExperimentsOptions): Promise<readonly ExperimentComparison[]> {
  const { version } = baseline.snapshot.dataset;
  // The same version is the same ids with the same inputs; then the ids pair all that there is.
  const hasOtherRows = challengers.some(({ snapshot }) => snapshot.dataset.version !== version);
  const rowsOf = (experiment: Experiment, { hashInputs }: { readonly hashInputs: boolean }) =>
    gatherRows(experiment.rows({ by: only?.field ?? by, hashInputs }));
  // The baseline's in any case: they tell which rows are copies.
  const baselineRows = await rowsOf(baseline, { hashInputs: true });
  const compared: ExperimentComparison[] = [];
  for (const challenger of challengers) {
    compared.push(
      comparePair({
        baseline: { experiment: baseline, rows: baselineRows },
        challenger: { experiment: challenger, rows: await rowsOf(challenger, { hashInputs: hasOtherRows }) },
        hasSlices: by !== undefined && only === undefined,
        only: only?.value,
        field: only?.field ?? by,
        seed,
      }),
    );
  }
  return corrected(compared);
}

interface Side {
  readonly experiment: Experiment;
  readonly rows: readonly RowAnswers[];
}

interface Pair {
  readonly baseline: Side;
  readonly challenger: Side;
  readonly hasSlices: boolean;
  /** The slice that is looked at alone; undefined for all rows. */
  readonly only?: string | undefined;
  /** The field whose values are the slices. */
  readonly field?: string | undefined;
  readonly seed: number;
}

function comparePair({ baseline, challenger, hasSlices, only, field, seed }: Pair): ExperimentComparison {
  const [before, after] = [baseline.experiment, challenger.experiment];
  const pairing = pairRows(withScoresOf(after.snapshot.scorers, baseline), challenger.rows);
  const { pairs, byInput, alone, changed } = only === undefined ? pairing : onlySlice(pairing, only);
  const sameTrials = before.snapshot.trials === after.snapshot.trials;
  const judges = differingJudges(before, after);
  const scores = after.snapshot.scorers.flatMap((scorer, index): readonly ScoreComparison[] => {
    const known = before.snapshot.scorers.find(({ name }) => name === scorer.name);
    if (known === undefined) return [];
    const scored = scorePairs(pairs, { index, sameTrials });
    const comparison = scored.some(({ seed: a, winner: b }) => typeof a === 'number' && typeof b === 'number')
      ? compareScores({
          pairs: scored,
          passFail: scorer.passFail && known.passFail,
          failValue: scorer.failValue,
          random: createRandom(`compare/${seed}/${scorer.name}`),
        })
      : undefined;
    const verdict = verdictOf(comparison, {
      isSameMeasure: known.version === scorer.version && judges === undefined,
    });
    return [{ name: scorer.name, verdict, comparison, adjustedP: comparison?.pValue }];
  });
  const failValue = after.snapshot.scorers[0]?.failValue ?? 0;
  const rows = pairs.map((pair) => compareRow(pair, failValue));
  return {
    baseline: headOf(before),
    challenger: headOf(after),
    scores,
    deltas: compareDeltas(pairs),
    rows,
    counts: countChanges(rows),
    pairedBy: { id: pairs.length - byInput, input: byInput },
    unmatched: {
      baseline: alone.baseline.map(({ id }) => id),
      challenger: alone.challenger.map(({ id }) => id),
    },
    ...(hasSlices && {
      slices: compareSlices(pairs, { sameTrials, seed, scorer: after.snapshot.scorers[0] }),
    }),
    ...(before.parameters !== undefined &&
      after.parameters !== undefined && { prompt: diffCandidates(before.parameters, after.parameters) }),
    notes: [
      ...notesOf({ before, after, changed, pairs: pairs.length, judges, sameTrials }),
      ...sliceNotes(pairing, { field, only }),
    ],
  };
}

/** The rows with the scores of these scorers, in this order; one that did not score them applies to none. */
function withScoresOf(scorers: readonly ScorerSnapshot[], { experiment, rows }: Side): readonly RowAnswers[] {
  const known = experiment.snapshot.scorers.map(({ name }) => name);
  const places = scorers.map(({ name }) => known.indexOf(name));
  if (places.every((place, index) => place === index)) return rows;
  return rows.map((row) => ({
    ...row,
    answers: row.answers.map((answer) => ({
      ...answer,
      scores: places.map((place) => (place < 0 ? 'unscored' : (answer.scores[place] ?? 'lost'))),
    })),
  }));
}

/** Two-sided: a proven loss is as much of a result as a proven gain. */
function verdictOf(
  comparison: Comparison | undefined,
  {
    isSameMeasure,
    pValue = comparison?.pValue ?? 1,
  }: { readonly isSameMeasure: boolean; readonly pValue?: number },
): ExperimentVerdict {
  if (!isSameMeasure) return 'not-comparable';
  if (comparison === undefined || comparison.verdict === 'incomplete') return 'incomplete';
  if (pValue > significance) return 'no-reliable-difference';
  if (comparison.verdict === 'improved') return 'improved';
  return comparison.interval[1] < 0 ? 'regressed' : 'no-reliable-difference';
}

/** Whoever tries several challengers is lucky once: each scorer's p-values are corrected by Holm. */
function corrected(comparisons: readonly ExperimentComparison[]): readonly ExperimentComparison[] {
  if (comparisons.length < 2) return comparisons;
  const adjusted = new Map<ScoreComparison, number>();
  for (const name of new Set(comparisons.flatMap(({ scores }) => scores.map((score) => score.name)))) {
    const family = comparisons.flatMap(({ scores }) => scores.filter((score) => score.name === name));
    const pValues = holmAdjusted(family.map(({ comparison }) => comparison?.pValue ?? 1));
    for (const [index, score] of family.entries()) adjusted.set(score, pValues[index] ?? 1);
  }
  return comparisons.map((comparison) => ({
    ...comparison,
    scores: comparison.scores.map((score) => {
      const adjustedP = adjusted.get(score) ?? 1;
      const isSameMeasure = score.verdict !== 'not-comparable';
      return {
        ...score,
        adjustedP,
        verdict: verdictOf(score.comparison, { isSameMeasure, pValue: adjustedP }),
      };
    }),
  }));
}

function headOf({ id, name, createdAt, candidate, snapshot }: Experiment): ExperimentHead {
  return { id, name, createdAt, candidate, snapshot };
}

function countChanges(rows: readonly ComparedRow[]): Readonly<Record<RowChange, number>> {
  const counts = { improved: 0, regressed: 0, unchanged: 0, error: 0, unscored: 0 };
  for (const { change } of rows) counts[change] += 1;
  return counts;
}

/** A field or a value that is nowhere is a slip of the pen, not an empty result. */
function sliceNotes(
  { pairs }: Pairing,
  { field, only }: { readonly field: string | undefined; readonly only: string | undefined },
): readonly string[] {
  if (field === undefined || pairs.length === 0) return [];
  const slices = new Set(pairs.map(({ slice = noSlice }) => slice));
  if (slices.size === 1 && slices.has(noSlice)) return [`No row has the field ${field}.`];
  if (only === undefined || slices.has(only)) return [];
  return [`No row has ${field}=${only}; there is ${[...slices].sort().slice(0, 10).join(', ')}.`];
}

/** Roles beside the task whose model is another one: they judge, so the measure is another one. */
function differingJudges(before: Experiment, after: Experiment): string | undefined {
  const [known, own] = [before.snapshot.models, after.snapshot.models];
  return Object.keys({ ...known, ...own }).find((role) => role === 'judge' && known[role] !== own[role]);
}

function notesOf({
  before,
  after,
  changed,
  pairs,
  judges,
  sameTrials,
}: {
  readonly before: Experiment;
  readonly after: Experiment;
  readonly changed: readonly string[];
  readonly pairs: number;
  readonly judges: string | undefined;
  readonly sameTrials: boolean;
}): readonly string[] {
  const [known, own] = [before.snapshot, after.snapshot];
  const names = (scorers: readonly ScorerSnapshot[]) =>
    new Map(scorers.map((scorer) => [scorer.name, scorer]));
  const [knownScorers, ownScorers] = [names(known.scorers), names(own.scorers)];
  return [
    ...(before.id === after.id ? ['Both are the same experiment.'] : []),
    ...(pairs === 0 ? ['No row of one is a row of the other: nothing can be compared.'] : []),
    ...[...ownScorers].flatMap(([name, { version }]) =>
      knownScorers.has(name) && knownScorers.get(name)?.version !== version
        ? [`The scorer ${name} has another version in each: its figures begin a new series.`]
        : [],
    ),
    ...[...knownScorers.keys()]
      .filter((name) => !ownScorers.has(name))
      .map((name) => `Only the baseline has the scorer ${name}.`),
    ...[...ownScorers.keys()]
      .filter((name) => !knownScorers.has(name))
      .map((name) => `Only the challenger has the scorer ${name}.`),
    ...(judges === undefined
      ? []
      : [
          `Another model judges (${known.models[judges] ?? 'none'} → ${own.models[judges] ?? 'none'}): a new series.`,
        ]),
    ...(known.models.task === own.models.task
      ? []
      : [`Another model answers: ${known.models.task} → ${own.models.task}.`]),
    ...(changed.length === 0
      ? []
      : [
          `${changed.length} ids ask something else in the challenger: ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ' …' : ''}.`,
        ]),
    ...(sameTrials
      ? []
      : [
          `Rows were answered ${times(known.trials)} in the baseline and ${times(own.trials)} in the challenger: each counts with its mean.`,
        ]),
    ...[before, after]
      .filter(({ snapshot }) => snapshot.origin?.git?.isDirty)
      .map(({ id }) => `${id} ran on files that were not committed.`),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
