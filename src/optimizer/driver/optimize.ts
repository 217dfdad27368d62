import { systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import { createWake } from '../../base/wake.ts';
import type { Progress } from '../../evaluation/evaluate.ts';
import { scorersHash } from '../../evaluation/evaluate.ts';
import { createTally } from '../../evaluation/tally.ts';
import { callPath } from '../../model/middleware/call-path.ts';
import { createSpendLedger } from '../../model/middleware/spend-limit.ts';
import type { Model } from '../../model/model.ts';
import { priceOfModel } from '../../model/pricing.ts';
import type { Program } from '../../program/program.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import type { OptimizationEvent } from '../optimizer.ts';
import { calibratedOn } from '../part/calibration.ts';
import { createBudgetMeter } from './budget.ts';
import { confirm } from './confirm.ts';
import { crossFit } from './cross-fit.ts';
import { createEvaluator } from './evaluator.ts';
import type { OptimizationResult, OptimizationRun, OptimizeOptions } from './optimize-options.ts';
import { checkBudget, planRun, type RunPlan, taskSize } from './plan-run.ts';
import { type PreparedTask, prepareTask } from './prepare.ts';
import { type Proof, proofOf, runTest } from './prove.ts';
import { type SearchResult, type SearchSetting, search } from './search.ts';
import { openSession, type Session } from './session.ts';
import { writeReport } from './write-report.ts';

/**
 * Searches a better candidate and proves it on rows that no search has seen. It starts at once; watching is
 * optional. A run that was cut off goes on where it was when the same call is made again: what is recorded
 * is not paid again, and the decisions are the same.
 *
 * @throws (through `result()`) {HoneError} `HONE_BUDGET_EXHAUSTED` when the budget cannot even hold the proof,
 *   `HONE_DATASET_…` when the rows do not allow a search, `HONE_RUN_LOCKED` when another process works on it,
 *   `HONE_ABORTED` when cancelled.
 */
export function optimize<Inputs, Outputs>(options: OptimizeOptions<Inputs, Outputs>): OptimizationRun {
  const { store } = options;
  const cancel = new AbortController();
  const stop =
    options.signal === undefined ? cancel.signal : AbortSignal.any([options.signal, cancel.signal]);
  const watchers = createWake();
  let current: Activity | undefined;
  let ended = false;
  let announce: (id: string) => void = () => undefined;
  let refuse: (reason: unknown) => void = () => undefined;
  const id = new Promise<string>((resolve, reject) => {
    announce = resolve;
    refuse = reject;
  });
  id.catch(() => undefined);

  const finished = run(options, {
    stop,
    watchers,
    begin: (activity) => {
      current = activity;
      announce(activity.session.runId);
    },
  })
    .catch((thrown: unknown) => {
      refuse(thrown);
      throw stop.aborted && !HoneError.isInstance(thrown) ? cancelled(thrown) : thrown;
    })
    .finally(() => {
      ended = true;
      watchers.all();
    });
  finished.catch(() => undefined);

  return {
    id,
    progress: () => current?.progress() ?? waiting,
    result: () => finished,
    cancel: (reason = cancelled(undefined)) => cancel.abort(reason),
    async *[Symbol.asyncIterator]() {
      const runId = await id;
      let from = 0;
      while (true) {
        // Before reading, so that nothing that happens while the reader is busy is slept through.
        const woken = watchers.wait();
        const last = ended;
        for (const { index, event } of await store.readEvents(runId, from)) {
          from = index + 1;
          yield event as unknown as OptimizationEvent;
        }
        if (last) break;
        await woken;
      }
      await finished;
    },
  };
}

const waiting: Progress = { phase: 'preparing', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 };

/** A run at work, as its watchers see it. */
interface Activity {
  readonly session: Session;
  progress(): Progress;
}

interface RunSetting {
  readonly stop: AbortSignal;
  readonly watchers: ReturnType<typeof createWake>;
  begin(activity: Activity): void;
}

async function run<Inputs, Outputs>(
  options: OptimizeOptions<Inputs, Outputs>,
  { stop, watchers, begin }: RunSetting,
): Promise<OptimizationResult> {
  const {
    store,
    clock = systemClock,
    program,
    concurrency = 8,
    budget: limits = {},
    randomSeed = 1,
  } = options;
  const task = await prepareTask(options);
  const plan = planRun(task, options);
  const size = taskSize(plan.split, options);
  const budget = createBudgetMeter(limits, {
    validation: plan.split.validation.length,
    test: plan.proofRows,
    seedCallsPerRow: size.callsPerRow,
    seedTests: plan.seedTests,
    usdPerCall: mostUsdPerCall(options.model),
  });
  checkBudget(budget.fits({ rows: plan.split.validation.length, callsPerRow: size.callsPerRow }), plan, size);

  await using session = await openSession({
    store,
    clock,
    name: options.name ?? program.shape.name,
    identity: task.identity,
    plan: options.plan ?? {},
    minutes: limits.minutes,
    proofRows: 2 * plan.proofRows,
    watchers,
  });
  const tally = createTally(task.scorers, clock);
  let phase = 'baseline';
  begin({ session, progress: () => ({ ...tally.progress(), phase, elapsedMs: session.elapsedMs() }) });
  const emit = (event: OptimizationEvent) => {
    if (event.type === 'phase-started') phase = event.phase;
    session.emit(event);
  };
  const paid = [...session.recorded.values()];
  for (const result of paid) tally.add(result);
  const pathOptions = {
    log: store,
    cache: options.cache ?? 'on',
    concurrency,
    clock,
    // One ledger for both models, and what earlier processes of the run paid is gone.
    ...(limits.usd !== undefined && {
      ledger: createSpendLedger({
        limitUsd: limits.usd,
        spentUsd: paid.reduce((sum, { usage }) => sum + (usage.spentUsd ?? 0), 0),
      }),
    }),
  } as const;
  const evaluator = createEvaluator({
    runId: session.runId,
    store,
    task: {
      program: program as unknown as Program,
      model: callPath(options.model, pathOptions),
      scorers: task.scorers,
      traces: true,
      signal: options.signal,
    },
    scorer: scorersHash(task.scorers),
    concurrency,
    budget,
    recorded: session.recorded,
    stop,
    timeLimit: session.timeLimit,
    clock,
    onRow: (result) => {
      tally.add(result);
      session.countRow();
    },
  });
  const setting: SearchSetting = {
    optimizer: options.optimizer,
    program: program.shape,
    seed: program.seed,
    train: plan.split.train,
    validation: plan.split.validation,
    model: options.model,
    reflectionModel: options.reflectionModel && callPath(options.reflectionModel, pathOptions),
    evaluator,
    budget,
    randomSeed,
    label: 'search',
    maxCandidates: options.maxCandidates,
    signal: stop,
    emit,
  };
  try {
    for (const message of plan.notices) emit({ type: 'notice', message });
    const found = await search(setting);
    const winner = await confirm(found, setting);
    const proof = await proveBy(plan, { setting, found, winner: winner.candidate, task });
    const usage = { ...tally.usage(), wallMs: Math.round(session.elapsedMs()) };
    const report = writeReport({ options, session, plan, found, winner, proof, usage });
    emit({
      type: 'finished',
      verdict: report.verdict,
      candidate: report.candidate.hash,
      stopReason: report.stopReason,
    });
    await session.complete(report);
    return { verdict: report.verdict, candidate: report.candidate.candidate, report };
  } catch (thrown) {
    await session.interrupt(stop.aborted ? 'active' : 'failed');
    throw thrown;
  }
}

/** What the spend limit sets aside before a call of ordinary length: its answer may take all its tokens. */
function mostUsdPerCall(model: Model): number {
  const price = priceOfModel(model);
  return price === undefined ? 0 : (4_096 * price.input + 1_024 * price.output) / 1e6;
}

interface ProofWork {
  readonly setting: SearchSetting;
  readonly found: SearchResult;
  readonly winner: SearchResult['chosen'];
  readonly task: PreparedTask;
}

async function proveBy(
  plan: RunPlan,
  { setting, found, winner, task }: ProofWork,
): Promise<Proof | undefined> {
  const options = {
    passFail: task.scorers[0]?.passFail ?? false,
    failValue: task.scorers[0]?.failValue,
    clusters: plan.split.clusters,
    random: createRandom(`${setting.randomSeed}/proof`),
  };
  const { seed, evaluator, emit } = setting;
  switch (plan.method) {
    case 'development-only':
      return undefined;
    case 'cross-fit': {
      const tested = await crossFit(plan.examples, setting);
      return tested && proofOf(tested, { ...options, method: 'cross-fit' });
    }
    case 'held-out': {
      const calibratedSeed = calibratedOn(setting.program, seed, {
        evaluation: found.baseline,
        train: setting.train,
      });
      const isNew = calibratedSeed !== undefined && hashCandidate(calibratedSeed) !== hashCandidate(seed);
      const tested = await runTest(
        { seed, winner, controls: isNew ? [{ name: 'calibrated seed', candidate: calibratedSeed }] : [] },
        { test: plan.split.test, evaluator, emit },
      );
      return proofOf([tested], { ...options, method: 'held-out' });
    }
  }
}

function cancelled(cause: unknown): HoneError {
  return new HoneError('The optimization was cancelled.', {
    code: 'HONE_ABORTED',
    hint: 'Run it again to go on: what is recorded is not paid again.',
    cause,
  });
}
