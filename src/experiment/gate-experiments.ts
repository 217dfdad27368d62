import {
  type DifferenceRule,
  defaultMargin,
  type GateResult,
  judgeDifference,
  judgeThreshold,
  overallResult,
} from '../evaluation/gate.ts';
import { compareExperiments } from './compare-experiments.ts';
import type { Experiment, ExperimentComparison } from './experiment.ts';

export interface GateOptions {
  /** Undefined: none was found, and what compares is inconclusive. */
  readonly baseline?: Experiment | undefined;
  readonly challenger: Experiment;
  /** `none`: only the other checks. @default 'no-regression' */
  readonly rule?: DifferenceRule | 'none' | undefined;
  /** In points of score, 0 to 1. @default 0.05 */
  readonly margin?: number | undefined;
  /** The least score, 0 to 1. @default none */
  readonly threshold?: number | undefined;
  /** Ids of rows that must be right (1) in every trial. @default none */
  readonly mustPass?: readonly string[] | undefined;
  /** Most rows that were right in all trials and are wrong in all. @default any number: they are named */
  readonly maxBroken?: number | undefined;
  /** Most dollars of an answer, as a mean. @default no limit */
  readonly maxCostUsd?: number | undefined;
  /** Most milliseconds of 95 % of the answers. @default no limit */
  readonly maxLatencyMs?: number | undefined;
}

/** One thing that was checked. */
export interface GateCheck {
  readonly name: string;
  readonly result: GateResult;
  /** Why, in a sentence with the figures. */
  readonly reason: string;
}

/** What a gate says. JSON. */
export interface GateReport {
  readonly result: GateResult;
  readonly suite: string;
  readonly challenger: string;
  /** Content hash of the candidate that was judged. */
  readonly candidate: string;
  /** The model that answered. */
  readonly model?: string | undefined;
  readonly baseline?: string | undefined;
  readonly checks: readonly GateCheck[];
  /** Ids of rows that were right in all trials of the baseline and are wrong in all of the challenger. */
  readonly broken: readonly string[];
  readonly fixed: readonly string[];
  /** Undefined without a baseline. */
  readonly comparison?: ExperimentComparison | undefined;
}

/** Share of the baseline's rows that may be missing; more could hide what got worse. */
const mostMissing = 0.05;

/** Whether an experiment may go on: every check with its reason, and the result of all together. */
export async function gateExperiments(options: GateOptions): Promise<GateReport> {
  const { baseline, challenger } = options;
  const [comparison] =
    baseline === undefined ? [] : await compareExperiments({ baseline, challengers: [challenger] });
  const rows = comparison?.rows ?? [];
  const broken = rows.filter(({ flip }) => flip === 'broken').map(({ id }) => id);
  const fixed = rows.filter(({ flip }) => flip === 'fixed').map(({ id }) => id);
  const checks = [
    ...differenceChecks(comparison, options),
    ...thresholdChecks(options),
    ...(await mustPassChecks(options)),
    ...brokenChecks(broken, comparison, options),
    ...costChecks(options),
    ...latencyChecks(options),
  ];
  return {
    result: overallResult(checks.map(({ result }) => result)),
    suite: challenger.name,
    challenger: challenger.id,
    candidate: challenger.candidate,
    ...(challenger.snapshot.models.task !== undefined && { model: challenger.snapshot.models.task }),
    ...(baseline !== undefined && { baseline: baseline.id }),
    checks,
    broken,
    fixed,
    ...(comparison !== undefined && { comparison }),
  };
}

function differenceChecks(
  comparison: ExperimentComparison | undefined,
  { rule = 'no-regression', margin = defaultMargin }: GateOptions,
): readonly GateCheck[] {
  if (rule === 'none') return [];
  const open = (reason: string): readonly GateCheck[] => [{ name: rule, result: 'inconclusive', reason }];
  if (comparison === undefined) return open('There is no baseline to compare with.');
  if (comparison.baseline.id === comparison.challenger.id) {
    return open('The baseline is this very experiment: evaluate the change first.');
  }
  const [deciding, known] = [comparison.challenger, comparison.baseline].map(
    ({ snapshot }) => snapshot.scorers[0]?.name,
  );
  if (deciding !== known) {
    return open(
      `The first scorer decides, and it is ${deciding} here and ${known} in the baseline: evaluate both by the same.`,
    );
  }
  const [first] = comparison.scores;
  if (first?.comparison === undefined) return open('No row has a score on both sides.');
  if (first.verdict === 'not-comparable') return open('The two were scored by different measures.');
  const { interval, difference, lost, rows, against } = first.comparison;
  const judged = judgeDifference(rule, interval, { margin });
  const figures = `${points(difference)} with a 95 % interval of ${points(interval[0])} to ${points(interval[1])} points on ${rows} rows`;
  const missing = comparison.unmatched.baseline.length;
  if (missing > mostMissing * (missing + comparison.rows.length)) {
    return open(
      `${missing} rows of the baseline were not answered, which could hide what got worse; of the others: ${figures}.`,
    );
  }
  if (lost > mostMissing * (lost + rows)) {
    return open(`${lost} rows were lost to faults; of the others: ${figures}.`);
  }
  // What would not pass with the rows that one side lacks counted against the challenger has not passed.
  if (
    judged === 'pass' &&
    against !== undefined &&
    judgeDifference(rule, against.interval, { margin }) !== 'pass'
  ) {
    return open(`${figures}, but not with the rows that only one side has a score for.`);
  }
  const bound = rule === 'improvement' ? '0' : `a margin of ${points(margin).replace('+', '')}`;
  return [{ name: rule, result: judged, reason: `${figures}; judged by ${bound}.` }];
}

function thresholdChecks({ threshold, challenger }: GateOptions): readonly GateCheck[] {
  if (threshold === undefined) return [];
  const name = `threshold ${threshold}`;
  const [summary] = challenger.summaries;
  if (summary?.mean === undefined) return [{ name, result: 'inconclusive', reason: 'No row has a score.' }];
  const [low, high] = summary.interval;
  const reason = `The score is ${summary.mean.toFixed(3)} with a 95 % interval of ${low.toFixed(3)} to ${high.toFixed(3)}.`;
  const { scored, unscored, infrastructureErrors: lost } = summary;
  if (lost > mostMissing * (scored + unscored + lost)) {
    return [
      {
        name,
        result: 'inconclusive',
        reason: `${lost} answers were lost to faults; of the others: ${reason}`,
      },
    ];
  }
  return [{ name, result: judgeThreshold(threshold, summary.interval), reason }];
}

async function mustPassChecks({ mustPass = [], challenger }: GateOptions): Promise<readonly GateCheck[]> {
  if (mustPass.length === 0) return [];
  const wanted = new Set(mustPass);
  const wrong = new Set<string>();
  const lost = new Set<string>();
  const seen = new Set<string>();
  for await (const { id, scores } of challenger.rows()) {
    if (!wanted.has(id)) continue;
    seen.add(id);
    const [value] = scores;
    if (value === 'lost') lost.add(id);
    else if (value !== 1) wrong.add(id);
  }
  const missing = mustPass.filter((id) => !seen.has(id));
  const failed = [...wrong, ...missing];
  const name = 'must pass';
  if (failed.length > 0) {
    const parts = [
      ...(wrong.size === 0 ? [] : [`not right: ${[...wrong].join(', ')}`]),
      ...(missing.length === 0 ? [] : [`not answered: ${missing.join(', ')}`]),
    ];
    return [{ name, result: 'fail', reason: `Of ${mustPass.length} rows ${parts.join('; ')}.` }];
  }
  return lost.size > 0
    ? [{ name, result: 'inconclusive', reason: `Lost to faults: ${[...lost].join(', ')}.` }]
    : [{ name, result: 'pass', reason: `All ${mustPass.length} rows are right.` }];
}

const namedRows = 20;

function brokenChecks(
  broken: readonly string[],
  comparison: ExperimentComparison | undefined,
  { maxBroken }: GateOptions,
): readonly GateCheck[] {
  if (maxBroken === undefined) return [];
  const name = 'broken rows';
  if (comparison === undefined)
    return [{ name, result: 'inconclusive', reason: 'There is no baseline to compare with.' }];
  const more = broken.length > namedRows ? ' …' : '';
  const ids = broken.length === 0 ? '' : `: ${broken.slice(0, namedRows).join(', ')}${more}`;
  const reason = `${broken.length} rows were right in all trials and are wrong in all, of at most ${maxBroken}${ids}.`;
  if (broken.length > maxBroken) return [{ name, result: 'fail', reason }];
  // A row that was right and has no answer now may be one of them.
  const lost = comparison.rows.filter(({ change, baseline }) => change === 'error' && baseline.score === 1);
  const unseen = lost.length + comparison.unmatched.baseline.length;
  if (broken.length + unseen > maxBroken && unseen > 0) {
    return [
      {
        name,
        result: 'inconclusive',
        reason: `${unseen} rows of the baseline have no answer to compare, and could be broken too. ${reason}`,
      },
    ];
  }
  return [{ name, result: 'pass', reason }];
}

function costChecks({ maxCostUsd, challenger }: GateOptions): readonly GateCheck[] {
  if (maxCostUsd === undefined) return [];
  const name = 'cost';
  const { costUsd } = challenger.usage;
  const [summary] = challenger.summaries;
  const answers = summary === undefined ? 0 : summary.scored + summary.unscored;
  if (costUsd === undefined || answers === 0) {
    return [{ name, result: 'inconclusive', reason: 'What the answers cost is not known.' }];
  }
  const mean = costUsd / answers;
  return [
    {
      name,
      result: mean <= maxCostUsd ? 'pass' : 'fail',
      reason: `An answer costs $${mean.toPrecision(3)}, of at most $${maxCostUsd}; judges included.`,
    },
  ];
}

function latencyChecks({ maxLatencyMs, challenger }: GateOptions): readonly GateCheck[] {
  if (maxLatencyMs === undefined) return [];
  const { latencyP95Ms } = challenger.usage;
  const [summary] = challenger.summaries;
  if (summary === undefined || summary.scored + summary.unscored === 0) {
    return [{ name: 'latency', result: 'inconclusive', reason: 'Nothing was answered.' }];
  }
  return [
    {
      name: 'latency',
      result: latencyP95Ms <= maxLatencyMs ? 'pass' : 'fail',
      reason: `95 % of the answers take at most ${Math.round(latencyP95Ms)} ms, of at most ${maxLatencyMs}.`,
    },
  ];
}

/** A difference of scores in points, a hundredth of the scale each. */
function points(difference: number): string {
  const text = (100 * Math.abs(difference)).toFixed(1);
  return `${difference < 0 && text !== '0.0' ? '−' : '+'}${text}`;
}
