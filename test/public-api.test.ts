import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';

interface PackageJson {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

const { exports: exportPaths } = JSON.parse(readFileSync('package.json', 'utf8')) as PackageJson;
const doors = readdirSync('src/public').map((file) => file.replace(/\.ts$/u, ''));

test('every export path of the package is one file of src/public, and the other way round', () => {
  const targets = Object.entries(exportPaths).filter(([path]) => path !== './package.json');
  expect(Object.fromEntries(targets)).toEqual(
    Object.fromEntries(
      doors.map((door) => [
        door === 'index' ? '.' : `./${door}`,
        { types: `./dist/public/${door}.d.ts`, default: `./dist/public/${door}.js` },
      ]),
    ),
  );
});

describe.each(doors)('%s', (door) => {
  const names = exportedNames(readFileSync(`src/public/${door}.ts`, 'utf8'));

  it('exports what it exported before', () => {
    // A name that goes or changes breaks those who use it: update the snapshot only with an entry in CHANGELOG.md.
    expect(names).toMatchSnapshot();
  });

  it('exports values that are there', async () => {
    const module: object = await import(`../src/public/${door}.ts`);
    expect(Object.keys(module).sort()).toEqual(names.filter((name) => !name.startsWith('type ')).sort());
    expect(Object.values(module)).not.toContain(undefined);
  });
});

/** The names behind `export {…} from` and `export type {…} from`; types are marked. */
function exportedNames(text: string): readonly string[] {
  return [...text.matchAll(/^export (type )?\{([^}]*)\}/gmu)]
    .flatMap(([, type = '', list = '']) => {
      const names = list.split(',').map((name) => name.trim());
      return names.filter((name) => name !== '').map((name) => `${type}${name.replace(/^.* as /u, '')}`);
    })
    .sort();
}
