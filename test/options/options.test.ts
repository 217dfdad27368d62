import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultOf, optimizersWithOptions, optionsPage, scorersWithOptions } from './options-page.ts';

test('the reference of options is what the schemas say', async () => {
  await expect(await optionsPage()).toMatchFileSnapshot('../../docs/reference/options.md');
});

const all = [...(await optimizersWithOptions()), ...(await scorersWithOptions())];
/** Options that several scorers share are documented once. */
const shared = readFileSync('src/scorer/equality.ts', 'utf8');

describe.each(all.map((one) => ({ ...one })))('$name', ({ file, source, schema, name }) => {
  const options = Object.entries(schema.properties ?? {});
  // In code these are parameters, and only a name in a file or a flag takes them as options.
  const parameters = ['regex.pattern', 'withinLimit.measure', 'withinLimit.limit'];
  const inCode = options.filter(([option]) => !parameters.includes(`${name}.${option}`));

  test.each(options.map(([option, of]) => ({ option, of })))('says what $option is', ({ of }) => {
    expect(of.description).toMatch(/\.$/);
  });

  test.each(inCode.map(([option, of]) => ({ option, of })))(
    'explains $option in the editor as the reference does',
    ({ option, of }) => {
      const comment = commentOf(option, [source, shared]);
      expect(comment, `${file} must explain ${option} with a doc comment`).toBeDefined();
      expect(/@default (.*)$/.exec(comment ?? '')?.[1]?.replaceAll(/[_`']/g, '')).toBe(
        defaultOf(of)?.replaceAll(/[_`']/g, ''),
      );
    },
  );
});

/** The doc comment before an optional member, in one line. */
function commentOf(option: string, sources: readonly string[]): string | undefined {
  const pattern = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*readonly ${option}\\??:`);
  const found = sources.map((source) => pattern.exec(source)?.[1]).find((text) => text !== undefined);
  return found?.replaceAll(/\s*\n\s*\* ?/g, ' ').trim();
}
