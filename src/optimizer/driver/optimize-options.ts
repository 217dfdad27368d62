import type { Clock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Dataset, Example } from '../../dataset/dataset.ts';
import type { Progress } from '../../evaluation/evaluate.ts';
import type { AnswerCacheMode } from '../../model/middleware/call-path.ts';
import type { Model } from '../../model/model.ts';
import type { Program } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import type { Store } from '../../store/store.ts';
import type { OptimizationEvent, Optimizer } from '../optimizer.ts';
import type { OptimizationReport, Verdict } from './report.ts';

export interface OptimizeOptions<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  /** Rows for all three roles: split 50/25/25 into train, validation and the sealed test. */
  readonly dataset: Dataset | Iterable<Example>;
  /** The first counts; further ones are reported. */
  readonly scorer: Scorer | readonly Scorer[];
  readonly optimizer: Optimizer;
  readonly model: Model;
  /** Answers `context.ask`. @default none: optimizers that reflect refuse to start */
  readonly reflectionModel?: Model | undefined;
  readonly store: Store;
  readonly budget?: OptimizationBudget | undefined;
  /** Decides splits and every random choice. @default 1 */
  readonly randomSeed?: number | undefined;
  /** Shares of train, validation and test. @default [0.5, 0.25, 0.25] */
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
  /** Calls of the reflection model. */
  readonly reflectionCalls?: number | undefined;
  /** Tokens of all calls, in and out. */
  readonly tokens?: number | undefined;
  readonly minutes?: number | undefined;
}

/** An optimization at work. Iterating reads stored events: late and several watchers see all of them. */
export interface OptimizationRun extends AsyncIterable<OptimizationEvent> {
  /** The run's id, once it is known; rejects when the run cannot start. */
  readonly id: Promise<string>;
  progress(): Progress;
  /** Rejects when the run failed or was cancelled; a cancelled run can be resumed. */
  result(): Promise<OptimizationResult>;
  /** Finishes what is in flight and stops; the same call (or `hone resume`) goes on from there. */
  cancel(reason?: unknown): void;
}

export interface OptimizationResult {
  readonly verdict: Verdict;
  /** The winner when improved, else the seed. */
  readonly candidate: Candidate;
  readonly report: OptimizationReport;
}
