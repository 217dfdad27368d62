import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { toDataset } from '../dataset/collect.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import type { Program } from '../program/program.ts';
import { closestName } from '../prompt/template.ts';
import { defaultScorer } from '../scorer/defaults.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { createScorer, type ScoredFields } from './catalog.ts';
import type { DatasetFile, Target } from './define-config.ts';
import type { LoadedConfig } from './load-config.ts';
import { type OpenedRows, openRows } from './open-rows.ts';
import type { TaskSource } from './task.ts';
import { rowsOf, type TaskPlace, taskOfPromptFile } from './task-of-prompt-file.ts';
import type { TaskRequest } from './task-request.ts';

/** The task of a target in the config file. */
export async function taskOfTarget(
  name: string | undefined,
  config: LoadedConfig | undefined,
  { request, folder }: TaskPlace,
): Promise<TaskSource> {
  const [target, targetName] = findTarget(name, config);
  const start = config?.folder ?? folder;
  if (target.prompt !== undefined) {
    const file = datasetFileOf(target, targetName);
    const source = await taskOfPromptFile(target.prompt, {
      folder: start,
      request: {
        ...request,
        ...rowsRequest(file, { request, folder }),
        expected: request.expected ?? file.expected,
        scorer: request.scorer ?? (typeof target.scorer === 'string' ? target.scorer : undefined),
      },
    });
    const scorers = request.scorer === undefined ? scorersOf(target.scorer) : undefined;
    return {
      ...source,
      name: targetName,
      scorers: scorers ?? source.scorers,
      model: target.model ?? source.model,
      defaults: target,
      trials: target.trials,
    };
  }
  // The check of the config has made sure that one of the two is there.
  const program = target.program as unknown as Program;
  const { dataset, roles, files } = await openTargetRows(target, { request, folder, start, program });
  const fields = { outputs: program.shape.outputs, expected: await expectedOf(dataset) };
  return {
    name: targetName,
    program,
    dataset,
    roles,
    scorers: scorersOfProgram(request.scorer ?? target.scorer, fields),
    model: target.model,
    defaults: target,
    trials: target.trials,
    inputFiles: files,
  };
}

/** What the flags say of the rows, with their paths whole; else what the target says. */
function rowsRequest(file: DatasetFile, { request, folder }: TaskPlace): Partial<TaskRequest> {
  const { data, train, validation, test } = request;
  const shared = {
    inputs: request.inputs ?? file.inputs,
    id: request.id ?? file.id,
    groupBy: request.groupBy ?? file.groupBy,
    delimiter: request.delimiter ?? file.delimiter,
    missingAsEmpty: request.missingAsEmpty ?? file.missingAsEmpty,
    allowLeaks: request.allowLeaks ?? file.allowLeaks,
  };
  const whole = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  if ([data, train, validation, test].some((path) => path !== undefined)) {
    const paths = {
      data: whole(data),
      train: whole(train),
      validation: whole(validation),
      test: whole(test),
    };
    return { ...shared, ...paths };
  }
  const splitColumn = request.splitColumn ?? file.splitColumn;
  return typeof file.file === 'string'
    ? { ...shared, data: file.file, splitColumn }
    : { ...shared, ...file.file, splitColumn };
}

interface TargetPlace extends TaskPlace {
  /** The folder of the config file. */
  readonly start: string;
  readonly program: Program;
}

/** The rows of a target with a program in code. */
async function openTargetRows(
  { dataset }: Target,
  { request, folder, start, program }: TargetPlace,
): Promise<OpenedRows> {
  const hasFlags = request.data !== undefined || request.train !== undefined;
  const file = typeof dataset === 'function' || !isDatasetFile(dataset) ? undefined : dataset;
  if (!hasFlags && file === undefined) {
    const opened = await openDataset(dataset as Exclude<Target['dataset'], DatasetFile>);
    return { dataset: opened, files: opened.file === undefined ? [] : [opened.file] };
  }
  const names = program.shape.outputs.map((field) => field.name);
  const said = rowsRequest(file ?? { file: '', expected: names }, { request, folder });
  const { inputs, id, groupBy, delimiter, missingAsEmpty } = said;
  const expected = request.expected ?? (hasFlags ? names : file?.expected);
  return openRows(rowsOf(said), {
    folder: start,
    options: { expected, inputs, id, groupBy, delimiter, missingAsEmpty },
  });
}

function findTarget(name: string | undefined, config: LoadedConfig | undefined): readonly [Target, string] {
  const targets = config?.config.targets ?? {};
  const names = Object.keys(targets);
  const [only, another] = names;
  const wanted = name ?? (another === undefined ? only : undefined);
  const target = wanted === undefined || !Object.hasOwn(targets, wanted) ? undefined : targets[wanted];
  if (target !== undefined && wanted !== undefined) return [target, wanted];
  if (name === undefined) {
    throw new HoneError('The config file has several targets.', {
      code: 'HONE_OPTION_INVALID',
      hint: `Name one of ${names.join(', ')}.`,
    });
  }
  const closest = closestName(name, names);
  const known = names.length === 0 ? 'there is no config file with targets' : `there are ${names.join(', ')}`;
  throw new HoneError(`"${name}" is neither a file nor a target: ${known}.`, {
    code: 'HONE_OPTION_INVALID',
    hint:
      closest === undefined
        ? 'Check the name, or give the path of a prompt file.'
        : `Did you mean ${closest}?`,
  });
}

function datasetFileOf({ dataset }: Target, name: string): DatasetFile {
  if (isDatasetFile(dataset)) return dataset;
  throw new HoneError(`The target "${name}" has a prompt file, so its rows must be a file too.`, {
    code: 'HONE_CONFIG_INVALID',
    hint: "Write dataset: { file: 'rows.csv', expected: ['column'] }.",
  });
}

function isDatasetFile(dataset: Target['dataset']): dataset is DatasetFile {
  return typeof dataset === 'object' && 'file' in dataset;
}

async function openDataset(dataset: Exclude<Target['dataset'], DatasetFile>): Promise<Dataset> {
  if (typeof dataset === 'function') return dataset();
  return Symbol.asyncIterator in dataset ? dataset : toDataset([...(dataset as Iterable<Example>)]);
}

/** Sources without declared columns say them with their first row. */
async function expectedOf(dataset: Dataset): Promise<readonly string[]> {
  if (dataset.expectedColumns.length > 0) return dataset.expectedColumns;
  for await (const { expected } of dataset) return Object.keys(expected ?? {});
  return [];
}

function scorersOf(scorer: Target['scorer']): readonly Scorer[] | undefined {
  if (scorer === undefined || typeof scorer === 'string') return undefined;
  return Array.isArray(scorer) ? scorer : [scorer as Scorer];
}

function scorersOfProgram(scorer: Target['scorer'], fields: ScoredFields): readonly Scorer[] {
  const given = scorersOf(scorer);
  if (given !== undefined) return given;
  if (typeof scorer === 'string') return [createScorer(scorer, fields)];
  return [defaultScorer(fields.outputs, fields.expected)];
}
