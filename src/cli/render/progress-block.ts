import type { Progress } from '../../evaluation/evaluate.ts';
import { count, dollars, duration } from '../../report/numbers.ts';
import type { Style } from './style.ts';

export interface ProgressView {
  readonly progress: Progress;
  /** Most dollars, where there is a limit. */
  readonly limitUsd?: number | undefined;
  /** Said after the first Ctrl-C. */
  readonly isStopping?: boolean | undefined;
}

const barWidth = 24;

/** How far a run is, for a block on a terminal that is redrawn. */
export function renderProgressBlock(view: ProgressView, style: Style): string {
  const { progress, isStopping = false } = view;
  const { done, total } = progress;
  const share = total === undefined ? '' : `${bar(done / Math.max(1, total))} `;
  const figures = [rate(progress), spending(view), cacheHits(progress), remaining(progress)];
  return [
    `${style.bold(progress.phase)}  ${share}${amount(progress)}`,
    style.dim(figures.filter((part) => part !== '').join(' · ') || 'starting'),
    ...(isStopping ? [style.warn(stoppingText)] : []),
  ].join('\n');
}

/** What is said after the first Ctrl-C. */
export const stoppingText =
  'stopping: the calls in flight are finished and kept (Ctrl-C again to leave at once)';

/** The same in one line, for output that is not redrawn. */
export function renderProgressLine(view: ProgressView): string {
  const { progress } = view;
  const parts = [
    `${progress.phase}: ${amount(progress)}`,
    rate(progress),
    spending(view),
    cacheHits(progress),
    remaining(progress),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function amount({ done, total }: Progress): string {
  return total === undefined ? `${count(done)} rows` : `${count(done)}/${count(total)} rows`;
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * barWidth);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
}

function rate({ done, elapsedMs }: Progress): string {
  if (done === 0 || elapsedMs < 1000) return '';
  const perSecond = done / (elapsedMs / 1000);
  return `${perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)} rows/s`;
}

function spending({ progress, limitUsd }: ProgressView): string {
  const { spentUsd } = progress;
  if (limitUsd !== undefined) return `${dollars(spentUsd)} of ${dollars(limitUsd)}`;
  return spentUsd === undefined || spentUsd === 0 ? '' : `${dollars(spentUsd)} spent`;
}

function cacheHits({ calls, cachedCalls }: Progress): string {
  if (calls === 0 || cachedCalls === 0) return '';
  return `${Math.round((cachedCalls / calls) * 100)} % from the cache`;
}

function remaining({ done, total, elapsedMs }: Progress): string {
  if (total === undefined || done === 0 || done >= total || elapsedMs < 1000) return '';
  return `about ${duration((elapsedMs / done) * (total - done))} left`;
}
