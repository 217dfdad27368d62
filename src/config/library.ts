import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import {
  type EvaluateOptions,
  type EvaluationBudget,
  type EvaluationRun,
  evaluate as evaluateRows,
  type Progress,
} from '../evaluation/evaluate.ts';
import { type HeadroomOptions, type HeadroomRun, headroom as lookForHeadroom } from '../headroom/headroom.ts';
import type { Model } from '../model/model.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import { optimize as optimizeProgram } from '../optimizer/driver/optimize.ts';
import type { OptimizationRun, OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { Store } from '../store/store.ts';
import { optimizeForModels as optimizeEach, type TransferRun } from '../transfer/optimize-for-models.ts';
import { proveParity as lookAtParity, type ParityRun } from '../transfer/prove-parity.ts';
import { createOptimizer } from './catalog.ts';
import {
  evaluateSchema,
  headroomSchema,
  optimizeForModelsSchema,
  optimizeSchema,
  proveParitySchema,
} from './option-schemas.ts';
import { readOrigin } from './origin.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** What `evaluate` takes. */
export interface EvaluateInput<Inputs, Outputs>
  extends Omit<EvaluateOptions<Inputs, Outputs>, 'model' | 'models' | 'store' | 'origin'> {
  /**
   * A name, an AI SDK model or a Hone model. @default the program's own, where it has one, else `HONE_MODEL`, else the
   * embedded local model
   */
  readonly model?: ModelReference | undefined;
  /** Models of other roles, such as `judge`: counted, stored and limited as the task's. @default the program's own */
  readonly models?: Readonly<Record<string, ModelReference>> | undefined;
  /** @default the database under `HONE_DIR` or `.hone`, open only while it is used */
  readonly store?: Store | undefined;
}

/** What `optimize` takes. */
export interface OptimizeInput<Inputs, Outputs>
  extends Omit<
    OptimizeOptions<Inputs, Outputs>,
    'model' | 'reflectionModel' | 'models' | 'optimizer' | 'store' | 'origin'
  > {
  /**
   * A name, an AI SDK model or a Hone model. @default the program's own, where it has one, else `HONE_MODEL`, else the
   * embedded local model
   */
  readonly model?: ModelReference | undefined;
  /** Answers optimizers that ask one. @default `HONE_REFLECTION_MODEL`, else none */
  readonly reflectionModel?: ModelReference | undefined;
  /** Models of further roles: `teacher`, `judge`, and those that the program names. @default the program's own */
  readonly models?: Readonly<Record<string, ModelReference>> | undefined;
  /** An optimizer, a function that makes one, or its name. @default 'auto' */
  readonly optimizer?: Optimizer | (() => Optimizer) | string | undefined;
  /** @default the database under `HONE_DIR` or `.hone`, open only while it is used */
  readonly store?: Store | undefined;
}

/** What `headroom` takes. */
export interface HeadroomInput<Inputs, Outputs>
  extends Omit<HeadroomOptions<Inputs, Outputs>, 'model' | 'models' | 'store'> {
  /**
   * A name, an AI SDK model or a Hone model. @default the program's own, where it has one, else `HONE_MODEL`, else the
   * embedded local model
   */
  readonly model?: ModelReference | undefined;
  /** Models of other roles, such as `judge`. @default the program's own */
  readonly models?: Readonly<Record<string, ModelReference>> | undefined;
  /** @default the database under `HONE_DIR` or `.hone`, open only while it is used */
  readonly store?: Store | undefined;
}

/** What `optimizeForModels` takes. */
export interface OptimizeForModelsInput<Inputs, Outputs>
  extends Omit<OptimizeInput<Inputs, Outputs>, 'model'> {
  /** Two or more that answer the rows: names, AI SDK models or Hone models. */
  readonly taskModels: readonly ModelReference[];
}

/** An evaluation at work. Iterating reads the stored rows, so late and several watchers see all. */
export interface EvaluationHandle extends Omit<EvaluationRun, 'id'> {
  /** The run's id, once it is known; rejects when the run cannot start. */
  readonly id: Promise<string>;
}

/**
 * Runs a program on every row and scores the answers. It starts at once; every row is stored as it finishes.
 *
 * @throws (through `result()`) {HoneError} `HONE_OPTION_INVALID` for an option that is unknown or wrong,
 *   `HONE_DATASET_EMPTY` without a row, `HONE_SCORER_FAILED` when a
 *   scorer breaks, `HONE_MODEL_…` when the model cannot be asked at all, `HONE_ABORTED` when cancelled.
 */
export function evaluate<Inputs, Outputs>(options: EvaluateInput<Inputs, Outputs>): EvaluationHandle {
  return inWorkspace(async (workspace) => {
    resolveOptions(evaluateSchema, options, { of: 'evaluate' });
    const { store = workspace.store, concurrency = workspace.environment.concurrency } = options;
    const model = await workspace.openModel(options.model ?? ownModels(options).task);
    return evaluateRows({
      cache: workspace.environment.cache,
      ...options,
      model,
      models: await openModels(workspace, options),
      store,
      concurrency,
      origin: await readOrigin(workspace.folder),
    });
  });
}

/**
 * Searches a better prompt and proves it on rows that the search has not seen. It starts at once; leaving the
 * iteration stops watching, not the run. A run that was cut off goes on where it was when the same call is
 * made again.
 *
 * @throws (through `result()`) {HoneError} `HONE_BUDGET_EXHAUSTED` when the budget cannot even hold the proof,
 *   `HONE_DATASET_…` when the rows do not allow a search, `HONE_OPTION_INVALID` for an option that is unknown or wrong,
 *   `HONE_RUN_LOCKED` when another process works on the run, `HONE_ABORTED` when cancelled.
 */
export function optimize<Inputs, Outputs>(options: OptimizeInput<Inputs, Outputs>): OptimizationRun {
  return inWorkspace(async (workspace) => {
    resolveOptions(optimizeSchema, options, { of: 'optimize' });
    const { environment } = workspace;
    const { store = workspace.store, concurrency = environment.concurrency, optimizer = 'auto' } = options;
    const reflection = options.reflectionModel ?? environment.reflectionModel;
    return optimizeProgram({
      cache: environment.cache,
      randomSeed: environment.seed,
      ...options,
      concurrency,
      store,
      optimizer: typeof optimizer === 'string' ? createOptimizer(optimizer) : optimizer,
      model: await workspace.openModel(options.model ?? ownModels(options).task),
      reflectionModel: reflection === undefined ? undefined : await workspace.openModel(reflection),
      models: await openModels(workspace, options),
      origin: await readOrigin(workspace.folder),
    });
  });
}

/**
 * Optimizes one program for each of several models, on the same rows, and scores each winner on each model over the
 * sealed test. The limits are for all together. It starts at once, and goes on where it was when the same call is
 * made again.
 *
 * @throws (through `result()`) what `optimize` throws; {HoneError} `HONE_OPTION_INVALID` for fewer than two models,
 *   or the same one twice.
 */
export function optimizeForModels<Inputs, Outputs>(
  options: OptimizeForModelsInput<Inputs, Outputs>,
): TransferRun {
  return inWorkspace(async (workspace) => {
    resolveOptions(optimizeForModelsSchema, options, { of: 'optimizeForModels' });
    const { environment } = workspace;
    const { store = workspace.store, concurrency = environment.concurrency, optimizer = 'auto' } = options;
    const reflection = options.reflectionModel ?? environment.reflectionModel;
    const taskModels: Model[] = [];
    for (const reference of options.taskModels) taskModels.push(await workspace.openModel(reference));
    return optimizeEach({
      cache: environment.cache,
      randomSeed: environment.seed,
      ...options,
      taskModels,
      concurrency,
      store,
      optimizer: typeof optimizer === 'string' ? createOptimizer(optimizer) : optimizer,
      reflectionModel: reflection === undefined ? undefined : await workspace.openModel(reflection),
      models: await openModels(workspace, options),
      origin: await readOrigin(workspace.folder),
    });
  });
}

/** What `proveParity` takes: what `optimize` was given, and what came of it. */
export interface ProveParityInput<Inputs, Outputs> extends OptimizeInput<Inputs, Outputs> {
  /** The model that is replaced: a name, an AI SDK model or a Hone model. */
  readonly predecessor: ModelReference;
  /** Of the optimization for the successor. */
  readonly report: OptimizationReport;
  /** The largest loss that still is parity, above 0, at most 1. @default 0.05 */
  readonly margin?: number | undefined;
  /** What the look itself may take, beside what the optimization took. @default no limit */
  readonly parityBudget?: EvaluationBudget | undefined;
}

/**
 * Whether a successor, with the prompt that its optimization returned, is at least as good as the model that it
 * replaces with the prompt that the optimization began from, but for a margin, on the rows of the sealed test.
 *
 * @throws (through `result()`) {HoneError} `HONE_EMPTY_SAMPLE` when no rows were kept apart, or none was answered by
 *   both, `HONE_BUDGET_EXHAUSTED`, `HONE_MODEL_…` when the predecessor cannot be asked, `HONE_OPTION_INVALID`.
 */
export function proveParity<Inputs, Outputs>(options: ProveParityInput<Inputs, Outputs>): ParityRun {
  return inWorkspace(async (workspace) => {
    resolveOptions(proveParitySchema, options, { of: 'proveParity' });
    const { environment } = workspace;
    const { store = workspace.store, concurrency = environment.concurrency, optimizer = 'auto' } = options;
    const reflection = options.reflectionModel ?? environment.reflectionModel;
    return lookAtParity({
      cache: environment.cache,
      randomSeed: environment.seed,
      ...options,
      concurrency,
      store,
      optimizer: typeof optimizer === 'string' ? createOptimizer(optimizer) : optimizer,
      model: await workspace.openModel(options.model ?? ownModels(options).task),
      predecessor: await workspace.openModel(options.predecessor),
      reflectionModel: reflection === undefined ? undefined : await workspace.openModel(reflection),
      models: await openModels(workspace, options),
    });
  });
}

/** What the program brings along. What is no program is refused later, with the reason. */
function ownModels({ program }: WithModels): Readonly<Record<string, Model>> {
  return program?.models ?? {};
}

interface WithModels {
  readonly program: { readonly models?: Readonly<Record<string, Model>> | undefined } | undefined;
  readonly models?: Readonly<Record<string, ModelReference>> | undefined;
}

/** Models by role. */
async function openModels(
  workspace: Workspace,
  options: WithModels,
): Promise<Readonly<Record<string, Model>>> {
  const { task: _task, ...own } = ownModels(options);
  const models: Record<string, Model> = {};
  for (const [role, reference] of Object.entries({ ...own, ...options.models })) {
    models[role] = await workspace.openModel(reference);
  }
  return models;
}

/**
 * Says in at most 60 calls whether optimizing can pay: how much scores vary between repeated answers, between
 * prompts that say the same, and between rows, what any sampled prompt gets right, and how many rows a proof takes.
 * It starts at once, answers training rows alone, and changes nothing.
 *
 * @throws (through `result()`) {HoneError} `HONE_OPTION_INVALID` for an option that is unknown or wrong,
 *   `HONE_DATASET_…` for rows that cannot be optimized on, `HONE_EMPTY_SAMPLE` when no row could be scored,
 *   `HONE_ABORTED` when cancelled.
 */
export function headroom<Inputs, Outputs>(options: HeadroomInput<Inputs, Outputs>): HeadroomRun {
  return inWorkspace(async (workspace) => {
    resolveOptions(headroomSchema, options, { of: 'headroom' });
    const { environment } = workspace;
    return lookForHeadroom({
      cache: environment.cache,
      randomSeed: environment.seed,
      ...options,
      concurrency: options.concurrency ?? environment.concurrency,
      store: options.store ?? workspace.store,
      model: await workspace.openModel(options.model ?? ownModels(options).task),
      models: await openModels(workspace, options),
    });
  });
}

/** What both kinds of runs have in common. */
interface Run<Item, Result> extends AsyncIterable<Item> {
  readonly id: string | Promise<string>;
  progress(): Progress;
  result(): Promise<Result>;
  cancel(reason?: unknown): void;
}

interface Handle<Item, Result> extends Run<Item, Result> {
  readonly id: Promise<string>;
}

const waiting: Progress = { phase: 'preparing', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 };

/** Starts a run in a workspace of its own, which ends with it. */
function inWorkspace<Item, Result>(
  start: (workspace: Workspace) => Promise<Run<Item, Result>>,
): Handle<Item, Result> {
  let run: Run<Item, Result> | undefined;
  let cancelled: { readonly reason: unknown } | undefined;
  const begin = async () => {
    const workspace = openWorkspace();
    const release = workspace.store.hold();
    const end = async () => {
      await release();
      await workspace[Symbol.asyncDispose]();
    };
    try {
      const started = await start(workspace);
      run = started;
      if (cancelled !== undefined) started.cancel(cancelled.reason);
      return { started, result: started.result().finally(end) };
    } catch (thrown) {
      await end();
      throw thrown;
    }
  };
  const begun = begin();
  const result = begun.then((running) => running.result);
  const id = begun.then(({ started }) => started.id);
  // Who only watches must not crash the process; `result()` still rejects.
  result.catch(() => undefined);
  id.catch(() => undefined);
  return {
    id,
    progress: () => run?.progress() ?? waiting,
    result: () => result,
    cancel(reason) {
      const given = reason ?? new HoneError('The run was cancelled.', { code: 'HONE_ABORTED' });
      if (run === undefined) cancelled = { reason: given };
      else run.cancel(given);
    },
    async *[Symbol.asyncIterator]() {
      yield* (await begun).started;
    },
  };
}
