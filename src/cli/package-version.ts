import { readFileSync } from 'node:fs';

/** The version of this package. The file lies two levels up, in the sources as in the built package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
