import { HoneError } from '../base/errors.ts';
import type { EvaluationBudget } from '../evaluation/evaluate.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { type ProveParityOptions, proveParity } from '../transfer/prove-parity.ts';
import { leftOf, usedBy } from '../transfer/share-budget.ts';
import type { CommandIo } from './command-io.ts';
import type { OptimizeCommandOptions } from './options.ts';
import type { PreparedCommand } from './prepare-command.ts';
import { styleFor } from './style-for.ts';
import { watchRun } from './watch-run.ts';

export interface ParitySetting<Inputs, Outputs> {
  readonly prepared: PreparedCommand;
  readonly options: OptimizeCommandOptions;
  /** What the optimization was given. */
  readonly request: Omit<ProveParityOptions<Inputs, Outputs>, 'predecessor' | 'report'>;
  readonly io: CommandIo;
}

/**
 * The report with what is to be said of the model that was replaced. A look that cannot be made is a note in the
 * report: the search is worth the same without it.
 *
 * @returns Undefined when it was stopped by Ctrl-C.
 */
export async function withParity<Inputs, Outputs>(
  report: OptimizationReport,
  { prepared, options, request, io }: ParitySetting<Inputs, Outputs>,
): Promise<OptimizationReport | undefined> {
  const { predecessor } = prepared;
  if (predecessor === undefined) return report;
  try {
    const { model, budget } = await predecessor.open();
    const left = leftOf(prepared.budget, usedBy([report]));
    if (left === undefined) throw nothingLeft();
    const run = proveParity({
      ...request,
      predecessor: model,
      report,
      margin: options.parityMargin,
      parityBudget: within(left, budget),
    });
    const ended = await watchRun(run, {
      io,
      style: styleFor(io, io.stderr),
      quiet: options.quiet ?? false,
      limitUsd: budget.usd,
    });
    return ended.status === 'interrupted' ? undefined : { ...report, parity: ended.result };
  } catch (thrown) {
    if (!HoneError.isInstance(thrown) || thrown.code === 'HONE_ABORTED') throw thrown;
    const why = `Parity with ${predecessor.name} could not be looked at: ${thrown.message}`;
    return { ...report, notices: [...report.notices, why] };
  }
}

/** What is left of the run's limits; where it had none, what a model of its price may take by default. */
function within(left: EvaluationBudget, own: OptimizationBudget): EvaluationBudget {
  const { usd = own.usd, calls = own.calls, tokens = own.tokens, minutes = own.minutes } = left;
  return { usd, calls, tokens, minutes };
}

function nothingLeft(): HoneError {
  return new HoneError('nothing is left of the budget.', { code: 'HONE_BUDGET_EXHAUSTED' });
}

/** What is told before a search that is followed by such a look. */
export function parityNote({ predecessor }: PreparedCommand): string | undefined {
  if (predecessor === undefined) return undefined;
  return `the search is followed by a look at parity: ${predecessor.name} answers the rows of the sealed test too, with the prompt as it is (--no-parity leaves it out)`;
}
