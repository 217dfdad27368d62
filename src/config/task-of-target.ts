import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { toDataset } from '../dataset/collect.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import { loadDataset } from '../dataset/load.ts';
import type { Program } from '../program/program.ts';
import { closestName } from '../prompt/template.ts';
import { defaultScorer } from '../scorer/defaults.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { createScorer, type ScoredFields } from './catalog.ts';
import type { DatasetFile, Target } from './define-config.ts';
import type { LoadedConfig } from './load-config.ts';
import type { TaskSource } from './task.ts';
import { type TaskPlace, taskOfPromptFile } from './task-of-prompt-file.ts';

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
        data: request.data === undefined ? file.file : resolve(folder, request.data),
        expected: request.expected ?? file.expected,
        inputs: request.inputs ?? file.inputs,
        id: request.id ?? file.id,
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
  const dataset =
    request.data === undefined
      ? await openDataset(target.dataset, start)
      : await loadDataset(resolve(folder, request.data), {
          expected: request.expected ?? program.shape.outputs.map((field) => field.name),
          inputs: request.inputs,
          id: request.id,
          delimiter: request.delimiter,
          missingAsEmpty: request.missingAsEmpty,
          name: request.data,
        });
  const fields = { outputs: program.shape.outputs, expected: await expectedOf(dataset) };
  return {
    name: targetName,
    program,
    dataset,
    scorers: scorersOfProgram(request.scorer ?? target.scorer, fields),
    model: target.model,
    defaults: target,
    trials: target.trials,
    inputFiles: dataset.file === undefined ? [] : [dataset.file],
  };
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

async function openDataset(dataset: Target['dataset'], folder: string): Promise<Dataset> {
  if (typeof dataset === 'function') return dataset();
  if (isDatasetFile(dataset)) {
    const { file, ...options } = dataset;
    return loadDataset(resolve(folder, file), { ...options, name: file });
  }
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
