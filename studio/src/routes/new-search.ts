import { textIn, wordIn } from './search-values.ts';

export interface NewSearch {
  readonly data?: string | undefined;
  readonly prompt?: string | undefined;
  readonly kind?: 'evaluation' | 'optimization' | undefined;
}

export function readNewSearch(search: Record<string, unknown>): NewSearch {
  return {
    data: textIn(search, 'data'),
    prompt: textIn(search, 'prompt'),
    kind: wordIn(search, 'kind', ['evaluation', 'optimization']),
  };
}
