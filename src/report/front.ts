import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { Objective } from '../optimizer/optimizer.ts';
import { dollars, duration, score } from './numbers.ts';

/** A candidate of the front as a line of a table. */
export interface FrontRow {
  readonly hash: string;
  /** One an objective, with its unit. */
  readonly values: readonly string[];
  readonly marks: readonly string[];
}

/** The front with what stands out on it; undefined where the score is all that counts. */
export function frontRows({
  front,
  knee,
  best,
  seed,
  objectives,
}: OptimizationReport): readonly FrontRow[] | undefined {
  return front?.map(({ hash, objectives: values }) => ({
    hash,
    values: objectives.map(({ name }) => objectiveText(name, values[name])),
    marks: [
      ...(hash === best.hash ? ['best'] : []),
      ...(hash === seed.hash ? ['seed'] : []),
      ...(hash === knee ? ['knee'] : []),
    ],
  }));
}

/** The heading of an objective, with its limit. */
export function objectiveTitle({ name, direction, bound }: Objective): string {
  if (bound === undefined) return name;
  return `${name} ${direction === 'minimize' ? '≤' : '≥'} ${objectiveText(name, bound)}`;
}

/** The mean of a row by an objective, in its unit. */
export function objectiveText(name: string, value: number | undefined): string {
  if (value === undefined) return '–';
  switch (name) {
    case 'cost':
      return dollars(value);
    case 'latency':
      return duration(value);
    case 'tokens':
      return value.toFixed(0);
    default:
      return score(value);
  }
}
