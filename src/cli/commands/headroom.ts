import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { estimateHeadroom } from '../../config/estimate-run.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { headroom } from '../../headroom/headroom.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { hashInputs } from '../input-files.ts';
import type { TaskOptions } from '../options.ts';
import { writtenPath } from '../output-files.ts';
import { prepareCommand, variablesOf } from '../prepare-command.ts';
import { renderHeadroom } from '../render/headroom-terminal.ts';
import { renderPlan } from '../render/plan-terminal.ts';
import { resultWrites } from '../result-writes.ts';
import { styleFor } from '../style-for.ts';
import { watchRun } from '../watch-run.ts';
import { writeWholeFile } from '../write-file.ts';

/** Calls of a look, unless `--max-calls` says otherwise. */
const usualCalls = 60;

/** `hone headroom`: whether optimizing can pay here, in a few calls. */
export async function runHeadroom(
  subject: string | undefined,
  options: TaskOptions,
  { io, argv }: CommandContext,
): Promise<number> {
  for (const path of options.output ?? []) checkFormat(path);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const prepared = await prepareCommand(subject, options, { io, workspace });
  const { task, model, models, cache, concurrency } = prepared;
  const { usd, tokens, minutes } = prepared.budget;
  const calls = options.maxCalls ?? usualCalls;
  if (options.dryRun) {
    const budget = { usd, tokens, minutes, calls };
    const plan = await estimateHeadroom({ task, model, budget, calls });
    writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...plan }) : renderPlan(plan));
    return exitCodes.ok;
  }
  const release = workspace.store.hold();
  try {
    const run = headroom({
      program: task.program,
      dataset: task.roles ?? task.dataset,
      scorer: task.scorers,
      model,
      models,
      store: workspace.store,
      calls,
      budget: { usd, tokens, minutes },
      randomSeed: task.seed,
      concurrency,
      cache,
      name: task.name,
      plan: { argv, cwd: io.cwd, files: await hashInputs(task.inputFiles, io.cwd) },
    });
    const ended = await watchRun(run, {
      io,
      style: styleFor(io, io.stderr),
      quiet: options.quiet ?? false,
      limitUsd: usd,
    });
    if (ended.status === 'interrupted') return exitCodes.interrupted;
    const writes = resultWrites(io, { printsTexts: options.json !== true });
    const document = JSON.stringify(ended.result);
    for (const path of options.output ?? []) {
      const wrote = await writes.attempt(
        () => writeWholeFile(writtenPath(resolve(io.cwd, path)), `${document}\n`),
        () => [document],
      );
      if (wrote) writeLine(io.stderr, `wrote ${path}`);
    }
    const shown = options.json
      ? document
      : renderHeadroom(ended.result, { style: styleFor(io, io.stdout), width: io.stdout.columns ?? 100 });
    writeLine(io.stdout, shown);
    await writes.finish();
    return exitCodes.ok;
  } finally {
    await release();
  }
}

function checkFormat(path: string): void {
  if (extname(path).toLowerCase() === '.json') return;
  throw new HoneError(`Nothing can be written as "${path}": its extension names no format.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .json.',
  });
}
