import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declareCommands } from '../src/cli/declare-commands.ts';
import { memoryIo } from '../src/cli/memory-io.ts';

const hone = declareCommands({
  io: memoryIo({ cwd: '.' }),
  argv: [],
  finish: () => undefined,
  rerun: async () => 0,
  rerunWith: async () => 0,
});
const flags = new Map(
  hone.commands.map((command) => [
    command.name(),
    new Set(['--help', ...command.options.flatMap(({ long, short }) => [long, short])]),
  ]),
);

const texts = [
  'README.md',
  ...['src', 'docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|md|mjs|ya?ml)$/.test(name) && !/\.test(?:-d)?\.ts$/.test(name))
      .map((name) => join(folder, name)),
  ),
];

/** Commands as people are told to type them: in backquotes, after `Run:`, or as lines of a shell block. */
function commandsOf(text: string): readonly string[] {
  const quoted = /`(?:npx )?hone ([a-z][^`\n]*)`/g;
  const told = /(?:: |^\s*(?:\$ )?(?:npx )?)hone ([a-z][^'"`\n#]*)/gm;
  return [...text.matchAll(quoted), ...text.matchAll(told)].flatMap(
    // What follows in parentheses is prose.
    ([, line = '']) => line.replace(/ \(.*$/u, ''),
  );
}

test.each(texts)('%s names only commands and flags that there are', (path) => {
  const wrong = commandsOf(readFileSync(path, 'utf8')).filter((line) => {
    const [name = '', ...words] = line.split(/[\s,;]+/);
    const known = flags.get(name.replace(/[.:)]$/, ''));
    if (known === undefined) return /^[a-z]+(?:-[a-z]+)*$/.test(name) && words[0]?.startsWith('--');
    return words.some((word) => /^--[a-z]/.test(word) && !known.has(word.replace(/[=.…)\]|\\].*$/u, '')));
  });
  expect(wrong).toEqual([]);
});
