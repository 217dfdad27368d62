import type { JsonObject } from '../../base/json.ts';

/** What all runs of one server may spend together. */
export interface McpLimits {
  /** Infinite where dollars are not limited. */
  readonly usd: number;
  readonly calls: number;
  readonly minutes: number;
}

/** What one run asks for; left out, all that is left. */
export type AskedLimits = Partial<McpLimits>;

/** Keeps what is left. */
export interface LimitLedger {
  /** What nobody has been granted yet. */
  left(): McpLimits;
  /**
   * The limits of one run: what it asks for, at most what is left. The same command gets what it had before, because
   * it goes on with the run that it began.
   *
   * @returns Undefined where nothing is left.
   */
  grant(command: string, asked: AskedLimits): McpLimits | undefined;
  /** How many runs hold what they were granted, because they have not ended. */
  held(): number;
  /** Counts the time that a run has worked, also one that will go on. */
  worked(command: string, minutes: number): void;
  /** Gives back what a run that has ended did not use; its minutes are those that it has worked. */
  settle(command: string, used: Partial<Omit<McpLimits, 'minutes'>>): void;
}

/** A ledger in memory: it begins anew with each server. */
export function openLimitLedger(total: McpLimits): LimitLedger {
  const granted = new Map<string, McpLimits>();
  const left = (): McpLimits => {
    const rest = { ...total };
    for (const { usd, calls, minutes } of granted.values()) {
      rest.usd -= usd;
      rest.calls -= calls;
      rest.minutes -= minutes;
    }
    // An infinite grant out of an infinite budget leaves it as it is.
    if (total.usd === Number.POSITIVE_INFINITY) rest.usd = total.usd;
    return { usd: atLeastZero(rest.usd), calls: atLeastZero(rest.calls), minutes: atLeastZero(rest.minutes) };
  };
  const minutesOf = new Map<string, number>();
  let settled = 0;
  return {
    left,
    grant(command, asked) {
      const before = granted.get(command);
      if (before !== undefined) return before;
      const rest = left();
      const limits = {
        usd: Math.min(asked.usd ?? rest.usd, rest.usd),
        calls: Math.floor(Math.min(asked.calls ?? rest.calls, rest.calls)),
        minutes: Math.min(asked.minutes ?? rest.minutes, rest.minutes),
      };
      if (limits.calls < 1 || limits.minutes <= 0 || (limits.usd <= 0 && total.usd > 0)) return undefined;
      granted.set(command, limits);
      return limits;
    },
    held: () => granted.size - settled,
    worked(command, minutes) {
      minutesOf.set(command, (minutesOf.get(command) ?? 0) + minutes);
    },
    settle(command, used) {
      const limits = granted.get(command);
      if (limits === undefined) return;
      granted.delete(command);
      settled += 1;
      granted.set(`settled ${settled}`, {
        usd: used.usd ?? limits.usd,
        calls: used.calls ?? limits.calls,
        minutes: minutesOf.get(command) ?? limits.minutes,
      });
      minutesOf.delete(command);
    },
  };
}

function atLeastZero(value: number): number {
  return Math.max(0, value);
}

/** What a finished run used, as its document says. */
export function usageOf(document: JsonObject): Partial<Omit<McpLimits, 'minutes'>> {
  const { usage } = document as { usage?: { calls?: unknown; reflectionCalls?: unknown; costUsd?: unknown } };
  const calls = Number(usage?.calls ?? Number.NaN) + Number(usage?.reflectionCalls ?? 0);
  return {
    ...(Number.isFinite(calls) && { calls }),
    ...(typeof usage?.costUsd === 'number' && { usd: usage.costUsd }),
  };
}
