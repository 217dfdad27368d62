import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { addDotEnv } from '../config/environment.ts';
import { limitOutput } from '../config/limit-output.ts';
import { type ModelFlags, openTaskModel } from '../config/open-task-model.ts';
import { runBudget } from '../config/run-budget.ts';
import { loadTask, type Task } from '../config/task.ts';
import type { Workspace } from '../config/workspace.ts';
import { defaultEmbeddedModelId } from '../model/embedded-models.ts';
import type { AnswerCacheMode } from '../model/middleware/call-path.ts';
import type { Model } from '../model/model.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { CommandIo } from './command-io.ts';
import { ensureLocalModel } from './local-model.ts';
import type { EvalOptions, OptimizeCommandOptions, TaskOptions } from './options.ts';
import { checkOutputs } from './output-files.ts';

/** Everything that `eval` and `optimize` need before they start. */
export interface PreparedCommand {
  readonly task: Task;
  readonly model: Model;
  readonly reflectionModel?: Model | undefined;
  /** Of further roles, by their names. */
  readonly models: Readonly<Record<string, Model>>;
  readonly budget: OptimizationBudget;
  /** The model that is replaced, if one is; it is opened when it is asked. */
  readonly predecessor?: Predecessor | undefined;
  readonly cache: AnswerCacheMode;
  readonly concurrency?: number | undefined;
}

/** A model that is replaced. */
export interface Predecessor {
  /** For people: without credentials. */
  readonly name: string;
  /**
   * @returns The model, and the limits of asking it alone: what was said, else the defaults of paid models.
   * @throws {HoneError} when it cannot be opened, or its price is unknown and dollars are limited.
   */
  open(): Promise<{ readonly model: Model; readonly budget: OptimizationBudget }>;
}

/** Flags of either command. */
export type AnyTaskOptions = TaskOptions & Partial<OptimizeCommandOptions> & Partial<EvalOptions>;

/** Adds what `.env` files say to the variables, before anything reads them. */
export function variablesOf(io: CommandIo): CommandIo['variables'] {
  addDotEnv(io.cwd, io.variables);
  return io.variables;
}

export interface PrepareSetting {
  readonly io: CommandIo;
  readonly workspace: Workspace;
  /** The folder of the store, where the command writes to it. */
  readonly home?: string | undefined;
  /** Folders that the command writes files of its own to. */
  readonly folders?: readonly string[] | undefined;
}

/**
 * Reads the task, opens its models and settles the limits. Nothing is called yet; a local model that is not
 * here is fetched after asking.
 */
export async function prepareCommand(
  subject: string | undefined,
  options: AnyTaskOptions,
  { io, workspace, home, folders }: PrepareSetting,
): Promise<PreparedCommand> {
  const loaded = await loadTask(subject, options, workspace);
  checkOutputs(options.output ?? [], {
    folder: io.cwd,
    inputs: [
      ...loaded.inputFiles,
      ...(options.candidate === undefined ? [] : [resolve(io.cwd, options.candidate)]),
    ],
    home,
    folders,
  });
  const { maxOutputTokens } = options;
  const task =
    maxOutputTokens === undefined
      ? loaded
      : { ...loaded, program: limitOutput(loaded.program, maxOutputTokens) };
  const open = async (reference: ModelReference | undefined, flags: ModelFlags) => {
    const name = reference ?? defaultEmbeddedModelId;
    if (typeof name === 'string' && flags.baseUrl === undefined) {
      await ensureLocalModel(workspace, name, {
        io,
        quiet: options.quiet,
        yes: options.yes ?? false,
        mayAsk: options.input && options.json !== true,
      });
    }
    return openTaskModel(workspace, name, flags);
  };
  const { timeout, serverLacks, handoffWait } = options;
  const model = await open(task.model, options);
  const reflectionModel =
    task.reflectionModel === undefined
      ? undefined
      : await open(task.reflectionModel, { timeout, serverLacks, handoffWait });
  const models: Record<string, Model> = {};
  for (const [role, reference] of Object.entries(task.models)) {
    models[role] = await open(reference, { timeout, serverLacks });
  }
  const { environment } = workspace;
  const [own, shared] = task.defaults;
  const flagged = {
    usd: options.budgetUsd,
    calls: options.maxCalls,
    reflectionCalls: options.maxReflectionCalls,
    tokens: options.maxTokens,
    minutes: options.maxMinutes,
  };
  const said = [flagged, own?.budget, { usd: environment.budgetUsd }, shared?.budget];
  const replaced = options.parity === false ? undefined : (options.parity ?? task.replacedModel);
  const predecessor: Predecessor | undefined =
    replaced === undefined
      ? undefined
      : {
          name: withoutCredentials(replaced),
          open: async () => {
            const opened = await open(replaced, { timeout, serverLacks });
            return { model: opened, budget: runBudget({ models: [opened], said }) };
          },
        };
  checkCompanions(options, { isByHand: reflectionModel?.byHand !== undefined, replaced, model: task.model });
  return {
    task,
    model,
    predecessor,
    reflectionModel,
    models,
    budget: runBudget({
      models: [model, ...(reflectionModel === undefined ? [] : [reflectionModel]), ...Object.values(models)],
      said,
    }),
    cache: cacheMode(options, workspace),
    concurrency: options.concurrency ?? own?.concurrency ?? environment.concurrency ?? shared?.concurrency,
  };
}

function cacheMode({ cache, replay }: TaskOptions, { environment }: Workspace): AnswerCacheMode {
  if (replay) return 'replay';
  return cache ? (environment.cache ?? 'on') : 'off';
}

/** A flag that means nothing without another one, or beside it, would be ignored in silence. */
function checkCompanions(
  { handoffWait, parityMargin, parity }: AnyTaskOptions,
  of: {
    readonly isByHand: boolean;
    readonly replaced: string | undefined;
    readonly model: ModelReference | undefined;
  },
): void {
  const refuse = (message: string, hint: string) => {
    throw new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
  };
  if (handoffWait !== undefined && !of.isByHand) {
    refuse(
      '--handoff-wait waits for nobody: the reflection model is not handoff.',
      'Add --reflection-model handoff.',
    );
  }
  if (parityMargin !== undefined && of.replaced === undefined) {
    refuse('--parity-margin is of no use: no model is replaced.', 'Name the replaced one with --parity.');
  }
  if (typeof parity === 'string' && parity === of.model) {
    refuse(
      `The model ${withoutCredentials(parity)} cannot replace itself.`,
      'Name another one with --parity, or with --model.',
    );
  }
}
