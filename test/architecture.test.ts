import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { checkArchitecture, levels } from './architecture/rules.ts';
import { importsOf, type SourceFile } from './architecture/source.ts';

const files: readonly SourceFile[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

test('the house stands: every file keeps the rules', () => {
  // A checker that sees nothing finds nothing.
  expect(files.flatMap(importsOf).length).toBeGreaterThan(2 * files.length);
  const violations = checkArchitecture(files).map(({ path, line, rule }) => `${path}:${line} ${rule}`);
  expect(violations).toEqual([]);
});

test('the table of levels in docs/architecture.md is the one that holds', () => {
  const table = [
    ...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| (\d+) \| ([^|]+) \|/gmu),
  ].flatMap(([, level, rooms]) =>
    [...(rooms ?? '').matchAll(/`(\w+)\/`/gu)].map(([, room]) => [room, Number(level)]),
  );
  const rooms = new Set(files.map(({ path }) => path.split('/')[1]).filter((room) => room !== 'public'));
  expect(Object.fromEntries(table)).toEqual(
    Object.fromEntries(Object.entries(levels).filter(([room]) => rooms.has(room))),
  );
});

describe('a wrong source is found', () => {
  const lines = (count: number) => 'const a = 1;\n'.repeat(count);
  const up = "import { optimize } from '../optimizer/optimize.ts';\n";

  test.each<[what: string, rule: RegExp, line: number, ...files: [path: string, text: string][]]>([
    [
      'an import upwards',
      /model\/ \(level 1\) may not see optimizer\/ \(level 6\), which lies above/,
      1,
      ['src/model/a.ts', up],
    ],
    [
      'one over several lines',
      /may not see/,
      2,
      ['src/model/a.ts', "\nimport {\n  a,\n} from '../optimizer/optimize.ts';"],
    ],
    [
      'a method that sees another method',
      /a method sees no other method/,
      1,
      ['src/optimizer/method/a.ts', "import { b } from './b.ts';"],
    ],
    [
      'a part that sees the driver',
      /optimizer\/part\/ may not see optimizer\/driver\//,
      1,
      ['src/optimizer/part/a.ts', "import { b } from '../driver/b.ts';"],
    ],
    [
      'a driver that sees a method',
      /optimizer\/driver\/ may not see optimizer\/method\//,
      1,
      ['src/optimizer/driver/a.ts', "import { b } from '../method/b.ts';"],
    ],
    [
      'a contract that sees a room of its own',
      /the contract of optimizer\/ sees none of its rooms/,
      1,
      ['src/optimizer/optimizer.ts', "import { b } from './part/b.ts';"],
    ],
    ['a type import upwards', /may not see/, 1, ['src/model/a.ts', up.replace('import', 'import type')]],
    [
      'a dynamic import upwards',
      /may not see/,
      2,
      ['src/base/a.ts', "\nconst a = await import('../model/a.ts');"],
    ],
    [
      'an import() of a type upwards',
      /may not see/,
      1,
      ['src/base/a.ts', "type A = typeof import('../model/a.ts');"],
    ],
    ['an import for its effect upwards', /may not see/, 1, ['src/base/a.ts', "import '../model/a.ts';"]],
    [
      'an import inside a template',
      /may not see/,
      1,
      ['src/base/a.ts', `\`a \${await import('../model/a.ts')} b\`;`],
    ],
    [
      'an import from a nested folder',
      /may not see/,
      1,
      ['src/model/provider/a.ts', "import { a } from '../../config/a.ts';"],
    ],
    [
      'a look at a room beside',
      /which lies beside it/,
      1,
      ['src/store/a.ts', "import { a } from '../model/a.ts';"],
    ],
    ['a test that looks up', /may not see/, 1, ['src/store/a.test.ts', up]],
    ['cli seeing testing', /lies beside it/, 1, ['src/cli/a.ts', "import { a } from '../testing/a.ts';"]],
    [
      'a room that is not in the table',
      /is no room/,
      1,
      ['src/cli/a.ts', "import { a } from '../attic/a.ts';"],
    ],
    [
      'a file outside any room',
      /lies in no room/,
      1,
      ['src/attic/a.ts', "import { a } from '../base/a.ts';"],
    ],
    [
      'an import from outside src',
      /outside src/,
      1,
      ['src/cli/a.ts', "import { a } from '../../test/a.ts';"],
    ],
    [
      'an import from public',
      /src\/public is for users/,
      1,
      ['src/cli/a.ts', "import { a } from '../public/scorers.ts';"],
    ],
    [
      'another public file in the catalog',
      /for users/,
      1,
      ['src/config/catalog.ts', "import { a } from '../public/index.ts';"],
    ],
    [
      'code in public',
      /only exports again/,
      2,
      ['src/public/a.ts', "export { a } from '../base/a.ts';\nexport const b = 1;"],
    ],
    [
      'a barrel in a room',
      /only src\/public exports again/,
      1,
      ['src/base/a.ts', "export { a } from './b.ts';"],
    ],
    ['a type barrel in a room', /exports again/, 1, ['src/base/a.ts', "export type { A } from './b.ts';"]],
    [
      'an optional package at load time',
      /is optional/,
      1,
      ['src/model/a.ts', "import { openai } from '@ai-sdk/openai';"],
    ],
    [
      'the local model at load time',
      /is optional/,
      1,
      ['src/model/a.ts', "import { getLlama } from 'node-llama-cpp';"],
    ],
    [
      'an optional package in two files',
      /in one file, and that is src\/store\/a\.ts/,
      1,
      ['src/store/a.ts', "await import('pg');"],
      ['src/store/b.ts', "await import('pg');"],
    ],
    ['jstat elsewhere', /base\/distributions/, 1, ['src/evaluation/a.ts', "import jStat from 'jstat';"]],
    ['SQL outside the store', /store\/ alone/, 1, ['src/registry/a.ts', "import { sql } from 'kysely';"]],
    ['a driver outside the store', /store\/ alone/, 1, ['src/registry/a.ts', "await import('libsql');"]],
    [
      'an environment variable read in a room',
      /src\/config alone/,
      2,
      ['src/model/a.ts', '\nconst a = process.env.KEY;'],
    ],
    ['printing outside the command line', /only cli/, 1, ['src/optimizer/a.ts', "console.log('a');"]],
    ['printing inside a template', /only cli/, 1, ['src/base/a.ts', `\`\${console.log(1)}\`;`]],
    ['a clock of its own', /from a Clock/, 1, ['src/model/a.ts', 'const now = Date.now();']],
    ['the date of today', /from a Clock/, 1, ['src/cli/a.ts', 'const now = new Date();']],
    ['chance in the optimizer', /unseeded/, 1, ['src/optimizer/a.ts', 'const a = Math.random();']],
    ['a timer in the optimizer', /no clock/, 1, ['src/optimizer/a.ts', 'setTimeout(() => a(), 5);']],
    ['an interval in the optimizer', /timer/, 1, ['src/optimizer/a.ts', 'setInterval(() => a(), 5);']],
    ['a long file', /at most 400 lines/, 401, ['src/base/a.ts', lines(401)]],
    ['a long test', /at most 600 lines/, 601, ['src/base/a.test.ts', lines(601)]],
    ['a file for everything', /named after/, 1, ['src/base/utils.ts', 'export const a = 1;']],
    ['a file of types', /named after/, 1, ['src/store/types.ts', 'export const a = 1;']],
  ])('%s', (...[, rule, line, ...sources]) => {
    const violations = checkArchitecture(sources.map(([path, text]) => ({ path, text })));
    expect(violations).toEqual([{ path: sources.at(-1)?.[0], line, rule: expect.stringMatching(rule) }]);
  });
});

describe('a right source is left alone', () => {
  test.each<[what: string, path: string, text: string]>([
    ['an import downwards', 'src/model/a.ts', "import { a } from '../base/a.ts';"],
    ['an import within the room', 'src/model/provider/a.ts', "import { a } from '../a.ts';"],
    ['a test with a stand-in', 'src/store/a.test.ts', "import { a } from '../testing/a.ts';"],
    ['the catalog', 'src/config/catalog.ts', "import * as a from '../public/optimizers.ts';"],
    [
      'public',
      'src/public/a.ts',
      "export { type A, a } from '../cli/a.ts';\n// why\nexport * from '../base/a.ts';\n",
    ],
    ['types of an optional package', 'src/model/a.ts', "import type { Token } from 'node-llama-cpp';"],
    ['what a comment says', 'src/base/a.ts', "// import '../cli/a.ts'\n/* console.log(Date.now()) */"],
    ['what a string says', 'src/base/a.ts', "const a = \"import '../cli/a.ts'\"; const b = 'console.log()';"],
    [
      'what a template says',
      'src/base/a.ts',
      `const a = \`\nimport { a } from '../cli/a.ts'; \${b} console.log()\`;`,
    ],
    ['what a pattern says', 'src/base/a.ts', 'const a = /["\'`]/u; const b = text.match(/process.env/);'],
    ['a division', 'src/base/a.ts', "const a = b / c; const d = '/'; const e = f / g;"],
    ['a date from a number', 'src/cli/a.ts', 'const a = new Date(clock.now());'],
    ['the timer of the session', 'src/optimizer/driver/session.ts', 'setInterval(() => a(), 5);'],
    ['the clock', 'src/base/clock.ts', 'const a = Date.now();'],
  ])('%s', (_, path, text) => {
    expect(checkArchitecture([{ path, text }])).toEqual([]);
  });
});

describe('the imports of a file', () => {
  it('are found in every form, with their line and kind', () => {
    const text = [
      "import a, { type B, c } from './a.ts'; import './b.ts';",
      "import type { D } from './d.ts';",
      "export { e } from './e.ts';",
      "export type { F } from './f.ts';",
      "const g = await import( './g.ts' ); type H = typeof import('./h.ts');",
      "export const i = './i.ts';",
    ].join('\n');
    const found = importsOf({ path: 'src/base/x.ts', text });
    expect(found.map(({ specifier, line, kind, isReExport }) => [specifier, line, kind, isReExport])).toEqual(
      [
        ['./a.ts', 1, 'static', false],
        ['./b.ts', 1, 'static', false],
        ['./d.ts', 2, 'type', false],
        ['./e.ts', 3, 'static', true],
        ['./f.ts', 4, 'type', true],
        ['./g.ts', 5, 'dynamic', false],
        ['./h.ts', 5, 'type', false],
      ],
    );
  });
});
