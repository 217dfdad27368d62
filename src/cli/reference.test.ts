import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { declareCommands } from './declare-commands.ts';
import { memoryIo } from './memory-io.ts';

const page = readFileSync('docs/reference/cli.md', 'utf8');
const hone = declareCommands({
  io: memoryIo({ cwd: '.' }),
  argv: [],
  finish: () => undefined,
  rerun: async () => 0,
  rerunWith: async () => 0,
});
const flagsOf = (command: Command) => command.options.flatMap(({ long }) => (long == null ? [] : [long]));

test.each(hone.commands.map((command) => ({ name: command.name(), command })))(
  'the reference explains hone $name and each of its flags',
  ({ name, command }) => {
    expect(page).toContain(`hone ${name}`);
    expect(flagsOf(command).filter((flag) => !new RegExp(`${flag}[ \`]`).test(page))).toEqual([]);
  },
);

test('the reference explains no flag that is not there', () => {
  const known = new Set(hone.commands.flatMap(flagsOf));
  const explained = [...page.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag);
  expect(explained.filter((flag) => !known.has(flag) && flag !== '--help')).toEqual([]);
});
