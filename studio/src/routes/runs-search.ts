import { textIn, wordIn } from './search-values.ts';

export interface RunsSearch {
  readonly kind?: 'evaluation' | 'optimization' | undefined;
  readonly q?: string | undefined;
  /** Ids of runs to compare, the baseline first. */
  readonly sel?: string | undefined;
}

export function readRunsSearch(search: Record<string, unknown>): RunsSearch {
  return {
    kind: wordIn(search, 'kind', ['evaluation', 'optimization']),
    q: textIn(search, 'q'),
    sel: textIn(search, 'sel'),
  };
}
