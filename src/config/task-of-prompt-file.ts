import { basename, extname, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { InferredColumn } from '../dataset/infer-column.ts';
import { type LoadDatasetOptions, loadDataset } from '../dataset/load.ts';
import { comparesAnswers } from '../optimizer/driver/check-optimizer.ts';
import { checkPromptText } from '../prompt/check-prompt-text.ts';
import { type PromptFile, parsePromptFile } from '../prompt/prompt-file.ts';
import { defaultScorer } from '../scorer/defaults.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { unscored } from '../scorer/unscored.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';
import { atPlace } from './at-place.ts';
import { createOptimizer, createScorer, type ScoredFields } from './catalog.ts';
import { openRows, type RowsRequest } from './open-rows.ts';
import { programFromFile, promptFileText } from './program-from-file.ts';
import { readPromptText } from './read-prompt-file.ts';
import { scanColumns } from './scan-columns.ts';
import type { ColumnNote, TaskSource } from './task.ts';
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
  const file = path ?? 'the prompt';
  const text =
    path === undefined ? writtenText(request.promptText, file) : readPromptText(resolve(folder, path), path);
  const prompt = parsePromptFile(text, { file });
  const source = rowsOf(request);
  const data = typeof source.file === 'string' ? source.file : source.file.train;
  const options = {
    inputs: request.inputs ?? prompt.inputs,
    id: request.id,
    delimiter: request.delimiter,
    missingAsEmpty: request.missingAsEmpty,
    groupBy: request.groupBy,
    metadata: source.splitColumn === undefined ? [] : [source.splitColumn],
    name: data,
  };
  const expected = await expectedColumns(resolve(folder, data), { prompt, request, options });
  requireOthers(options.inputs ?? [], expected);
  const { name: _, ...shared } = options;
  const rows = await openRows(source, { folder, options: { ...shared, metadata: [], expected } });
  const opened = rows.dataset;
  if (opened.inputColumns.length === 0) {
    throw new HoneError(`${data} has no column that the prompt could see.`, {
      code: 'HONE_FIELD_MISSING',
      hint: 'Add a column beside the expected ones and the id, or name fewer of those.',
      facts: { file: data },
    });
  }
  // Read again with the columns known, so that a slot without a column is an error with its place.
  parsePromptFile(text, { file, columns: opened.inputColumns });
  const scan = await scanColumns(opened, expected);
  const slots = foreignSlots(text, { file, columns: opened.inputColumns });
  const dataset = { ...opened, notices: [...(opened.notices ?? []), ...slots, ...scan.notices] };
  const asked = outputColumns(prompt, { scanned: scan.columns });
  const outputs = asked.length > 0 ? asked : [{ name: 'answer' }];
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
    roles: rows.roles,
    rows: scan.rows,
    columns: columnNotes(dataset.inputColumns, { inferred: scan.inferred, outputs }),
    scorers: [scorer],
    model: prompt.model,
    defaults: {},
    inputFiles: [...(path === undefined ? [] : [resolve(folder, path)]), ...rows.files],
    promptText: (candidate, model) =>
      promptFileText(prompt, candidate, {
        model: model ?? prompt.model,
        inputs: dataset.inputColumns,
        outputs,
      }),
  };
}

function writtenText(text: string | undefined, shown: string): string {
  if (text !== undefined) checkPromptText(text, shown);
  return text ?? '';
}

/** The rows that the flags name. */
export function rowsOf(request: TaskRequest): RowsRequest {
  const { data, train, validation, test, splitColumn, allowLeaks } = request;
  const given = [train, validation, test].filter((file) => file !== undefined);
  if (data !== undefined && given.length === 0) return { file: data, splitColumn, allowLeaks };
  if (data === undefined && train !== undefined && validation !== undefined && test !== undefined) {
    return { file: { train, validation, test }, splitColumn, allowLeaks };
  }
  const [message, hint] =
    data !== undefined
      ? [
          'The rows are given twice: by --data and by files for roles.',
          'Give either --data, or --train, --validation and --test.',
        ]
      : given.length > 0
        ? [
            'A file for each role is needed.',
            'Give all of --train, --validation and --test, or one file with --data.',
          ]
        : ['There are no rows.', 'Name the file with the rows: --data rows.csv'];
  throw new HoneError(message ?? '', { code: 'HONE_OPTION_INVALID', hint });
}

/** Slots as other tools write them: here they are text, and a person who meant a slot should know. */
function foreignSlots(
  text: string,
  { file, columns }: { readonly file: string; readonly columns: readonly string[] },
): readonly string[] {
  return columns.flatMap((column) => {
    const forms = [
      `{${column}}`,
      `\${${column}}`,
      `$${column}`,
      `<${column}>`,
      `%${column}%`,
      `[[${column}]]`,
    ];
    const form = forms.find((each) => text.replaceAll(`{{${column}}}`, '').includes(each));
    return form === undefined
      ? []
      : [`${file} says ${form}, which stays as it is written: the slot of the column is {{${column}}}.`];
  });
}

/** A prompt that sees the right answer has nothing to answer. */
function requireOthers(inputs: readonly string[], expected: readonly string[]): void {
  const both = inputs.find((name) => expected.includes(name));
  if (both === undefined) return;
  throw new HoneError(`The column "${both}" is both what the prompt sees and the right answer.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Name it either in --inputs or in --expected.',
  });
}

/** What every column is taken for, in words. */
function columnNotes(
  inputs: readonly string[],
  {
    inferred,
    outputs,
  }: { readonly inferred: readonly InferredColumn[]; readonly outputs: readonly ColumnSpec[] },
): readonly ColumnNote[] {
  const expected = inferred.map(({ name, because }): ColumnNote => {
    const output = outputs.find((each) => each.name === name);
    const { choices, type = 'string' } = output ?? {};
    const what = choices === undefined ? typeNames[type] : `one of ${choices.join(', ')}`;
    return { name, part: 'expected', taken: because === undefined ? what : `${what}, because ${because}` };
  });
  return [
    ...inputs.map((name): ColumnNote => ({ name, part: 'input', taken: 'what the prompt sees' })),
    ...expected,
  ];
}

const typeNames = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  json: 'JSON',
} as const;

/** The scorer that the front matter names, else the one that suits the columns. */
function scorerOfFile(
  { scorer }: PromptFile,
  { file, fields }: { readonly file: string; readonly fields: ScoredFields },
): Scorer {
  if (scorer === undefined && fields.expected.length === 0) return unscored();
  if (scorer === undefined) return defaultScorer(fields.outputs, fields.expected);
  return atPlace(`${file}, front matter`, () => createScorer(scorer, fields));
}

/** Whether the optimizer that is asked for has answers compared, so that no column need be right. */
function needsNoLabels({ optimizer }: TaskRequest): boolean {
  return optimizer !== undefined && comparesAnswers(createOptimizer(optimizer));
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
  const { id, name, delimiter, groupBy, metadata } = options;
  const { inputColumns } = await loadDataset(data, { id, name, delimiter, groupBy, metadata });
  const named = (prompt.outputs ?? []).map(({ name }) => name).filter((name) => inputColumns.includes(name));
  if (named.length > 0 || needsNoLabels(request)) return named;
  throw new HoneError('No column is named as the right answer.', {
    code: 'HONE_OPTION_INVALID',
    hint: `Add --expected with one of: ${inputColumns.join(', ')}. Without right answers: --optimizer spo.`,
  });
}

/**
 * What the front matter says of a column wins over what its values look like. Outputs are asked for in the order of
 * the file, a reason before the answer that follows from it, also those without an expected column.
 */
function outputColumns(
  { outputs = [] }: PromptFile,
  { scanned }: { readonly scanned: readonly ColumnSpec[] },
): readonly ColumnSpec[] {
  const declared = outputs.map((said) => {
    const column = scanned.find(({ name }) => name === said.name);
    const isTyped = said.choices !== undefined || said.type !== undefined;
    return column === undefined || isTyped ? said : { ...column, ...withoutAbsent(said) };
  });
  return [...declared, ...scanned.filter(({ name }) => !outputs.some((said) => said.name === name))];
}

function withoutAbsent(column: ColumnSpec): ColumnSpec {
  const { name, description } = column;
  return description === undefined ? { name } : { name, description };
}
