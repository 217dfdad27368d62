import { HoneError } from '../../base/errors.ts';
import type { RowUsage } from '../../evaluation/evaluation.ts';
import type { BudgetView, StopReason } from '../optimizer.ts';
import type { OptimizationBudget } from './optimize-options.ts';

/** Row evaluations of one kind: how many, and the model calls that each takes. */
export interface RowDemand {
  readonly rows: number;
  readonly callsPerRow: number;
}

/** The counters of one run. Deterministic: they hold what rows took, not when or from where. */
export interface BudgetMeter {
  readonly usedCalls: number;
  readonly usedUsd: number;
  /** Whether a search may take all of this on and still leave what the proof needs. */
  fits(...demands: readonly RowDemand[]): boolean;
  /** Takes the calls and the price of one row off. */
  charge(usage: RowUsage): void;
  /** Takes one reflection call off before it is made. @throws {HoneError} `HONE_BUDGET_EXHAUSTED` when none is left. */
  chargeReflectionCall(): void;
  /** Takes the price of a reflection call off; an unknown one counts as 0. */
  chargeReflectionCost(costUsd: number | undefined): void;
  view(): BudgetView;
  /** Why `fits` says no. */
  reasonAgainst(...demands: readonly RowDemand[]): StopReason;
}

export interface ProofReserve {
  readonly validation: number;
  readonly test: number;
  /** Calls of one row with the seed. */
  readonly seedCallsPerRow: number;
  /** Dollars that the call path sets aside for one call, most of which come back. @default 0 */
  readonly usdPerCall?: number | undefined;
  /** Times that the seed answers the test rows: 2 where it is tested with calibrated answers too. @default 1 */
  readonly seedTests?: number | undefined;
}

/** Candidates that are confirmed on all of validation before one is chosen. */
export const confirmedCandidates = 3;

/**
 * Counts what a run takes and keeps back what its proof needs: the confirmation of three candidates, then
 * seed and winner on the test rows, at the calls and the price of the most expensive row so far.
 */
export function createBudgetMeter(limits: OptimizationBudget, reserve: ProofReserve): BudgetMeter {
  let usedCalls = 0;
  let usedUsd = 0;
  let usedReflectionCalls = 0;
  let mostCallsPerRow = reserve.seedCallsPerRow;
  let mostUsdPerCall = 0;
  const callLimit = limits.calls ?? Number.POSITIVE_INFINITY;
  const reflectionLimit = limits.reflectionCalls ?? Number.POSITIVE_INFINITY;

  const { seedTests = 1 } = reserve;
  const reservedCalls = (callsPerRow: number) =>
    confirmedCandidates * reserve.validation * callsPerRow +
    reserve.test * (seedTests * reserve.seedCallsPerRow + callsPerRow);
  const callsLeft = (callsPerRow: number) =>
    callLimit - usedCalls - reservedCalls(Math.max(callsPerRow, mostCallsPerRow));
  const usdLeft = (callsPerRow: number) => {
    if (limits.usd === undefined) return undefined;
    const reserved = mostUsdPerCall * reservedCalls(Math.max(callsPerRow, mostCallsPerRow));
    return limits.usd - usedUsd - reserved - (reserve.usdPerCall ?? 0);
  };
  const callsOf = (demands: readonly RowDemand[]) =>
    demands.reduce((sum, { rows, callsPerRow }) => sum + rows * callsPerRow, 0);
  const most = (demands: readonly RowDemand[]) => Math.max(...demands.map(({ callsPerRow }) => callsPerRow));
  const fitsCalls = (demands: readonly RowDemand[]) => callsOf(demands) <= callsLeft(most(demands));
  const fitsUsd = (demands: readonly RowDemand[]) => {
    const left = usdLeft(most(demands));
    if (left === undefined) return true;
    return left > 0 && (usedCalls === 0 ? 0 : usedUsd / usedCalls) * callsOf(demands) <= left;
  };

  return {
    get usedCalls() {
      return usedCalls;
    },
    get usedUsd() {
      return usedUsd;
    },
    // What was answered before costs nothing, even when nothing is left.
    fits: (...demands) => callsOf(demands) === 0 || (fitsCalls(demands) && fitsUsd(demands)),
    reasonAgainst: (...demands) => (fitsCalls(demands) ? 'cost' : 'calls'),
    charge: ({ calls, costUsd }) => {
      usedCalls += calls;
      usedUsd += costUsd ?? 0;
      mostCallsPerRow = Math.max(mostCallsPerRow, calls);
      if (calls > 0) mostUsdPerCall = Math.max(mostUsdPerCall, (costUsd ?? 0) / calls);
    },
    chargeReflectionCall: () => {
      if (usedReflectionCalls >= reflectionLimit) {
        throw new HoneError(`The budget of ${reflectionLimit} reflection calls is spent.`, {
          code: 'HONE_BUDGET_EXHAUSTED',
          hint: 'Raise --max-reflection-calls.',
          facts: { reason: 'calls' },
        });
      }
      usedReflectionCalls += 1;
    },
    chargeReflectionCost: (costUsd) => {
      usedUsd += costUsd ?? 0;
    },
    view: () => ({
      callsLeft: Math.max(0, callsLeft(1)),
      reflectionCallsLeft: reflectionLimit - usedReflectionCalls,
      usdLeft: usdLeft(1),
      allows: (rows) => fitsCalls([{ rows, callsPerRow: 1 }]) && fitsUsd([{ rows, callsPerRow: 1 }]),
    }),
  };
}
