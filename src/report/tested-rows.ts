import type { SealedTest } from '../optimizer/driver/report.ts';
import { count, counted } from './numbers.ts';

/** The rows behind a proof: how many, how they were kept apart, and those that are missing. */
export function testedRows({ rows, clusters, lost, oneSided, method, use }: SealedTest): string {
  const how =
    method === 'cross-fit'
      ? 'by cross-fitting: a claim about the procedure, not about this one prompt'
      : 'that no search has seen';
  return [
    `${counted(rows, 'row')} ${how}`,
    ...(clusters === rows ? [] : [`they count as ${count(clusters)}`]),
    ...(lost === 0 ? [] : [`${count(lost)} lost to faults`]),
    ...(oneSided.seed === 0 ? [] : [`${count(oneSided.seed)} scored with the seed alone`]),
    ...(oneSided.winner === 0 ? [] : [`${count(oneSided.winner)} scored with the winner alone`]),
    ...(use === 1 ? [] : [`use ${count(use)} of these rows`]),
  ].join('; ');
}

/** With a capital letter. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
