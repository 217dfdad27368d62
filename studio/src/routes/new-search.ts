import { textIn, wordIn } from './search-values.ts';

export interface NewSearch {
  readonly data?: string | undefined;
  readonly prompt?: string | undefined;
  /** Whether a text of the playground is to be taken over. */
  readonly draft?: boolean | undefined;
  readonly kind?: 'evaluation' | 'optimization' | undefined;
}

export function readNewSearch(search: Record<string, unknown>): NewSearch {
  return {
    data: textIn(search, 'data'),
    prompt: textIn(search, 'prompt'),
    draft: search.draft === true ? true : undefined,
    kind: wordIn(search, 'kind', ['evaluation', 'optimization']),
  };
}
