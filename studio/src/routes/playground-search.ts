import { textIn, wordIn } from './search-values.ts';

export const boardViews = ['answers', 'difference', 'messages'] as const;

export interface PlaygroundSearch {
  /** A table to take the rows from. */
  readonly data?: string | undefined;
  /** A prompt file to put into a column. */
  readonly prompt?: string | undefined;
  readonly view?: (typeof boardViews)[number] | undefined;
  /** The selected cell: a letter and the id of a row. */
  readonly cell?: string | undefined;
}

export function readPlaygroundSearch(search: Record<string, unknown>): PlaygroundSearch {
  return {
    data: textIn(search, 'data'),
    prompt: textIn(search, 'prompt'),
    view: wordIn(search, 'view', boardViews),
    cell: textIn(search, 'cell'),
  };
}
