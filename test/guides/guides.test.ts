import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';

const folder = 'examples/write-your-own';
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** Code of a page that stands in a file: its path in a comment above, then the block. */
function quotesOf(page: string): readonly { readonly path: string; readonly code: string }[] {
  const text = readFileSync(`docs/guides/${page}`, 'utf8');
  return [...text.matchAll(/<!-- (examples\/\S+) -->\n```ts\n(.*?)```/gsu)].map(
    ([, path = '', code = '']) => ({
      path,
      code,
    }),
  );
}

describe.each(files)('%s', (file) => {
  const path = `${folder}/${file}`;
  const code = readFileSync(path, 'utf8');

  it('stands as it is in its guide', () => {
    const quotes = quotesOf(`write-a${file.startsWith('o') ? 'n' : ''}-${file.replace('.ts', '.md')}`);
    expect(quotes.filter((quote) => quote.path === path).map((quote) => quote.code)).toEqual([code]);
  });

  it('needs nothing but the package', () => {
    const imports = [...code.matchAll(/from '([^']+)'/gu)].map(([, from]) => from);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((from) => !/^hone-ai(\/\w+)?$/u.test(from ?? ''))).toEqual([]);
  });
});

test.each(['optimizer.ts', 'program.ts'])('%s has fewer than 60 lines', (file) => {
  expect(readFileSync(`${folder}/${file}`, 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
});
