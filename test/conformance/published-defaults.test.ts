import { describe, expect, test } from 'vitest';
import { defaultOf, optimizersWithOptions } from '../options/options-page.ts';
import { exportedNames } from './every-optimizer.ts';
import { type PublishedDefault, publishedDefaults, withoutPublished } from './published-defaults.ts';

const schemas = new Map((await optimizersWithOptions()).map(({ name, schema }) => [name, schema]));

function ownDefault(name: string, option: string): unknown {
  const schema = schemas.get(name)?.properties?.[option];
  expect(schema, `${name} has no option ${option}`).toBeDefined();
  return schema?.default;
}

describe.each(Object.entries(publishedDefaults))('%s', (name, defaults) => {
  test.each(defaults)(
    'has the published default of $option, or says why not',
    ({ option, published, because }) => {
      const isPublished = ownDefault(name, option) === published;
      expect(because === undefined, `default ${ownDefault(name, option)}, published ${published}`).toBe(
        isPublished,
      );
    },
  );
});

test('every optimizer is held to what is published, or nothing is', () => {
  const known = [...Object.keys(publishedDefaults), ...Object.keys(withoutPublished)].sort();
  expect(known).toEqual(exportedNames);
});

test('the page of defaults is what they are', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/reference/published-defaults.md');
});

function page(): string {
  const rows = Object.entries(publishedDefaults).flatMap(([name, defaults]) =>
    defaults.map((each) => rowOf(name, each)),
  );
  const others = Object.entries(withoutPublished).map(([name, why]) => `- \`${name}\`: ${why}.`);
  return `# Published defaults

<!-- Made from test/conformance/published-defaults.ts. \`npx vitest run --project conformance -u\` writes it again. -->

What the authors of a method use, or what their code has, and where Hone's default is another, why. Options that no
publication has are not listed; all of them are in [the options](options.md).

| optimizer | option | default | published | why another |
|---|---|---|---|---|
${rows.join('\n')}

Without published defaults:

${others.join('\n')}
`;
}

function rowOf(name: string, { option, published, because = '' }: PublishedDefault): string {
  const own = defaultOf(schemas.get(name)?.properties?.[option] ?? {}) ?? '';
  const given =
    typeof published === 'string' && because !== ''
      ? published
      : because === ''
        ? 'the same'
        : JSON.stringify(published);
  return `| \`${name}\` | \`${option}\` | ${own} | ${given} | ${because} |`;
}
