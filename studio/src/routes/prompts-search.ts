import { wholeIn, wordIn } from './search-values.ts';

export interface PromptsSearch {
  readonly v?: number | undefined;
  /** The version that it is compared with. */
  readonly vs?: number | undefined;
  readonly tab?: 'change' | 'prompt' | undefined;
}

export function readPromptsSearch(search: Record<string, unknown>): PromptsSearch {
  return {
    v: wholeIn(search, 'v'),
    vs: wholeIn(search, 'vs'),
    tab: wordIn(search, 'tab', ['change', 'prompt']),
  };
}
