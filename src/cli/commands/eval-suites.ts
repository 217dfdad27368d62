import { Writable } from 'node:stream';
import { HoneError, messageOf } from '../../base/errors.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { type EvalRun, findEvalRuns } from '../eval-runs.ts';
import { exitCodes } from '../exit-codes.ts';
import type { EvalOptions } from '../options.ts';
import { runEval } from './eval.ts';

/**
 * `hone eval`: what was named; else the only target of the config; else every suite of every `*.eval.ts` file under the
 * folder, one after the other. A suite that breaks does not keep the others from running.
 */
export async function runEvals(
  subject: string | undefined,
  options: EvalOptions,
  context: CommandContext,
): Promise<number> {
  if (options.watch) {
    const { watchEvals } = await import('./watch-evals.ts');
    return watchEvals(subject, options, context);
  }
  const runs = await findEvalRuns(subject, options, context.io.cwd);
  const [only, another] = runs;
  if (only !== undefined && another === undefined) return runOne(only, context);
  if ((options.output ?? []).length > 0) {
    throw new HoneError(`There are ${runs.length} suites, and --output names one file.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Name one of them: hone eval ${runs[0]?.name} --output …`,
    });
  }
  return options.json ? runAsOneDocument(runs, context) : runInTurn(runs, context);
}

async function runOne({ subject, options, broken }: EvalRun, context: CommandContext): Promise<number> {
  if (broken !== undefined) throw broken;
  return runEval(subject, options, context);
}

async function runInTurn(runs: readonly EvalRun[], context: CommandContext): Promise<number> {
  const codes: number[] = [];
  const thrown: unknown[] = [];
  for (const [index, run] of runs.entries()) {
    if (index > 0) writeLine(context.io.stdout);
    try {
      const code = await runOne(run, context);
      if (code === exitCodes.interrupted) return code;
      codes.push(code);
    } catch (cause) {
      thrown.push(cause);
      writeLine(context.io.stderr, `${run.name} broke, and the other suites go on: ${messageOf(cause)}`);
    }
  }
  return ended(codes, thrown);
}

/** The first fault is told in full when all have run; else the worst of the codes. */
function ended(codes: readonly number[], thrown: readonly unknown[]): number {
  if (thrown.length > 0) throw thrown[0];
  return (
    codes.find((code) => code === exitCodes.error) ??
    codes.find((code) => code !== exitCodes.ok) ??
    exitCodes.ok
  );
}

/** With `--json` stdout is one document, however many suites there are. */
async function runAsOneDocument(runs: readonly EvalRun[], context: CommandContext): Promise<number> {
  const documents: unknown[] = [];
  const codes: number[] = [];
  const thrown: unknown[] = [];
  for (const run of runs) {
    const kept: string[] = [];
    const stdout = new Writable({
      decodeStrings: false,
      write(chunk, _, done) {
        kept.push(String(chunk));
        done();
      },
    });
    try {
      const code = await runOne(run, { ...context, io: { ...context.io, stdout } });
      if (code === exitCodes.interrupted) return code;
      codes.push(code);
      documents.push(JSON.parse(kept.join('')));
    } catch (cause) {
      thrown.push(cause);
      documents.push({
        kind: 'error',
        name: run.name,
        message: messageOf(cause),
      });
    }
  }
  writeLine(context.io.stdout, JSON.stringify({ schemaVersion: 1, kind: 'evaluations', suites: documents }));
  return ended(codes, thrown);
}
