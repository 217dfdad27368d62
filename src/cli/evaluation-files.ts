import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { evaluationDocument } from '../report/evaluation-document.ts';
import { renderEvaluationAsMarkdown } from '../report/evaluation-markdown.ts';
import { type RowFormat, rowsAsCsv, rowsAsJsonLines } from '../report/evaluation-rows.ts';
import type { EvaluationView } from '../report/report.ts';
import { writeWholeFile } from './write-file.ts';

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

/** Writes an evaluation: the summary as JSON or Markdown, the rows as JSON Lines or CSV. */
export async function writeEvaluation(
  path: string,
  {
    view,
    evaluation,
    folder,
  }: { readonly view: EvaluationView; readonly evaluation: Evaluation; readonly folder: string },
): Promise<void> {
  const target = resolve(folder, path);
  switch (evaluationFormatOf(path)) {
    case 'json':
      return writeWholeFile(target, `${JSON.stringify(evaluationDocument(view), null, 2)}\n`);
    case 'md':
      return writeWholeFile(target, renderEvaluationAsMarkdown(view));
    case 'jsonl':
      return writeRows(target, evaluation, rowsAsJsonLines);
    case 'csv':
      return writeRows(target, evaluation, rowsAsCsv);
  }
}

/** Row by row from the store, so that any number of rows fits. */
async function writeRows(path: string, evaluation: Evaluation, { header, line }: RowFormat): Promise<void> {
  const unfinished = `${path}.${process.pid}.rows`;
  writeWholeFile(unfinished, header);
  try {
    let lines: string[] = [];
    for await (const row of evaluation.results()) {
      lines.push(line(row));
      if (lines.length >= 1000) {
        appendFileSync(unfinished, `${lines.join('\n')}\n`);
        lines = [];
      }
    }
    if (lines.length > 0) appendFileSync(unfinished, `${lines.join('\n')}\n`);
    renameSync(unfinished, path);
  } catch (thrown) {
    rmSync(unfinished, { force: true });
    throw thrown;
  }
}
