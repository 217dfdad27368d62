import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { compareExperiments } from '../../experiment/compare-experiments.ts';
import type { Experiment, ExperimentComparison } from '../../experiment/experiment.ts';
import { type RowKind, type RowOrder, selectRows } from '../../experiment/select-rows.ts';
import { type ComparisonFormat, type ComparisonView, comparisonFormats } from '../../report/comparison.ts';
import { comparisonCsv } from '../../report/comparison-csv.ts';
import { comparisonDocument } from '../../report/comparison-document.ts';
import { renderComparisonAsHtml } from '../../report/comparison-html.ts';
import { renderComparisonAsJunit } from '../../report/comparison-junit.ts';
import { renderComparisonAsMarkdown } from '../../report/comparison-markdown.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { openNamedExperiment } from '../open-experiment.ts';
import type { CommonOptions } from '../options.ts';
import { checkOutputs } from '../output-files.ts';
import { variablesOf } from '../prepare-command.ts';
import { renderComparison } from '../render/comparison-terminal.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';

export interface CompareOptions extends CommonOptions {
  readonly by?: string | undefined;
  readonly slice?: { readonly field: string; readonly value: string } | undefined;
  readonly show?: readonly RowKind[] | undefined;
  readonly sort?: RowOrder | undefined;
  readonly limit?: number | undefined;
  readonly output?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

const defaultLimit = 10;

/** `hone compare`: experiments side by side, row by row. */
export async function runCompare(
  [baselineName, ...challengerNames]: readonly string[],
  options: CompareOptions,
  { io }: CommandContext,
): Promise<number> {
  if (baselineName === undefined || challengerNames.length === 0) {
    throw new HoneError('A comparison takes a baseline and at least one other experiment.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'For the last two evaluations: hone compare latest~1 latest',
    });
  }
  if (options.by !== undefined && options.slice !== undefined) {
    throw new HoneError('--by shows all slices and --slice one of them.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Leave one of the two out.',
    });
  }
  const outputs = (options.output ?? []).map((path) => ({ path, format: comparisonFormatOf(path) }));
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const names = [baselineName, ...challengerNames];
  const files = names.filter((name) => /\.json$/i.test(name)).map((name) => resolve(io.cwd, name));
  checkOutputs(options.output ?? [], { folder: io.cwd, inputs: files });
  const baseline = await openNamedExperiment(baselineName, workspace);
  const challengers: Experiment[] = [];
  for (const name of challengerNames) challengers.push(await openNamedExperiment(name, workspace));
  const comparisons = await compareExperiments({
    baseline,
    challengers,
    by: options.by,
    only: options.slice,
  });
  const views: ComparisonView[] = [];
  for (const [index, comparison] of comparisons.entries()) {
    views.push(await viewOf(comparison, { baseline, challenger: challengers[index], options }));
  }
  for (const { path, format } of outputs) {
    writeWholeFile(resolve(io.cwd, path), comparisonText(views, format));
    writeLine(io.stderr, `wrote ${path}`);
  }
  if (options.json) writeLine(io.stdout, JSON.stringify(comparisonDocument(views)));
  else writeLine(io.stdout, renderComparison(views, styleFor(io, io.stdout)));
  return exitCodes.ok;
}

/** The rows to show, with what was asked and answered: read for these alone, however many there are. */
export async function viewOf(
  comparison: ExperimentComparison,
  {
    baseline,
    challenger,
    options,
  }: {
    readonly baseline: Experiment;
    readonly challenger: Experiment | undefined;
    readonly options: Pick<CompareOptions, 'show' | 'sort' | 'limit'>;
  },
): Promise<ComparisonView> {
  const selected = selectRows(comparison.rows, { kinds: options.show, order: options.sort });
  const shown = await Promise.all(
    selected.slice(0, options.limit ?? defaultLimit).map(async (row) => ({
      row,
      baseline: await baseline.detail(row.id),
      challenger: await challenger?.detail(row.otherId ?? row.id),
    })),
  );
  return { comparison, shown, selected: selected.length };
}

/** @throws {HoneError} `HONE_OPTION_INVALID` for an extension that means no format. */
export function comparisonFormatOf(path: string): ComparisonFormat {
  const extension = extname(path).slice(1).toLowerCase();
  const format = comparisonFormats.find((known) => known === extension);
  if (format !== undefined) return format;
  throw new HoneError(`A comparison cannot be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .md, .html, .json, .csv, or .xml for JUnit.',
  });
}

function comparisonText(views: readonly ComparisonView[], format: ComparisonFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(comparisonDocument(views), null, 2)}\n`;
    case 'md':
      return views.map(renderComparisonAsMarkdown).join('\n---\n\n');
    case 'html':
      return renderComparisonAsHtml(views);
    case 'xml':
      return renderComparisonAsJunit(views);
    case 'csv':
      return [...comparisonCsv(views.map(({ comparison }) => comparison))].join('');
  }
}
