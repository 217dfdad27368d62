import type { EvaluationBudget } from '../evaluation/evaluate.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';

/** Kept for scoring every winner on the other models. */
const keptForTransfer = 0.2;

/** The share of one of so many models: they are alike, and a part is kept for the transfers. */
export function shareOf(budget: OptimizationBudget, models: number): OptimizationBudget {
  const share = (1 - keptForTransfer) / models;
  const whole = (limit: number | undefined, part: number) =>
    limit === undefined ? undefined : Math.max(1, Math.floor(limit * part));
  const { usd, minutes, calls, tokens, reflectionCalls } = budget;
  return {
    usd: usd === undefined ? undefined : usd * share,
    minutes: minutes === undefined ? undefined : minutes * share,
    calls: whole(calls, share),
    tokens: whole(tokens, share),
    reflectionCalls: reflectionCalls === undefined ? undefined : Math.floor(reflectionCalls / models),
  };
}

/** What has been used so far. */
export interface Used {
  readonly usd: number;
  readonly calls: number;
  readonly tokens: number;
  readonly minutes: number;
}

/** What the searches took. */
export function usedBy(reports: readonly OptimizationReport[]): Used {
  return reports.reduce<Used>(
    (sum, { usage }) => ({
      usd: sum.usd + (usage.costUsd ?? 0),
      calls: sum.calls + usage.calls,
      tokens: sum.tokens + (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0),
      minutes: sum.minutes + usage.wallMs / 60_000,
    }),
    { usd: 0, calls: 0, tokens: 0, minutes: 0 },
  );
}

/** What is left; undefined when a limit is used up. */
export function leftOf(budget: OptimizationBudget, used: Used): EvaluationBudget | undefined {
  const left = (limit: number | undefined, taken: number) =>
    limit === undefined ? undefined : limit - taken;
  const rest = {
    usd: left(budget.usd, used.usd),
    calls: left(budget.calls, used.calls),
    tokens: left(budget.tokens, used.tokens),
    minutes: left(budget.minutes, used.minutes),
  };
  return Object.values(rest).some((limit) => limit !== undefined && limit <= 0) ? undefined : rest;
}
