import type { UsageSummary } from '../evaluation/evaluation.ts';
import type { RunUsage, SealedTest } from '../optimizer/driver/report.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A score from 0 to 1 with two decimals. */
export function score(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(2);
}

/** A difference of scores with its sign; a true minus, so that columns align. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  if (text === '0.00') return '0.00';
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** Thousands separated. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 row`, `2 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A p-value as it is usually written. */
export function probability(pValue: number): string {
  if (pValue < 0.001) return 'p < 0.001';
  return `p = ${pValue < 0.01 ? pValue.toFixed(3) : pValue.toFixed(2)}`;
}

/** Dollars, with more digits where they are few. */
export function dollars(usd: number | undefined): string {
  if (usd === undefined) return 'cost unknown';
  if (usd === 0) return '$0';
  return usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}

/** A duration in the two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Bytes in the largest fitting unit. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 'B';
  for (const larger of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = larger;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** An interval of differences. */
export function differenceInterval([low, high]: readonly [number, number]): string {
  return `${signed(low)} to ${signed(high)}`;
}

/** The name of a paired test. */
export function testName(test: SealedTest['test']): string {
  switch (test) {
    case 'mcnemar-exact':
      return 'exact McNemar';
    case 'sign-flip':
      return 'paired permutation';
    case 'sign-flip-normal':
      return 'paired permutation, normal limit';
  }
}

/** Calls, tokens, dollars and time in one line; of an optimization with what its search asked itself. */
export function usageLine(usage: UsageSummary & Partial<RunUsage>): string {
  const { reflectionCalls = 0, reflectionCostUsd, failedCalls } = usage;
  const reflections = `${counted(reflectionCalls, 'reflection')}${reflectionCostUsd === undefined || reflectionCostUsd === 0 ? '' : ` of ${dollars(reflectionCostUsd)}`}`;
  const parts = [
    `${counted(usage.calls, 'call')}${usage.cachedCalls === 0 ? '' : ` (${count(usage.cachedCalls)} from the cache)`}`,
    ...(reflectionCalls === 0 ? [] : [reflections]),
    ...(failedCalls > 0 ? [`${count(failedCalls)} failed`] : []),
    tokensText(usage),
    spending(usage),
    duration(usage.wallMs),
  ];
  if (usage.retries > 0) parts.push(usage.retries === 1 ? '1 retry' : `${count(usage.retries)} retries`);
  return parts.join(', ');
}

function tokensText({ inputTokens, outputTokens }: UsageSummary): string {
  return inputTokens === undefined || outputTokens === undefined
    ? 'tokens unknown'
    : counted(inputTokens + outputTokens, 'token');
}

/** What was paid, and what the answers would have cost where some came from the cache. */
function spending({ spentUsd, costUsd, cachedCalls }: UsageSummary): string {
  if (spentUsd === undefined) return dollars(undefined);
  const paid = `${dollars(spentUsd)} spent`;
  return cachedCalls > 0 && costUsd !== undefined && costUsd > spentUsd
    ? `${paid} of ${dollars(costUsd)}`
    : paid;
}

/** One line of at most `width` characters: line breaks become spaces, a cut is marked. */
export function oneLine(text: string, width: number): string {
  // Control characters of a row must not reach the terminal.
  const flat = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return flat.length <= width ? flat : `${flat.slice(0, Math.max(0, width - 1))}…`;
}
