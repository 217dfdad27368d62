import type { Clock } from '../base/clock.ts';
import { createRandom } from '../base/random.ts';
import type { CandidateHash } from '../prompt/candidate.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { AggregateAccumulator } from './aggregates.ts';
import { countedWith } from './counted-with.ts';
import type { EvaluationBudget, Progress } from './evaluate.ts';
import type { Evaluation, Outcome, RowResult, UsageSummary } from './evaluation.ts';
import { createObjectives } from './objectives.ts';
import { createNumbers } from './statistics/numbers.ts';
import { quantileOfSorted } from './statistics/quantile.ts';
import { createScoreAccumulator } from './statistics/streaming-summary.ts';
import { sumKnown } from './sum-known.ts';

/** Running totals of rows as they finish, in memory that grows by a few bytes a row. */
export interface Tally {
  /** Answers that have come in. */
  readonly rows: number;
  /** Whether a call said nothing of its tokens, so that a limit of tokens cannot be kept. */
  readonly hasUnknownTokens: boolean;
  /** Counts an answer when it comes in: what was spent, and how far it is. */
  arrive(result: RowResult): void;
  /**
   * Counts its scores, and its arrival where that was not counted before. In the order of the jobs: the trials
   * of a row follow each other.
   */
  add(result: RowResult): void;
  progress(): Progress;
  /** Whether so many further calls, those in flight among them, are within the budget. */
  allows(budget: EvaluationBudget | undefined, calls: number): boolean;
  elapsedMs(): number;
  usage(): UsageSummary;
  finish(of: {
    readonly runId: string;
    readonly candidate: CandidateHash;
    readonly trials: number;
    readonly notices: readonly string[];
    readonly results: () => AsyncIterable<RowResult>;
  }): Evaluation;
}

export function createTally(
  scorers: readonly Pick<Scorer, 'name' | 'passFail'>[],
  clock: Clock,
  /** Sees each row, with its trials. */
  aggregates?: AggregateAccumulator | undefined,
): Tally {
  const startedAt = clock.monotonic();
  const elapsedMs = () => Math.round(clock.monotonic() - startedAt);
  const accumulators = scorers.map(({ name, passFail }) =>
    createScoreAccumulator({ name, passFail, random: createRandom(`summary/${name}`) }),
  );
  const objectives = createObjectives();
  const latencies = createNumbers({ precision: 'single' });
  const totals = { rows: 0, calls: 0, failedCalls: 0, cachedCalls: 0, retries: 0 };
  let inputTokens: number | undefined = 0;
  let outputTokens: number | undefined = 0;
  let costUsd: number | undefined = 0;
  let spentUsd: number | undefined = 0;
  // The trials of the row at hand, which are averaged before they count.
  let trials: RowResult[] = [];

  const closeRow = () => {
    if (trials.length === 0) return;
    const [first] = trials;
    const counted = countedWith(first ?? {});
    for (const [index, accumulator] of accumulators.entries()) {
      const name = scorers[index]?.name ?? '';
      accumulator.add(
        trials.map((trial) => (index === 0 ? trial.outcome : (trial.others?.[name] ?? unscored))),
        counted,
      );
    }
    objectives.add(trials);
    aggregates?.add(trials);
    trials = [];
  };

  // Those whose scores are still to be counted.
  const arrived = new Set<RowResult>();
  const arrive = (result: RowResult) => {
    const row = result.usage;
    arrived.add(result);
    totals.rows += 1;
    totals.calls += row.calls;
    totals.failedCalls += row.failedCalls;
    totals.cachedCalls += row.cachedCalls;
    totals.retries += row.retries;
    inputTokens = sumKnown(inputTokens, row.inputTokens);
    outputTokens = sumKnown(outputTokens, row.outputTokens);
    spentUsd = sumKnown(spentUsd, row.spentUsd);
  };

  const usage = (): UsageSummary => ({
    calls: totals.calls,
    failedCalls: totals.failedCalls,
    cachedCalls: totals.cachedCalls,
    inputTokens,
    outputTokens,
    costUsd,
    spentUsd,
    latencyP50Ms: latencies.length === 0 ? 0 : quantileOfSorted(latencies.sorted(), 0.5),
    latencyP95Ms: latencies.length === 0 ? 0 : quantileOfSorted(latencies.sorted(), 0.95),
    retries: totals.retries,
    wallMs: elapsedMs(),
  });

  /** What was used, and what so many further calls use if they are like those so far. */
  const expectedTokens = (calls: number) => {
    const used = (inputTokens ?? 0) + (outputTokens ?? 0);
    return totals.calls === 0 ? used : used + (calls * used) / totals.calls;
  };

  return {
    get rows() {
      return totals.rows;
    },
    get hasUnknownTokens() {
      return inputTokens === undefined || outputTokens === undefined;
    },
    arrive,
    add(result) {
      const { outcome, usage: row } = result;
      if (!arrived.has(result)) arrive(result);
      arrived.delete(result);
      costUsd = sumKnown(costUsd, row.costUsd);
      if (outcome.status !== 'infrastructure-error') latencies.push(row.latencyMs);
      // A row starts with its first trial; two rows that have one id are two rows.
      const [first] = trials;
      const isSameRow = first?.exampleId === result.exampleId && result.trial > (trials.at(-1)?.trial ?? -1);
      if (!isSameRow) closeRow();
      trials.push(result);
    },
    progress: () => ({
      phase: 'evaluation',
      done: totals.rows,
      calls: totals.calls,
      cachedCalls: totals.cachedCalls,
      spentUsd,
      elapsedMs: elapsedMs(),
    }),
    allows: (budget, calls) =>
      budget === undefined ||
      ((budget.calls === undefined || totals.calls + calls <= budget.calls) &&
        (budget.tokens === undefined || expectedTokens(calls) <= budget.tokens) &&
        (budget.minutes === undefined || elapsedMs() < budget.minutes * 60_000) &&
        (budget.usd === undefined || spentUsd === undefined || spentUsd < budget.usd)),
    elapsedMs,
    usage,
    finish: (of) => {
      closeRow();
      return {
        ...of,
        summaries: accumulators.map((accumulator) => accumulator.summary()),
        objectives: objectives.summaries(),
        ...aggregated(aggregates),
        usage: usage(),
      };
    },
  };
}

function aggregated(aggregates: AggregateAccumulator | undefined): Pick<Evaluation, 'aggregates'> {
  const summary = aggregates?.summary() ?? {};
  return Object.keys(summary).length === 0 ? {} : { aggregates: summary };
}

const unscored: Outcome = { status: 'unscored', reason: 'The row was lost before it could be scored.' };
