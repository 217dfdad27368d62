import { basename, extname, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { type LoadDatasetOptions, loadDataset } from '../dataset/load.ts';
import { type PromptFile, parsePromptFile } from '../prompt/prompt-file.ts';
import { defaultScorer } from '../scorer/defaults.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';
import { atPlace } from './at-place.ts';
import { createScorer, type ScoredFields } from './catalog.ts';
import { programFromFile, promptFileText } from './program-from-file.ts';
import { readPromptText } from './read-prompt-file.ts';
import { scanColumns } from './scan-columns.ts';
import type { TaskSource } from './task.ts';
import type { TaskRequest } from './task-request.ts';

/** Where paths start, and what the flags say. */
export interface TaskPlace {
  readonly request: TaskRequest;
  readonly folder: string;
}

/**
 * The task of a text file and a table.
 *
 * @param path The prompt file; left out, a prompt of which nothing is said yet.
 */
export async function taskOfPromptFile(
  path: string | undefined,
  { request, folder }: TaskPlace,
): Promise<TaskSource> {
  const text = path === undefined ? '' : readPromptText(resolve(folder, path), path);
  const file = path ?? 'the prompt';
  const prompt = parsePromptFile(text, { file });
  const { data } = request;
  if (data === undefined) {
    throw new HoneError('There are no rows.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name the file with the rows: --data rows.csv',
    });
  }
  const options = { inputs: request.inputs ?? prompt.inputs, id: request.id, name: data };
  const expected = await expectedColumns(resolve(folder, data), { prompt, request, options });
  const dataset = await loadDataset(resolve(folder, data), { ...options, expected });
  if (dataset.inputColumns.length === 0) {
    throw new HoneError(`${data} has no column that the prompt could see.`, {
      code: 'HONE_FIELD_MISSING',
      hint: 'Add a column beside the expected ones and the id, or name fewer of those.',
      facts: { file: data },
    });
  }
  // Read again with the columns known, so that a slot without a column is an error with its place.
  parsePromptFile(text, { file, columns: dataset.inputColumns });
  const scan = await scanColumns(dataset, expected);
  const outputs = outputColumns(prompt, { request, scanned: scan.columns });
  const program = programFromFile(prompt, { inputs: dataset.inputColumns, outputs });
  const fields = { outputs: program.signature.outputs, expected };
  const scorer =
    request.scorer === undefined
      ? scorerOfFile(prompt, { file, fields })
      : createScorer(request.scorer, fields);
  return {
    name: basename(path ?? data, extname(path ?? data)),
    program,
    dataset,
    rows: scan.rows,
    scorers: [scorer],
    model: prompt.model,
    defaults: {},
    inputFiles: [...(path === undefined ? [] : [resolve(folder, path)]), resolve(folder, data)],
    promptText: (candidate, model) =>
      promptFileText(prompt, candidate, {
        model: model ?? prompt.model,
        inputs: dataset.inputColumns,
        outputs,
      }),
  };
}

/** The scorer that the front matter names, else the one that suits the columns. */
function scorerOfFile(
  { scorer }: PromptFile,
  { file, fields }: { readonly file: string; readonly fields: ScoredFields },
): Scorer {
  if (scorer === undefined) return defaultScorer(fields.outputs, fields.expected);
  return atPlace(`${file}, front matter`, () => createScorer(scorer, fields));
}

interface ColumnSources {
  readonly prompt: PromptFile;
  readonly request: TaskRequest;
  readonly options: LoadDatasetOptions;
}

/** The flag names them, else the front matter: those of its outputs that the rows have. */
async function expectedColumns(
  data: string,
  { prompt, request, options }: ColumnSources,
): Promise<readonly string[]> {
  if (request.expected !== undefined) return request.expected;
  const { inputColumns } = await loadDataset(data, { id: options.id, name: options.name });
  const named = (prompt.outputs ?? []).map(({ name }) => name).filter((name) => inputColumns.includes(name));
  if (named.length > 0) return named;
  throw new HoneError('No column is named as the right answer.', {
    code: 'HONE_OPTION_INVALID',
    hint: `Add --expected with one of: ${inputColumns.join(', ')}.`,
  });
}

/** What the front matter says of a column wins over what its values look like. */
function outputColumns(
  { outputs = [] }: PromptFile,
  { request, scanned }: { readonly request: TaskRequest; readonly scanned: readonly ColumnSpec[] },
): readonly ColumnSpec[] {
  const merged = scanned.map((column) => {
    const said = outputs.find(({ name }) => name === column.name);
    if (said === undefined) return column;
    const isTyped = said.choices !== undefined || said.type !== undefined;
    return isTyped ? said : { ...column, ...withoutAbsent(said) };
  });
  const isExpected = (name: string) => scanned.some((column) => column.name === name);
  // Outputs without an expected column, such as a reason, are answered but not compared.
  const further = request.expected === undefined ? outputs.filter(({ name }) => !isExpected(name)) : [];
  return [...merged, ...further];
}

function withoutAbsent(column: ColumnSpec): ColumnSpec {
  const { name, description } = column;
  return description === undefined ? { name } : { name, description };
}
