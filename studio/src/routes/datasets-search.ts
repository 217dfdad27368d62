import { textIn } from './search-values.ts';

export interface DatasetsSearch {
  /** The file that is shown. */
  readonly file?: string | undefined;
  readonly q?: string | undefined;
}

export function readDatasetsSearch(search: Record<string, unknown>): DatasetsSearch {
  return { file: textIn(search, 'file'), q: textIn(search, 'q') };
}
