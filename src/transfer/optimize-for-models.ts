import { systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { isRowRoles } from '../dataset/roles.ts';
import { openRunHandle, type RunHandle, type RunWork } from '../evaluation/run-handle.ts';
import type { Model } from '../model/model.ts';
import { optimize, watchEvents } from '../optimizer/driver/optimize.ts';
import type { OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import { planRun, type RunPlan } from '../optimizer/driver/plan-run.ts';
import { type PreparedTask, prepareTask, withOptimizer } from '../optimizer/driver/prepare.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { OptimizationEvent } from '../optimizer/optimizer.ts';
import type { RunClaim, Store } from '../store/store.ts';
import { leftOf, shareOf, usedBy } from './share-budget.ts';
import { transferMatrix } from './transfer-matrix.ts';
import type { TransferReport, TransferResult } from './transfer-report.ts';

export interface OptimizeForModelsOptions<Inputs, Outputs>
  extends Omit<OptimizeOptions<Inputs, Outputs>, 'model'> {
  /** Two or more that answer the rows, each with a search of its own. */
  readonly taskModels: readonly Model[];
}

/** What happens: each model's search in turn. */
export type TransferEvent =
  | { readonly type: 'model-started'; readonly model: string; readonly runId: string }
  | { readonly type: 'model-event'; readonly model: string; readonly event: OptimizationEvent }
  | { readonly type: 'transfers-started'; readonly rows: number };

/** An optimization for several models at work. */
export type TransferRun = RunHandle<TransferEvent, TransferResult>;

/**
 * Optimizes one program for each of several models, on the same rows in the same roles, and scores each winner on
 * each model over the sealed test. The models are searched for one after another, so that the uses of the test are
 * counted in their order: the second model's verdict is corrected as a second use, and every transfer is a further
 * one. The limits are for all together.
 *
 * @throws (through `result()`) what `optimize` throws; {HoneError} `HONE_OPTION_INVALID` for fewer than two models,
 *   or the same one twice.
 */
export function optimizeForModels<Inputs, Outputs>(
  options: OptimizeForModelsOptions<Inputs, Outputs>,
): TransferRun {
  const { signal, store } = options;
  return openRunHandle({ signal, cancelled, watch: (runId) => watchTransfer(store, runId) }, (work) =>
    run(options, work),
  );
}

async function* watchTransfer(store: Store, runId: string): AsyncGenerator<TransferEvent, void> {
  for await (const { event } of store.events.watch(runId)) {
    const told = event as unknown as TransferEvent;
    yield told;
    if (told.type !== 'model-started') continue;
    for await (const inner of watchEvents(store, told.runId)) {
      yield { type: 'model-event', model: told.model, event: inner };
    }
  }
}

async function run<Inputs, Outputs>(
  options: OptimizeForModelsOptions<Inputs, Outputs>,
  { stop, begin }: RunWork,
): Promise<TransferResult> {
  const { taskModels, store, clock = systemClock, name = options.program.shape.name } = options;
  const [model] = checkedModels(taskModels);
  const given = withOptimizer({ ...options, model });
  const task = await prepareTask(given);
  // Cross-fitting keeps no row apart that a winner could be scored on.
  const plan = planRun(task, { ...given, fresh: undefined });
  await using claim = await store.runs.open({
    kind: 'evaluation',
    name,
    identity: hashJson([task.identity, 'transfer', ...taskModels.map(({ endpoint, id }) => [endpoint, id])]),
    plan: options.plan ?? {},
  });
  let current: ReturnType<typeof optimize> | undefined;
  const startedAt = clock.monotonic();
  begin({
    runId: claim.runId,
    progress: () => ({
      ...(current?.progress() ?? { phase: 'preparing', done: 0, calls: 0, cachedCalls: 0 }),
      elapsedMs: clock.monotonic() - startedAt,
    }),
  });
  const parts: TransferParts<Inputs, Outputs> = { options, task, plan, claim, stop };
  try {
    const reports: OptimizationReport[] = [];
    for (const part of taskModels.keys()) {
      stop.throwIfAborted();
      reports.push(
        await searchFor(part, parts, (started) => {
          current = started;
        }),
      );
    }
    const report = await writeTransfer(parts, reports);
    await store.runs.update(claim, { status: 'completed', result: report as unknown as JsonObject });
    return { report, reports, test: plan.method === 'held-out' ? plan.split.test : [] };
  } catch (thrown) {
    await store.runs
      .update(claim, { status: stop.aborted ? 'interrupted' : 'failed' })
      .catch(() => undefined);
    throw thrown;
  }
}

interface TransferParts<Inputs, Outputs> {
  readonly options: OptimizeForModelsOptions<Inputs, Outputs>;
  readonly task: PreparedTask;
  readonly plan: RunPlan;
  readonly claim: RunClaim;
  readonly stop: AbortSignal;
}

/** Searches for one model, or finds what an earlier process found. */
async function searchFor<Inputs, Outputs>(
  part: number,
  { options, plan, claim, stop }: TransferParts<Inputs, Outputs>,
  onStart: (run: ReturnType<typeof optimize>) => void,
): Promise<OptimizationReport> {
  const { taskModels, store, optimizer, budget = {}, shares: _, ...rest } = options;
  const model = taskModels[part] as Model;
  const tell = (runId: string) =>
    store.events.write(claim, part, { type: 'model-started', model: model.id, runId });
  const before = claim.isResumed ? await finishedPart(store, { claim, part }) : undefined;
  if (before !== undefined) {
    await tell(before.runId);
    return before;
  }
  const { train, validation, test } = plan.split;
  const run = optimize({
    ...rest,
    model,
    optimizer: typeof optimizer === 'function' ? optimizer : (optimizer.fresh ?? optimizer),
    ...(plan.method === 'held-out' && {
      dataset: isRowRoles(options.dataset) ? options.dataset : { train, validation, test },
    }),
    store,
    budget: shareOf(budget, taskModels.length),
    plan: { ...options.plan, partOf: claim.runId, part },
  });
  onStart(run);
  const cancel = () => run.cancel(stop.reason);
  if (stop.aborted) cancel();
  else stop.addEventListener('abort', cancel, { once: true });
  try {
    await tell(await run.id);
    return (await run.result()).report;
  } finally {
    stop.removeEventListener('abort', cancel);
  }
}

/** The report of a part that was finished before this process. */
async function finishedPart(
  store: Store,
  { claim, part }: { readonly claim: RunClaim; readonly part: number },
): Promise<OptimizationReport | undefined> {
  const runs = await store.runs.list({ kind: 'optimization', status: 'completed', limit: 1_000 });
  const run = runs.find(({ plan }) => plan.partOf === claim.runId && plan.part === part);
  return run?.result as unknown as OptimizationReport | undefined;
}

async function writeTransfer<Inputs, Outputs>(
  { options, task, plan, claim, stop }: TransferParts<Inputs, Outputs>,
  reports: readonly OptimizationReport[],
): Promise<TransferReport> {
  const { taskModels, store, program, budget = {}, name = program.shape.name } = options;
  const { test, clusters = new Map<string, string>() } = plan.split;
  const isKept = plan.method === 'held-out';
  const notices: string[] = [];
  if (!isKept) {
    notices.push(
      `${task.examples.length} rows are too few to keep some apart for a test of every winner on every model; 80 independent rows would do.`,
    );
  } else await store.events.write(claim, taskModels.length, { type: 'transfers-started', rows: test.length });
  const matrix = isKept
    ? await transferMatrix({
        ...options,
        name,
        scorers: task.scorers,
        reports,
        test,
        clusters,
        claim,
        identity: task.identity,
        budget: leftOf(budget, usedBy(reports)),
        stop,
        onNotice: (notice) => notices.push(notice),
      })
    : [];
  return {
    schemaVersion: 1,
    kind: 'transfer',
    runId: claim.runId,
    name,
    models: reports.map(({ model, runId, verdict, sealedTest }) => ({ model, runId, verdict, sealedTest })),
    ...(isKept && {
      test: { rows: test.length, clusters: new Set(test.map(({ id }) => clusters.get(id) ?? id)).size },
    }),
    matrix,
    notices,
  };
}

function checkedModels(models: readonly Model[]): readonly [Model, ...Model[]] {
  const [first, second, ...others] = models;
  if (first === undefined || second === undefined) {
    throw new HoneError(`A transfer is between two models or more, and ${models.length} were given.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name another with --model, or use `optimize` for one.',
    });
  }
  const names = models.map(({ endpoint, id }) => JSON.stringify([endpoint, id]));
  const repeated = models.find((_, index) => names.indexOf(names[index] ?? '') !== index);
  if (repeated === undefined) return [first, second, ...others];
  throw new HoneError(`The model ${repeated.id} is named twice.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Name each model once.',
  });
}

function cancelled(cause: unknown): HoneError {
  return new HoneError('The optimization was cancelled.', {
    code: 'HONE_ABORTED',
    hint: 'Run it again to go on: what is recorded is not paid again.',
    cause,
  });
}
