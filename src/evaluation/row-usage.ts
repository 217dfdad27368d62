import type { MeteredCall } from '../model/middleware/meter.ts';
import type { SampleUsage } from '../scorer/scorer.ts';
import type { RowRequest, RowUsage } from './evaluation.ts';
import { sumKnown } from './sum-known.ts';

/** Digits of a request's key that are kept: enough to tell the requests of one run apart. */
const keyDigits = 16;

/** Adds up the calls of one row. A sum is undefined when any part of it is unknown. */
export function usageOf(calls: readonly MeteredCall[]): RowUsage {
  const sums = { calls: 0, failedCalls: 0, cachedCalls: 0, latencyMs: 0, retries: 0 };
  const requests: RowRequest[] = [];
  let inputTokens: number | undefined = 0;
  let cachedInputTokens: number | undefined = 0;
  let outputTokens: number | undefined = 0;
  let costUsd: number | undefined = 0;
  let spentUsd: number | undefined = 0;
  for (const { role, record } of calls) {
    if (record === undefined) {
      sums.failedCalls += 1;
      continue;
    }
    const { usage, cached = false } = record;
    sums.calls += 1;
    if (cached) sums.cachedCalls += 1;
    sums.latencyMs += record.latencyMs;
    sums.retries += record.retries ?? 0;
    inputTokens = sumKnown(inputTokens, usage.inputTokens);
    cachedInputTokens = sumKnown(cachedInputTokens, usage.cachedInputTokens);
    outputTokens = sumKnown(outputTokens, usage.outputTokens);
    costUsd = sumKnown(costUsd, record.costUsd);
    spentUsd = sumKnown(spentUsd, cached ? 0 : record.costUsd);
    const tokens = sumKnown(usage.inputTokens, usage.outputTokens);
    requests.push({
      // What is undefined is left out of the stored row; spreading it in conditionally costs every row.
      key: record.key?.slice(0, keyDigits),
      role,
      costUsd: record.costUsd,
      latencyMs: Math.round(record.latencyMs),
      tokens,
    });
  }
  return { ...sums, inputTokens, cachedInputTokens, outputTokens, costUsd, spentUsd, requests };
}

/** What a candidate is answerable for: a judge is no part of it. */
export function takenByAnswer(requests: readonly RowRequest[]): SampleUsage {
  let costUsd: number | undefined = 0;
  let tokens: number | undefined = 0;
  let latencyMs = 0;
  for (const request of requests) {
    if (request.role === 'judge') continue;
    costUsd = sumKnown(costUsd, request.costUsd);
    tokens = sumKnown(tokens, request.tokens);
    latencyMs += request.latencyMs;
  }
  return { costUsd, tokens, latencyMs };
}
