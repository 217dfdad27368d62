import { HoneError } from '../../base/errors.ts';
import { hashJson } from '../../base/hash.ts';
import { createRandom } from '../../base/random.ts';
import { readOrigin } from '../../config/origin.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { calibrateJudge, type JudgedRow } from '../../evaluation/calibrate-judge.ts';
import { evaluate } from '../../evaluation/evaluate.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Program } from '../../program/program.ts';
import { turnedProgram } from '../../program/turned-program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { exactMatch } from '../../scorer/exact-match.ts';
import { verdictField } from '../../scorer/judge-question.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { hashInputs } from '../input-files.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { type PreparedCommand, prepareCommand, variablesOf } from '../prepare-command.ts';
import { renderCalibration } from '../render/calibration-terminal.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { runOptimize } from './optimize.ts';

export const judgeActions = ['calibrate', 'align'] as const;
export type JudgeAction = (typeof judgeActions)[number];

/** Labels below which a judge cannot be aligned: too few to search on and to prove anything by. */
const fewestLabels = 30;

/**
 * `hone judge`: a judge is a prompt whose last output is a closed choice. `calibrate` holds its verdicts against what
 * people said; `align` searches for a better one and proves it on labels that the search never saw.
 */
export async function runJudge(
  { action, subject }: { readonly action: JudgeAction; readonly subject: string | undefined },
  options: OptimizeCommandOptions,
  context: CommandContext,
): Promise<number> {
  if (action === 'calibrate') return calibrate(subject, options, context);
  await requireLabels(subject, options, context);
  return runOptimize(subject, options, context);
}

async function requireLabels(
  subject: string | undefined,
  options: OptimizeCommandOptions,
  { io }: CommandContext,
): Promise<void> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { task } = await prepareCommand(subject, options, { io, workspace });
  const { name } = verdictField(task.program);
  let labels = 0;
  for await (const { expected } of task.allRows) labels += expected?.[name] === undefined ? 0 : 1;
  if (labels >= fewestLabels) return;
  throw new HoneError(
    `A judge is aligned from ${fewestLabels} labels on, and ${labels} of the rows have a “${name}”.`,
    {
      code: 'HONE_OPTION_INVALID',
      hint: 'Let people judge more rows; `hone judge calibrate` says what the labels so far tell.',
      facts: { labels },
    },
  );
}

async function calibrate(
  subject: string | undefined,
  options: OptimizeCommandOptions,
  { io, argv }: CommandContext,
): Promise<number> {
  if ((options.output ?? []).length > 0) {
    throw new HoneError('hone judge calibrate writes no file.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Take --json, and redirect it.',
    });
  }
  const unused = (['scorer', 'optimizer'] as const).find((name) => options[name] !== undefined);
  if (unused !== undefined) {
    throw new HoneError(`hone judge calibrate has no use for --${unused}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Leave it out: the verdict of the judge is held against the label as it is.',
    });
  }
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const prepared = await prepareCommand(subject, options, { io, workspace });
  const { task, model } = prepared;
  const { name, choices } = verdictField(task.program);
  const release = workspace.store.hold();
  try {
    const run = async (program: Program, candidate: Candidate, label: string) =>
      evaluate({
        program,
        candidate,
        dataset: task.dataset,
        scorer: exactMatch(name),
        model,
        models: prepared.models,
        store: workspace.store,
        trials: 1,
        traces: true,
        concurrency: prepared.concurrency,
        cache: prepared.cache,
        budget: prepared.budget,
        name: label,
        origin: await readOrigin(io.cwd),
        plan: { argv, cwd: io.cwd, files: await hashInputs(task.inputFiles, io.cwd) },
      });
    const turned = turnedProgram(task.program);
    const results: RowResult[][] = [];
    for (const { program, candidate, label } of [
      { program: task.program, candidate: task.program.seed, label: `${task.name} as a judge` },
      ...(turned === undefined ? [] : [{ ...turned, label: `${task.name} as a judge, choices turned` }]),
    ]) {
      const started = await run(program, candidate, label);
      const watched = {
        id: started.id,
        progress: started.progress,
        result: started.result,
        cancel: started.cancel,
      };
      const ended = await watchRun(watched, watching(prepared, options, io));
      if (ended.status === 'interrupted') return exitCodes.interrupted;
      const rows: RowResult[] = [];
      for await (const row of ended.result.results()) rows.push(row);
      results.push(rows);
    }
    const [straight = [], other] = results;
    const lost = straight.filter(({ outcome }) => outcome.status === 'infrastructure-error').length;
    const calibration = calibrateJudge(judgedRows(straight, { other, name, choices }), {
      choices,
      random: createRandom(`judge/${options.seed ?? 1}`),
    });
    const view = { name: task.name, model: model.id, lost, calibration };
    writeLine(
      io.stdout,
      options.json
        ? JSON.stringify({ schemaVersion: 1, kind: 'judge-calibration', ...view })
        : renderCalibration(view, styleFor(io, io.stdout)),
    );
    return exitCodes.ok;
  } finally {
    await release();
  }
}

function watching(prepared: PreparedCommand, options: OptimizeCommandOptions, io: CommandContext['io']) {
  return { io, style: styleFor(io, io.stderr), quiet: options.quiet ?? false, limitUsd: prepared.budget.usd };
}

/** What both said of each row; rows that the infrastructure lost say nothing of the judge. */
function judgedRows(
  rows: readonly RowResult[],
  of: {
    readonly other: readonly RowResult[] | undefined;
    readonly name: string;
    readonly choices: readonly string[];
  },
): readonly JudgedRow[] {
  const { other = [], name, choices } = of;
  const turnedOf = new Map(other.map((row) => [row.exampleId, textAt(row.outputs, name)]));
  return rows.flatMap((row): readonly JudgedRow[] => {
    if (row.outcome.status === 'infrastructure-error') return [];
    const last = row.trace?.findLast((step) => step.kind === 'predict');
    const found = last?.kind === 'predict' ? last.probabilities : undefined;
    return [
      {
        human: textAt(row.expected, name),
        judged: textAt(row.outputs, name),
        turned: turnedOf.get(row.exampleId),
        ...(found !== undefined && {
          probabilities: Object.fromEntries(choices.map((choice, index) => [choice, found[index] ?? 0])),
        }),
        cluster: row.group === undefined ? `inputs ${hashJson(row.inputs ?? {})}` : `group ${row.group}`,
      },
    ];
  });
}

function textAt(values: RowResult['outputs'], name: string): string | undefined {
  const value = values?.[name];
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
