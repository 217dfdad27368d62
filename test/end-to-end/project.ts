import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { memoryIo } from '../../src/cli/memory-io.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';

const top = mkdtempSync(join(tmpdir(), 'hone-bad-input-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

export type Files = Readonly<Record<string, string>>;

/** A project with a prompt and 100 rows of two answers, and what else a test needs. */
export function project(files: Files = {}): string {
  const folder = mkdtempSync(join(top, 'project-'));
  const all = { 'prompt.md': 'Say what it is.\n', 'rows.csv': table(100), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Texts far enough apart that no two count as near-duplicates. */
export function table(rows: number, kinds: readonly string[] = ['fruit', 'vegetable']): string {
  const word = (number: number) => Math.abs(Math.sin(number) * 1e9).toString(36);
  const lines = Array.from({ length: rows }, (_, row) => {
    const text = [1, 2, 3].map((part) => word(row * 7 + part)).join(' ');
    return `${text},${kinds[row % kinds.length]}`;
  });
  return `text,kind\n${lines.join('\n')}\n`;
}

export async function hone(
  folder: string,
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
) {
  // A model folder without models, so that nothing depends on this machine.
  const io = memoryIo({ cwd: folder, variables: { HONE_MODEL_DIR: join(top, 'models'), ...variables } });
  const code = await runCommandLine(argv, io);
  return { code, output: io.output(), errors: io.errors() };
}

/** One message and one fix, each in a line, and nothing for the eyes of a developer. */
export function expectOneMessage(errors: string, message: RegExp, fix: RegExp): void {
  const lines = errors.trim().split('\n');
  expect(lines.filter((line) => line.startsWith('error HONE_'))).toHaveLength(1);
  expect(lines.at(-2)).toMatch(/^error HONE_/);
  expect(lines.at(-2)).toMatch(message);
  expect(lines.at(-1)).toMatch(/^fix: /);
  expect(lines.at(-1)).toMatch(fix);
  expect(errors).not.toMatch(/^ +at /m);
}

/** The database still opens. @returns how many answers are in it */
export async function storedAnswers(folder: string): Promise<number> {
  const { code, output } = await hone(folder, ['cache', 'stats', '--json']);
  expect(code).toBe(0);
  return (JSON.parse(output) as { readonly answers: number }).answers;
}

/** The flags that name the rows of a project. */
export const rows = ['--data', 'rows.csv', '--expected', 'kind'];
