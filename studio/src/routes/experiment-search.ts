import { textIn, wholeIn, wordIn } from './search-values.ts';

export const rowOrders = ['failures', 'stored', 'score', 'latency', 'cost'] as const;

export interface ExperimentSearch {
  readonly tab?: 'rows' | 'prompt' | undefined;
  readonly q?: string | undefined;
  /** Statuses of rows, separated by commas. */
  readonly status?: string | undefined;
  /** `field:value` */
  readonly slice?: string | undefined;
  readonly sort?: (typeof rowOrders)[number] | undefined;
  readonly row?: string | undefined;
  readonly trial?: number | undefined;
}

export function readExperimentSearch(search: Record<string, unknown>): ExperimentSearch {
  return {
    tab: wordIn(search, 'tab', ['rows', 'prompt']),
    q: textIn(search, 'q'),
    status: textIn(search, 'status'),
    slice: textIn(search, 'slice'),
    sort: wordIn(search, 'sort', rowOrders),
    row: textIn(search, 'row'),
    trial: wholeIn(search, 'trial'),
  };
}
