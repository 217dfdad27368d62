import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { Dataset, RowRoles } from '../dataset/dataset.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { Program } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { createOptimizer } from './catalog.ts';
import { chooseRows } from './choose-rows.ts';
import type { Defaults } from './define-config.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { taskOfPromptFile } from './task-of-prompt-file.ts';
import { taskOfTarget } from './task-of-target.ts';
import type { TaskRequest } from './task-request.ts';
import type { Workspace } from './workspace.ts';

/** What a column of the rows is taken for. */
export interface ColumnNote {
  readonly name: string;
  readonly part: 'input' | 'expected';
  /** In words: 'one of billing, refunds', 'text, because numbers with leading zeros are names'. */
  readonly taken: string;
}

/** One task, whether it came from a prompt file and a table or from a config. */
export interface Task {
  readonly name: string;
  readonly program: Program;
  readonly dataset: Dataset;
  /** Where it is decided what each row is for. */
  readonly roles?: RowRoles | undefined;
  /** The rows of the source, also those that were not asked for. */
  readonly allRows: Dataset;
  /** Rows of the dataset, where they were counted. */
  readonly rows?: number | undefined;
  /** What every column was taken for, where that was found out from the rows. */
  readonly columns?: readonly ColumnNote[] | undefined;
  /** The first counts. */
  readonly scorers: readonly Scorer[];
  /** Undefined: the embedded local model. */
  readonly model?: ModelReference | undefined;
  /** The model that the prompt file names, where another one was asked for. */
  readonly replacedModel?: string | undefined;
  readonly reflectionModel?: ModelReference | undefined;
  /** Of further roles, by their names. */
  readonly models: Readonly<Record<string, ModelReference>>;
  readonly optimizer: Optimizer;
  readonly seed: number;
  /** What the target and then the config say of limits. */
  readonly defaults: readonly Defaults[];
  readonly trials?: number | undefined;
  /** The files that it was read from, as full paths: prompt, rows, config. */
  readonly inputFiles: readonly string[];
  /**
   * A candidate of the program as a prompt file that names the model, where the model has a name of its own;
   * undefined where the program is not one prompt.
   */
  readonly promptText?: ((candidate: Candidate, model: string | undefined) => string) | undefined;
}

/** What a prompt file or a target says; the rest is the same for both. */
export interface TaskSource
  extends Omit<Task, 'allRows' | 'optimizer' | 'seed' | 'defaults' | 'reflectionModel' | 'models'> {
  readonly defaults: Defaults;
}

/**
 * Puts a task together. Flags win over the prompt file or target, which wins over the environment, which wins
 * over what the config says for all targets.
 *
 * @param subject A prompt file or the name of a target; left out, the only target, or no prompt yet.
 * @throws {HoneError} What is wrong with the file, the rows, the config or a name, with the fix.
 */
export async function loadTask(
  subject: string | undefined,
  request: TaskRequest,
  workspace: Workspace,
): Promise<Task> {
  const { folder, environment } = workspace;
  const config = await loadConfig({ folder, file: request.config ?? environment.config });
  const place = { request, folder };
  const kind = findKind(subject, request, { config, folder });
  const source =
    kind === 'prompt-file'
      ? await taskOfPromptFile(subject, place)
      : await taskOfTarget(subject, config, place);
  const named = kind === 'prompt-file' && typeof source.model === 'string' ? source.model : undefined;
  const own = source.defaults;
  const shared = config?.config ?? {};
  const { task: ownModel, ...ownModels } = source.program.models ?? {};
  const seed = request.seed ?? own.seed ?? environment.seed ?? shared.seed ?? 1;
  const optimizer = request.optimizer ?? own.optimizer ?? shared.optimizer ?? 'auto';
  const { first, sample } = request;
  if (source.roles !== undefined && (first !== undefined || sample !== undefined)) {
    throw new HoneError('Rows whose roles are given are used as they are.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Leave --first and --sample out, or name files with fewer rows.',
    });
  }
  return {
    ...source,
    model: request.model ?? source.model ?? ownModel ?? environment.model ?? shared.model,
    ...(request.model !== undefined && request.model !== named && { replacedModel: named }),
    reflectionModel:
      request.reflectionModel ?? own.reflectionModel ?? environment.reflectionModel ?? shared.reflectionModel,
    models: { ...ownModels, ...shared.models, ...own.models, ...request.roleModel },
    optimizer: typeof optimizer === 'string' ? createOptimizer(optimizer) : optimizer,
    seed,
    defaults: [own, shared],
    inputFiles: [...(config === undefined ? [] : [config.file]), ...source.inputFiles],
    allRows: source.dataset,
    dataset: await chooseRows(source.dataset, { first, sample, seed }),
    rows:
      source.rows === undefined
        ? undefined
        : Math.min(source.rows, first ?? source.rows, sample ?? source.rows),
  };
}

interface Surroundings {
  readonly config: LoadedConfig | undefined;
  readonly folder: string;
}

/** A name that the config knows is a target; everything else with rows or a file is a prompt file. */
function findKind(
  subject: string | undefined,
  { data, train }: TaskRequest,
  { config, folder }: Surroundings,
): 'prompt-file' | 'target' {
  const targets = Object.keys(config?.config.targets ?? {});
  const hasRows = data !== undefined || train !== undefined;
  if (subject === undefined) {
    if (hasRows) return 'prompt-file';
    if (targets.length > 0) return 'target';
    throw new HoneError('There is nothing to run: no prompt file, no rows and no config file with targets.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Run: hone optimize prompt.md --data rows.csv --expected <column>, or `hone init` for a start.',
    });
  }
  if (targets.includes(subject)) return 'target';
  const isFile = extname(subject) !== '' || existsSync(resolve(folder, subject)) || hasRows;
  return isFile ? 'prompt-file' : 'target';
}
