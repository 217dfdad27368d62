import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

test('folders are made down to the last, and those that exist stay', () => {
  const top = mkdtempSync(join(tmpdir(), 'hone-folder-'));
  makeFolder(join(top, 'a', 'b', 'c'));
  makeFolder(join(top, 'a', 'b', 'c'));
  expect(existsSync(join(top, 'a', 'b', 'c'))).toBe(true);
  rmSync(top, { recursive: true });
});

test('a file in the way is named', () => {
  const top = mkdtempSync(join(tmpdir(), 'hone-folder-'));
  writeFileSync(join(top, 'a'), '');
  expect(() => makeFolder(join(top, 'a', 'b'))).toThrow(
    `EEXIST: file already exists, mkdir '${join(top, 'a')}'`,
  );
  rmSync(top, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'where nothing can be made it fails instead of trying forever',
  () => {
    expect(() => makeFolder('/proc/hone/reports')).toThrow(/ENOENT|EACCES|EPERM/);
  },
);
