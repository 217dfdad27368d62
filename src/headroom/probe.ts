import { canonicalJson } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { Example } from '../dataset/dataset.ts';
import type { RowJob, RowTask } from '../evaluation/answer-row.ts';
import { countedWith } from '../evaluation/counted-with.ts';
import type { Progress } from '../evaluation/evaluate.ts';
import type { RowResult, ScoreSummary, UsageSummary } from '../evaluation/evaluation.ts';
import { runRows } from '../evaluation/run-rows.ts';
import { createScoreAccumulator } from '../evaluation/statistics/streaming-summary.ts';
import { createTally } from '../evaluation/tally.ts';
import { type AnswerCacheMode, callPath } from '../model/middleware/call-path.ts';
import { createSpendLedger } from '../model/middleware/spend-limit.ts';
import type { Model } from '../model/model.ts';
import type { Program } from '../program/program.ts';
import { type Candidate, hashCandidate } from '../prompt/candidate.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { Store } from '../store/store.ts';

export interface ProbeOptions {
  readonly program: Program;
  readonly model: Model;
  readonly models?: Readonly<Record<string, Model>> | undefined;
  readonly scorers: readonly Scorer[];
  readonly store: Store;
  /** Most calls in all. */
  readonly calls: number;
  readonly budget?:
    | {
        readonly usd?: number | undefined;
        readonly tokens?: number | undefined;
        readonly minutes?: number | undefined;
      }
    | undefined;
  readonly concurrency?: number | undefined;
  readonly cache?: AnswerCacheMode | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly stop: AbortSignal;
}

export type ProbeJob = Pick<RowJob, 'candidate' | 'example' | 'trial'>;

/** Answers single rows within one limit of calls and remembers what came of them. */
export interface Probe {
  /**
   * Answers as many of the jobs, in their order, as the limits hold.
   *
   * @param options.areSpare What does not fit was not counted on. @default false
   */
  answer(jobs: readonly ProbeJob[], options?: { readonly areSpare?: boolean | undefined }): Promise<void>;
  /** Undefined where the row was not answered, was lost, or cannot be scored. */
  score(candidate: Candidate, exampleId: string, trial: number): number | undefined;
  /** The different answers to a row so far, whichever prompt gave them; one that could not be read is `undefined`. */
  answersOf(exampleId: string): ReadonlySet<string | undefined>;
  summaryOf(candidate: Candidate, of: { readonly passFail: boolean; readonly name: string }): ScoreSummary;
  usage(): UsageSummary;
  progress(): Progress;
  /** What a reader should know: what was lost, cut off or left out. */
  notes(): readonly string[];
}

export function createProbe(options: ProbeOptions): Probe {
  const { program, scorers, store, calls, budget = {}, concurrency = 8, clock, stop } = options;
  const { usd, minutes } = budget;
  const notices = new Set<string>();
  const ledger = usd === undefined ? undefined : createSpendLedger({ limitUsd: usd });
  const deadline = minutes === undefined ? undefined : clock.monotonic() + minutes * 60_000;
  const path = (model: Model) =>
    callPath(model, {
      log: store.answers,
      cache: options.cache ?? 'on',
      concurrency,
      clock,
      ledger,
      deadline,
      onNotice: (notice) => notices.add(notice),
    });
  const roles = Object.entries(options.models ?? {});
  const task: RowTask = {
    program,
    model: path(options.model),
    models: Object.fromEntries(roles.map(([role, model]) => [role, path(model)])),
    scorers,
    signal: options.signal,
    clock,
  };
  const tally = createTally(scorers, clock);
  const results = new Map<string, RowResult>();
  const isScored =
    options.model.capabilities.choiceScores &&
    program.shape.steps.every(({ choice }) => choice !== undefined);
  let spent = 0;
  let asked = 0;
  let left = 0;

  /** The longest start of the queue that fits whatever becomes of its answers; else one row that is not asked again. */
  const nextWave = (queue: readonly ProbeJob[]): readonly RowJob[] => {
    const wave: RowJob[] = [];
    let room = calls - spent;
    for (const { candidate, example, trial } of queue) {
      const { typical, most } = program.calls(candidate);
      const needed = isScored ? typical : most;
      const job = { candidate, hash: hashCandidate(candidate), example, trial };
      if (needed <= room) wave.push(job);
      else if (wave.length === 0 && typical <= room) return [{ ...job, reask: false }];
      else break;
      room -= needed;
    }
    return wave;
  };

  /** @returns whether the limits held. */
  const isAnswered = async (wave: readonly RowJob[]): Promise<boolean> => {
    try {
      const setting = { concurrency, stop, answeredBefore: results.size > 0 };
      for await (const result of runRows(wave, task, setting)) {
        results.set(keyOf(result.candidate, result.exampleId, result.trial), result);
        tally.add(result);
        spent += result.usage.calls + result.usage.failedCalls;
      }
      return true;
    } catch (thrown) {
      const isLimit = HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
      if (!isLimit || results.size === 0) throw thrown;
      return false;
    }
  };

  return {
    async answer(jobs, { areSpare = false } = {}) {
      if (!areSpare) asked += jobs.length;
      let queue = jobs;
      for (let wave = nextWave(queue); wave.length > 0; wave = nextWave(queue)) {
        if (!tally.allows(budget, 0) || !(await isAnswered(wave))) break;
        queue = queue.slice(wave.length);
      }
      if (!areSpare) left += queue.length;
    },
    score(candidate, exampleId, trial) {
      const outcome = results.get(keyOf(hashCandidate(candidate), exampleId, trial))?.outcome;
      return outcome !== undefined && 'value' in outcome ? outcome.value : undefined;
    },
    answersOf(exampleId) {
      const answers = [...results.values()].filter((result) => result.exampleId === exampleId);
      return new Set(answers.map(({ outputs }) => outputs && canonicalJson(outputs)));
    },
    summaryOf(candidate, { passFail, name }) {
      const accumulator = createScoreAccumulator({
        name,
        passFail,
        random: createRandom(`headroom/${name}`),
      });
      const rows = new Map<string, RowResult[]>();
      for (const result of results.values()) {
        if (result.candidate !== hashCandidate(candidate)) continue;
        rows.set(result.exampleId, [...(rows.get(result.exampleId) ?? []), result]);
      }
      for (const trials of rows.values()) {
        accumulator.add(
          trials.map(({ outcome }) => outcome),
          countedWith(trials[0] ?? {}),
        );
      }
      return accumulator.summary();
    },
    usage: () => tally.usage(),
    progress: () => ({ ...tally.progress(), phase: 'headroom', total: Math.max(asked, tally.rows) }),
    notes: () => {
      const lost = [...results.values()].filter(
        ({ outcome }) => outcome.status === 'infrastructure-error',
      ).length;
      const unread = [...results.values()].filter(({ outcome }) => outcome.status === 'failed').length;
      return [
        ...(lost > 0
          ? [`${lost} of ${results.size} answers were lost to faults and count for nothing.`]
          : []),
        ...(unread > 0 ? [`${unread} of ${results.size} answers could not be used and count as wrong.`] : []),
        ...(left > 0
          ? [`${left} of ${asked} answers were left out, because the limits did not hold them.`]
          : []),
        ...notices,
      ];
    },
  };
}

function keyOf(candidate: string, example: Example['id'], trial: number): string {
  return JSON.stringify([candidate, example, trial]);
}
