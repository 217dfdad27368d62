import { textIn, wholeIn, wordIn } from './search-values.ts';

export interface OptimizeSearch {
  /** Number of the selected candidate. */
  readonly candidate?: number | undefined;
  readonly tab?: 'change' | 'rows' | 'prompt' | undefined;
  readonly row?: string | undefined;
  readonly trial?: number | undefined;
}

export function readOptimizeSearch(search: Record<string, unknown>): OptimizeSearch {
  return {
    candidate: wholeIn(search, 'candidate'),
    tab: wordIn(search, 'tab', ['change', 'rows', 'prompt']),
    row: textIn(search, 'row'),
    trial: wholeIn(search, 'trial'),
  };
}
