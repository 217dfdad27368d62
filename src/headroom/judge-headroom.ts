import type { ScoreSummary } from '../evaluation/evaluation.ts';
import { assumedDeviation, mcnemarPower } from '../evaluation/statistics/planned-difference.ts';
import { minimumProvableMeanDifference } from '../evaluation/statistics/power.ts';
import type { HeadroomFigures } from './figures.ts';
import type { LabelConflicts } from './label-conflicts.ts';

/** Whether optimizing can pay. */
export type HeadroomVerdict =
  /** Sampled prompts get rows right that the seed gets wrong, and the rows can show it. */
  | 'promising'
  /** The seed gets every measured row right. */
  | 'at-ceiling'
  /** Rows that ask the same expect different answers. */
  | 'labels-disagree'
  /** The same prompt answers otherwise the second time, and other prompts do no better than that. */
  | 'answers-vary'
  /** Sampled prompts get no more rows right than the seed, beyond chance. */
  | 'no-headroom-seen'
  /** There may be something to gain, and the rows are too few to prove it. */
  | 'too-few-rows';

/** What the rows can prove. JSON. */
export interface HeadroomPower {
  /**
   * What may be gained: from the seed's mean to the best of the sampled prompts on each row, less what as many
   * further answers with the seed may add by chance.
   */
  readonly difference: number;
  /** The smallest difference that a test of the rows that are there finds; undefined where they allow none. */
  readonly smallestDifference?: number | undefined;
  /** All rows, train and validation too, from which on a test finds the difference; undefined above 100,000. */
  readonly rowsNeeded?: number | undefined;
}

/** What there is to judge by. */
export interface HeadroomEvidence {
  readonly seed: ScoreSummary;
  readonly figures: HeadroomFigures | undefined;
  readonly labels: LabelConflicts;
  /** Rows of the task. */
  readonly rows: number;
  readonly power: HeadroomPower;
  /** The highest mean of a sampled prompt other than the seed; undefined where none was asked. */
  readonly bestPrompt?: number | undefined;
}

export interface HeadroomJudgement {
  readonly verdict: HeadroomVerdict;
  /** One sentence or two. */
  readonly summary: string;
}

/** Share of the rows that may contradict each other before that is the news. */
const manyConflicts = 0.05;
/** Share of the rows that are answered otherwise the second time from which on answers vary. */
const muchVaried = 0.25;
/** Gains below are noise in a few rows. */
const smallGain = 0.02;
/** What another prompt must add beyond a second answer to count. */
const beyondLuck = 0.05;

/** One verdict: what stands in the way first. */
export function judgeHeadroom(evidence: HeadroomEvidence): HeadroomJudgement {
  const { seed, figures, labels, rows, power, bestPrompt } = evidence;
  if (labels.rows / Math.max(1, rows) >= manyConflicts) {
    return {
      verdict: 'labels-disagree',
      summary: `The labels disagree with each other: ${labels.rows} of ${rows} rows have the same inputs as another row and another answer. No prompt can get more than ${share(labels.best)} of them right; correct the labels first.`,
    };
  }
  const mean = seed.mean ?? 0;
  if (seed.minimum === 1) {
    return {
      verdict: 'at-ceiling',
      summary: `The prompt is already at its ceiling: it gets all ${seed.rows} measured rows right (95 % interval ${interval(seed)}). There is nothing to gain that so many rows could show; harder rows would tell more.`,
    };
  }
  const { gain, repeats } = figures ?? { gain: { again: 0, otherPrompt: 0 }, repeats: { differing: 0 } };
  if (repeats.differing >= muchVaried && gain.otherPrompt < gain.again + beyondLuck) {
    return {
      verdict: 'answers-vary',
      summary: `The same prompt answers otherwise the second time on ${share(repeats.differing)} of the rows, and other prompts differ from it no more than that. Lower the temperature, or let several answers vote, before a prompt is looked for.`,
    };
  }
  if (power.difference < smallGain) {
    const nothing = `No sampled prompt gets any of ${figures?.rows ?? seed.rows} rows right. Look at some answers first (\`hone eval --first 5\`): their form, the scorer or the expected column may be at fault; else the model lacks what the task needs.`;
    if (figures?.reachable === 0) return { verdict: 'no-headroom-seen', summary: nothing };
    return {
      verdict: 'no-headroom-seen',
      summary: `No sampled prompt gets more rows right than yours (${score(mean)} on ${seed.rows} rows), beyond chance. The model may lack what the task needs: a larger one, more in the inputs, or a look at the rows that all get wrong comes first.`,
    };
  }
  const { smallestDifference = 1, difference, rowsNeeded } = power;
  const single = bestPrompt === undefined ? '' : `, and the best single one to ${score(bestPrompt)}`;
  const reachable = figures?.reachable ?? mean;
  const may = `Taking the best sampled prompt on each row comes to ${score(reachable)} where yours comes to ${score(figures?.seed ?? mean)}${single}`;
  if (smallestDifference > difference) {
    const needed = rowsNeeded === undefined ? 'more than 100,000' : `about ${rowsNeeded}`;
    return {
      verdict: 'too-few-rows',
      summary: `${may}. ${rows} rows cannot prove a gain of ${score(difference)}. Rows needed: ${needed}.`,
    };
  }
  return {
    verdict: 'promising',
    summary: `${may}, on ${figures?.rows ?? 0} rows. The task's rows can prove a gain of ${score(smallestDifference)} or more: optimizing can pay here.`,
  };
}

/** Rows below which every row is tested by cross-fitting, and from which on the test gets its share of them. */
const crossFitBelow = 120;
const sharesFrom = 200;
const leastRows = 20;
const wantedInTest = 50;
const mostRows = 100_000;

/**
 * All rows from which on the test of an optimization finds this difference in four of five runs.
 *
 * @param difference Of two means, 0 to 1.
 * @returns Rounded up to the next step of a twentieth; undefined above 100,000.
 */
export function totalRowsNeeded(
  difference: number,
  { passFail }: { readonly passFail: boolean },
): number | undefined {
  if (difference <= 0) return undefined;
  for (let rows = leastRows; rows <= mostRows; rows = Math.ceil(rows * 1.05)) {
    const tested = testedOf(rows);
    const isFound = passFail
      ? mcnemarPower(tested, Math.min(1, difference)) >= 0.8
      : minimumProvableMeanDifference(tested, { standardDeviation: assumedDeviation }) <= difference;
    if (isFound) return rows;
  }
  return undefined;
}

function testedOf(rows: number): number {
  if (rows < crossFitBelow) return rows;
  return rows < sharesFrom ? wantedInTest : Math.floor(rows / 4);
}

function share(value: number): string {
  return `${Math.round(100 * value)} %`;
}

function score(value: number): string {
  return Math.min(1, value).toFixed(2);
}

function interval({ interval: [low, high] }: ScoreSummary): string {
  return `${low.toFixed(2)} to ${high.toFixed(2)}`;
}
