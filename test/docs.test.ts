import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';

const pages = [
  'README.md',
  'CHANGELOG.md',
  'examples/support-tickets/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test.each(pages)('every link of %s leads somewhere', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s#]+)[^)]*\)/gu)].map(
    ([, link]) => link ?? '',
  );
  const files = links.filter((link) => !/^[a-z]+:/u.test(link));
  expect(files.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

describe('the scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  it('call files that are there', () => {
    const called = Object.values(scripts).flatMap((script) => script.match(/[\w/.-]+\.m?[jt]s\b/gu) ?? []);
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((file) => !existsSync(file))).toEqual([]);
  });
});
