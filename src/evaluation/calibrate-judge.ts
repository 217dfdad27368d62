import { HoneError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type FittedThreshold, fitThreshold } from './judge-threshold.ts';
import { agreementOf, countedOnce, type JudgedPair } from './judged-pairs.ts';
import type { Agreement } from './metric/agreement.ts';
import { type CorrectedMean, predictionPoweredMean } from './metric/judged-rate.ts';
import { standardDeviation } from './statistics/mean.ts';
import { quantileOfSorted } from './statistics/quantile.ts';
import type { Interval } from './statistics/sample.ts';
import { wilsonInterval } from './statistics/wilson.ts';

/** One row that a judge judged. */
export interface JudgedRow {
  /** What a person said; undefined where nobody did. */
  readonly human?: string | undefined;
  /** Undefined where the judge gave no verdict that can be read. */
  readonly judged: string | undefined;
  /** The verdict when its choices are listed the other way round; undefined where it was not asked. */
  readonly turned?: string | undefined;
  /** Probability of each choice, where the judge has them. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
  /** Rows of one cluster (copies, one group) count once. @default the row stands alone */
  readonly cluster?: string | undefined;
}

/** How often the judge gives a label, beside how often people do, on the same rows. */
export interface LabelBias {
  readonly label: string;
  readonly human: number;
  readonly judge: number;
  /** Judge − human. */
  readonly difference: number;
  readonly interval: Interval;
}

/** The share of a label over all rows, as people would say: from the judge on all and people on some. */
export interface CorrectedShare extends CorrectedMean {
  readonly label: string;
  /** What the judge alone says of the rows that nobody labelled. */
  readonly judged: number;
}

/**
 * `usable`: κ of at least 0.6 with its interval above 0.4, on 50 labels or more. `triage-only`: it may sort rows for
 * people to look at, and its scores prove nothing. `too-few-labels`: the labels do not tell.
 */
export type JudgeVerdict = 'usable' | 'triage-only' | 'too-few-labels';

/** How far a judge is to be believed. JSON. */
export interface JudgeCalibration {
  /** Rows with a label by people and a verdict that can be read. */
  readonly labels: number;
  readonly clusters: number;
  /** Rows without a label by people. */
  readonly unlabelled: number;
  /** Rows whose verdict could not be read. */
  readonly unread: number;
  /** κ weighs distances where the labels are numbers, by their squares. */
  readonly agreement: Agreement & { readonly weights: 'none' | 'quadratic' };
  /** 95 % interval of κ over clusters; wide where hardly any row disagrees. */
  readonly kappaInterval: Interval;
  readonly bias: readonly LabelBias[];
  /** Share of the verdicts that turn with the order of the choices; undefined where it was not asked. */
  readonly flips?:
    | { readonly rows: number; readonly clusters: number; readonly rate: number; readonly interval: Interval }
    | undefined;
  /** Of two labels with probabilities. */
  readonly threshold?: FittedThreshold | undefined;
  /** Of each label, where there are rows that nobody labelled. */
  readonly corrected?: readonly CorrectedShare[] | undefined;
  readonly verdict: JudgeVerdict;
  readonly notes: readonly string[];
}

export interface CalibrateJudgeOptions {
  /** The judge's choices, in their order. */
  readonly choices: readonly string[];
  readonly random: Random;
}

const resamples = 2_000;
const fewestLabels = 50;
const usableKappa = 0.6;
const leastKappa = 0.4;
/** Disagreements below which the spread that is seen is not the spread there is. */
const fewDisagreements = 5;

/**
 * Holds a judge against people: agreement beyond chance, for which labels it leans, whether the order of its choices
 * turns it, the threshold that agrees best, and what people would say of the rows that only the judge has seen.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` with fewer than two rows that both judged.
 */
export function calibrateJudge(
  rows: readonly JudgedRow[],
  { choices, random }: CalibrateJudgeOptions,
): JudgeCalibration {
  const unread = rows.filter(({ judged }) => judged === undefined).length;
  const both = countedOnce(
    rows.flatMap((row, index) =>
      row.human === undefined || row.judged === undefined
        ? []
        : [{ ...row, human: row.human, judged: row.judged, cluster: row.cluster ?? `row ${index}` }],
    ),
  );
  if (both.length < 2) throw tooFew(rows);
  const clusters = groupBy(both, ({ cluster }) => cluster);
  const labels = [...new Set([...choices, ...both.map(({ human }) => human)])];
  const isOrdered = labels.length > 2 && labels.every((label) => /^-?\d+(?:\.\d+)?$/.test(label));
  const ordered = isOrdered ? [...labels].sort((a, b) => Number(a) - Number(b)) : labels;
  const weights = isOrdered ? 'quadratic' : 'none';
  const agreed = agreementOf(both, { weights, labels: ordered });
  const kappaInterval = intervalOfKappa([...clusters.values()], { labels: ordered, weights, agreed, random });
  const unlabelled = rows.filter(({ human, judged }) => human === undefined && judged !== undefined);
  const flips = flipsOf(rows);
  const threshold = fitThreshold(both, choices);
  const corrected =
    unlabelled.length >= 2
      ? labels.map((label) => correctedShare(label, { clusters: [...clusters.values()], unlabelled }))
      : undefined;
  const verdict = verdictOf(agreed.kappa, {
    kappaInterval,
    clusters: clusters.size,
    unreadShare: unreadShareOf(rows),
  });
  return {
    labels: both.length,
    clusters: clusters.size,
    unlabelled: rows.filter(({ human }) => human === undefined).length,
    unread,
    agreement: { ...agreed, weights },
    kappaInterval,
    bias: labels.map((label) => biasOf(label, [...clusters.values()])),
    ...(flips !== undefined && { flips }),
    ...(threshold !== undefined && { threshold }),
    ...(corrected !== undefined && { corrected }),
    verdict,
    notes: notesOf({
      clusters: clusters.size,
      labels: both.length,
      unread,
      rows: rows.length,
      choices,
      both,
    }),
  };
}

/** How many verdicts turn with the order of the choices; a cluster counts once. */
function flipsOf(rows: readonly JudgedRow[]): JudgeCalibration['flips'] {
  const turned = rows.flatMap(({ judged, turned: other, cluster }, index) =>
    judged === undefined || other === undefined
      ? []
      : [{ cluster: cluster ?? `row ${index}`, flipped: judged !== other }],
  );
  if (turned.length === 0) return undefined;
  const shares = [...groupBy(turned, ({ cluster }) => cluster).values()].map(
    (members) => members.filter(({ flipped }) => flipped).length / members.length,
  );
  const successes = shares.reduce((sum, share) => sum + share, 0);
  return {
    rows: turned.length,
    clusters: shares.length,
    rate: successes / shares.length,
    interval: wilsonInterval({ successes, rows: shares.length }),
  };
}

/** The larger of the shares among all rows and among those with a label: many unlabelled rows hide no lost label. */
function unreadShareOf(rows: readonly JudgedRow[]): number {
  const shareOf = (of: readonly JudgedRow[]) =>
    of.length === 0 ? 0 : of.filter(({ judged }) => judged === undefined).length / of.length;
  return Math.max(shareOf(rows), shareOf(rows.filter(({ human }) => human !== undefined)));
}

function tooFew(rows: readonly JudgedRow[]): HoneError {
  const labelled = rows.filter(({ human }) => human !== undefined);
  const unread = labelled.filter(({ judged }) => judged === undefined).length;
  const found = `${labelled.length} of ${rows.length} rows have a label`;
  return new HoneError(
    unread === 0
      ? `A judge is held against at least 2 labels by people, and ${found}.`
      : `A judge is held against at least 2 labels by people, and ${found}, of which the judge gave ${unread} no verdict that can be read.`,
    {
      code: 'HONE_EMPTY_SAMPLE',
      hint:
        unread === 0
          ? 'Let people judge some of the rows, and name the column of their labels with --expected.'
          : 'See what the judge answers with `hone eval`, and let its prompt ask for one of its choices.',
      facts: { rows: rows.length, labelled: labelled.length, unread },
    },
  );
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function intervalOfKappa(
  clusters: readonly (readonly JudgedPair[])[],
  of: {
    readonly labels: readonly string[];
    readonly weights: 'none' | 'quadratic';
    readonly agreed: Agreement;
    readonly random: Random;
  },
): Interval {
  const { labels, weights, agreed } = of;
  const random = of.random.fork('kappa');
  const kappas = new Float64Array(resamples);
  for (let draw = 0; draw < resamples; draw += 1) {
    const drawn = clusters.flatMap(() => clusters[random.integer(clusters.length)] ?? []);
    kappas[draw] = agreementOf(drawn, { labels, weights }).kappa;
  }
  kappas.sort();
  const low = quantileOfSorted(kappas, 0.025);
  const high = quantileOfSorted(kappas, 0.975);
  const disagreeing = clusters.filter((rows) => rows.some(({ human, judged }) => human !== judged)).length;
  if (disagreeing >= fewDisagreements) return [low, high];
  // Where hardly any disagree the resamples hardly do either; Wilson's bound of the agreement stays honest.
  const units = clusters.length;
  const [least] = wilsonInterval({ successes: units - disagreeing, rows: units });
  const { chance } = agreed;
  return [Math.min(low, chance === 1 ? 0 : (least - chance) / (1 - chance)), high];
}

function biasOf(label: string, clusters: readonly (readonly JudgedPair[])[]): LabelBias {
  const shares = clusters.map((rows) => ({
    human: rows.filter(({ human }) => human === label).length / rows.length,
    judge: rows.filter(({ judged }) => judged === label).length / rows.length,
  }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const human = mean(shares.map((each) => each.human));
  const judge = mean(shares.map((each) => each.judge));
  const differences = shares.map((each) => each.judge - each.human);
  // One more row either way, so that a few rows without a difference do not look certain.
  const spread = standardDeviation([...differences, 1, -1]);
  const half = (1.96 * spread) / Math.sqrt(shares.length);
  const difference = judge - human;
  return {
    label,
    human,
    judge,
    difference,
    interval: [Math.max(-1, difference - half), Math.min(1, difference + half)],
  };
}

function correctedShare(
  label: string,
  {
    clusters,
    unlabelled,
  }: { readonly clusters: readonly (readonly JudgedPair[])[]; readonly unlabelled: readonly JudgedRow[] },
): CorrectedShare {
  const shareOf = (rows: readonly JudgedPair[], side: 'human' | 'judged') =>
    rows.filter((row) => row[side] === label).length / rows.length;
  // Rows of one group among the unlabelled ones count once too.
  const groups = [
    ...groupBy(
      unlabelled.map((row, index) => ({ row, index })),
      ({ row, index }) => row.cluster ?? `row ${index}`,
    ).values(),
  ];
  const judged = groups.map((rows) => rows.filter(({ row }) => row.judged === label).length / rows.length);
  const mean = judged.reduce((sum, value) => sum + value, 0) / judged.length;
  if (judged.length < 2 || clusters.length < 2)
    return { label, judged: mean, mean, standardError: Number.POSITIVE_INFINITY, interval: [0, 1] };
  const powered = predictionPoweredMean({
    labels: clusters.map((rows) => shareOf(rows, 'human')),
    judged: clusters.map((rows) => shareOf(rows, 'judged')),
    unlabelled: judged,
  });
  const within = (value: number) => Math.min(1, Math.max(0, value));
  const [low, high] = powered.interval;
  return {
    label,
    judged: mean,
    ...powered,
    mean: within(powered.mean),
    interval: [within(low), within(high)],
  };
}

function verdictOf(
  kappa: number,
  of: {
    readonly kappaInterval: Interval;
    readonly clusters: number;
    readonly unreadShare: number;
  },
): JudgeVerdict {
  if (of.clusters < fewestLabels) return 'too-few-labels';
  if (of.unreadShare > 0.05) return 'triage-only';
  return kappa >= usableKappa && of.kappaInterval[0] > leastKappa ? 'usable' : 'triage-only';
}

function notesOf(of: {
  readonly clusters: number;
  readonly labels: number;
  readonly unread: number;
  readonly rows: number;
  readonly choices: readonly string[];
  readonly both: readonly JudgedPair[];
}): readonly string[] {
  const { clusters, labels, unread, rows, choices, both } = of;
  const strange = [...new Set(both.map(({ human }) => human))].filter((label) => !choices.includes(label));
  return [
    ...(clusters < fewestLabels
      ? [
          `${fewestLabels} labels, of different rows, are needed to say that a judge can be used; there are ${clusters}.`,
        ]
      : []),
    ...(clusters < labels
      ? [`${labels} labels count as ${clusters}: copies and rows of one group count once.`]
      : []),
    ...(unread > 0 ? [`${unread} of ${rows} verdicts could not be read; they are in no figure.`] : []),
    ...(strange.length > 0
      ? [`People also say ${strange.map((label) => `“${label}”`).join(', ')}, which the judge cannot answer.`]
      : []),
  ];
}
