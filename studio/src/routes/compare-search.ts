import { textIn, wordIn } from './search-values.ts';

export const flipFilters = ['flips', 'fixed', 'broken', 'changed', 'same', 'all'] as const;

export interface CompareSearch {
  /** The baseline. */
  readonly a?: string | undefined;
  /** Up to seven others, separated by commas; the last one's rows are shown. */
  readonly b?: string | undefined;
  /** A field whose values are slices. */
  readonly by?: string | undefined;
  readonly show?: (typeof flipFilters)[number] | undefined;
  /** `baseline` for the row in A; else in B. */
  readonly side?: 'a' | 'b' | undefined;
  readonly row?: string | undefined;
  readonly trial?: number | undefined;
}

export function readCompareSearch(search: Record<string, unknown>): CompareSearch {
  const trial = Number(search.trial);
  return {
    a: textIn(search, 'a'),
    b: textIn(search, 'b'),
    by: textIn(search, 'by'),
    show: wordIn(search, 'show', flipFilters),
    side: wordIn(search, 'side', ['a', 'b']),
    row: textIn(search, 'row'),
    trial: search.trial !== undefined && Number.isInteger(trial) && trial >= 0 ? trial : undefined,
  };
}
