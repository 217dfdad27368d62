import { HoneError } from '../../base/errors.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { openLimitLedger } from '../mcp/mcp-limits.ts';
import { honeTools } from '../mcp/mcp-tools.ts';
import { serveMcp } from '../mcp/serve-mcp.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';

export interface McpOptions extends CommonOptions {
  readonly allowWrites?: boolean | undefined;
  readonly budgetUsd?: number | 'none' | undefined;
  readonly maxCalls?: number | undefined;
  readonly maxMinutes?: number | undefined;
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly priceInput?: number | undefined;
  readonly priceOutput?: number | undefined;
}

/** What all runs of a server may spend together where nobody says. */
const usual = { usd: 1, calls: 2_000, minutes: 30 } as const;

/** `hone mcp`: the commands as tools of a coding agent, on stdin and stdout. */
export async function runMcp(options: McpOptions, { io, rerunWith }: CommandContext): Promise<number> {
  const { allowWrites = false, model, baseUrl } = options;
  const limits = { usd: options.budgetUsd, calls: options.maxCalls, minutes: options.maxMinutes };
  if (!allowWrites && Object.values(limits).some((limit) => limit !== undefined)) {
    throw new HoneError('A server that may only look spends nothing, so its limits would be ignored.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Add --allow-writes to let it run.',
    });
  }
  if (baseUrl !== undefined && model === undefined) {
    throw new HoneError('--base-url says where a model is, and none is named.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Add --model with its name there.',
    });
  }
  const total = {
    usd: dollarsOf(options),
    calls: limits.calls ?? usual.calls,
    minutes: limits.minutes ?? usual.minutes,
  };
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
    const next = turn.then(run, run);
    turn = next.catch(() => undefined);
    return next;
  };
  variablesOf(io);
  await serveMcp(
    honeTools({
      io,
      runWith: rerunWith,
      allowWrites,
      ledger: openLimitLedger(total),
      runFlags: [
        ...(model === undefined ? [] : [`--model=${model}`]),
        ...(baseUrl === undefined ? [] : [`--base-url=${baseUrl}`]),
        ...(options.budgetUsd === 'none' ? ['--budget-usd=none'] : []),
        ...(options.priceInput === undefined ? [] : [`--price-input=${options.priceInput}`]),
        ...(options.priceOutput === undefined ? [] : [`--price-output=${options.priceOutput}`]),
      ],
      hasModel: model !== undefined,
      inTurn,
    }),
  );
  return exitCodes.ok;
}

/** Without a limit where somebody says so, or where nobody says and a server of one's own has no price. */
function dollarsOf({ budgetUsd, baseUrl, priceInput, priceOutput }: McpOptions): number {
  if (typeof budgetUsd === 'number') return budgetUsd;
  const isUnpriced = baseUrl !== undefined && priceInput === undefined && priceOutput === undefined;
  return budgetUsd === 'none' || isUnpriced ? Number.POSITIVE_INFINITY : usual.usd;
}
