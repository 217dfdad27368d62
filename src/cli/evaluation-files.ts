import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { extname } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { evaluationDocument } from '../report/evaluation-document.ts';
import { renderEvaluationAsMarkdown } from '../report/evaluation-markdown.ts';
import { numberResults, rowsAsCsv, rowsAsJsonLines } from '../report/evaluation-rows.ts';
import type { EvaluationView } from '../report/report.ts';
import { cannotBeWritten, writeWholeFile } from './write-file.ts';

export const evaluationFormats = ['json', 'md', 'jsonl', 'csv'] as const;
export type EvaluationFormat = (typeof evaluationFormats)[number];

/**
 * The format that a file's extension means.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when it means none.
 */
export function evaluationFormatOf(path: string): EvaluationFormat {
  const extension = extname(path).slice(1).toLowerCase();
  const format = evaluationFormats.find((known) => known === extension);
  if (format !== undefined) return format;
  throw new HoneError(`An evaluation cannot be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .json or .md for the summary, .jsonl or .csv for the rows.',
  });
}

/** An evaluation with the rows that it answered. */
export interface WrittenEvaluation {
  readonly view: EvaluationView;
  readonly evaluation: Evaluation;
  /** All rows of the source, for their numbers and inputs. */
  readonly dataset: Dataset;
}

/** The text of a file: the summary as JSON or Markdown, the rows as JSON Lines or CSV, in parts. */
export async function* evaluationText(
  { view, evaluation, dataset }: WrittenEvaluation,
  format: EvaluationFormat,
): AsyncGenerator<string, void, void> {
  switch (format) {
    case 'json':
      yield `${JSON.stringify(evaluationDocument(view), null, 2)}\n`;
      return;
    case 'md':
      yield renderEvaluationAsMarkdown(view);
      return;
    case 'jsonl':
    case 'csv': {
      const { header, line } = format === 'csv' ? rowsAsCsv(dataset.inputColumns) : rowsAsJsonLines;
      yield header;
      for await (const row of numberResults(evaluation.results(), dataset)) yield `${line(row)}\n`;
    }
  }
}

const linesAtOnce = 1000;

/**
 * Writes an evaluation whole or not at all, row by row, so that any number of rows fits.
 *
 * @throws {HoneError} `HONE_FOLDER_READ_ONLY` when it cannot be written.
 */
export async function writeEvaluation(path: string, written: WrittenEvaluation): Promise<void> {
  await writeParts(path, evaluationText(written, evaluationFormatOf(path)));
}

async function writeParts(path: string, parts: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.${process.pid}.rows`;
  writeWholeFile(unfinished, '');
  try {
    let lines: string[] = [];
    for await (const part of parts) {
      lines.push(part);
      if (lines.length < linesAtOnce) continue;
      appendFileSync(unfinished, lines.join(''));
      lines = [];
    }
    appendFileSync(unfinished, lines.join(''));
    renameSync(unfinished, path);
  } catch (thrown) {
    rmSync(unfinished, { force: true });
    throw HoneError.isInstance(thrown) ? thrown : cannotBeWritten(path, thrown);
  }
}
