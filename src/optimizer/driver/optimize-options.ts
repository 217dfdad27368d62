import type { Clock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Dataset, Example, RowRoles } from '../../dataset/dataset.ts';
import type { RunHandle } from '../../evaluation/run-handle.ts';
import type { Origin } from '../../evaluation/snapshot.ts';
import type { AnswerCacheMode } from '../../model/middleware/call-path.ts';
import type { Model } from '../../model/model.ts';
import type { Program } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import type { Store } from '../../store/store.ts';
import type { Objective, OptimizationEvent, Optimizer } from '../optimizer.ts';
import type { StopCondition } from '../stop-condition.ts';
import type { OptimizationReport, Verdict } from './report.ts';

export interface OptimizeOptions<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  /**
   * Rows for all three roles, which are split so that the sealed test can show something; or rows whose roles are
   * given.
   */
  readonly dataset: Dataset | Iterable<Example> | RowRoles;
  /** The first counts; further ones are reported. */
  readonly scorer: Scorer | readonly Scorer[];
  /**
   * An optimizer, or a function that makes one. Where the test would be small, every fold of a cross-fit takes a
   * new one: a function, or an optimizer with `fresh`, makes that possible.
   */
  readonly optimizer: Optimizer | (() => Optimizer);
  /** Answers the rows: the role `task`. */
  readonly model: Model;
  /** Answers `context.ask`: the role `reflection`. @default none: optimizers that reflect refuse to start */
  readonly reflectionModel?: Model | undefined;
  /** Models of further roles: `teacher`, `judge`, and those that the program names. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  /** What counts, the first most. @default [{ name: 'score', direction: 'maximize' }] */
  readonly objectives?: readonly Objective[] | undefined;
  /** Ends the search when one of these holds: `targetScore`, `patience`, `plateau`, `convergence`. @default none */
  readonly stopWhen?: readonly StopCondition[] | undefined;
  /** Whether the search goes on when the seed leaves nothing to improve on validation. @default false */
  readonly evenIfSaturated?: boolean | undefined;
  readonly store: Store;
  readonly budget?: OptimizationBudget | undefined;
  /** Decides splits and every random choice. @default 1 */
  readonly randomSeed?: number | undefined;
  /** Shares of train, validation and test, none of them 0. @default [0.5, 0.25, 0.25], fewer rows a larger test */
  readonly shares?: readonly [number, number, number] | undefined;
  /** Most rows in work at once; never changes what is decided. @default 8 */
  readonly concurrency?: number | undefined;
  /** @default 'on' */
  readonly cache?: AnswerCacheMode | undefined;
  /** Most candidates that `admit` lets through. @default no bound */
  readonly maxCandidates?: number | undefined;
  /** For people. @default the program's name */
  readonly name?: string | undefined;
  /** What to run to do this again; kept with the run. */
  readonly plan?: JsonObject | undefined;
  /** Where it runs; kept with the snapshot. @default not said */
  readonly origin?: Origin | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * Limits of one run, over all processes that work on it. A pair of candidate and row counts its calls and
 * their original price whether the answers were stored or not, so that a run with the same seed decides the
 * same on a cold and on a warm cache. What the final proof needs is kept back from the search.
 */
export interface OptimizationBudget {
  readonly usd?: number | undefined;
  /** Calls of the task model. */
  readonly calls?: number | undefined;
  /** Calls that the search makes itself: reflections and judgements of pairs. */
  readonly reflectionCalls?: number | undefined;
  /** Input and output tokens of all calls. */
  readonly tokens?: number | undefined;
  readonly minutes?: number | undefined;
}

/** The options with the optimizer that the run works with. */
export type PlannedOptions<Inputs, Outputs> = Omit<OptimizeOptions<Inputs, Outputs>, 'optimizer'> & {
  readonly optimizer: Optimizer;
  /** Makes another that remembers nothing of the first; undefined where that is not possible. */
  readonly fresh: (() => Optimizer) | undefined;
};

/** An optimization at work. Iterating reads stored events; a cancelled run goes on with the same call. */
export type OptimizationRun = RunHandle<OptimizationEvent, OptimizationResult>;

export interface OptimizationResult {
  readonly verdict: Verdict;
  /** The winner when improved, else the seed. */
  readonly candidate: Candidate;
  readonly report: OptimizationReport;
}
