import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOptional } from './load-optional.ts';

const absent = () => {
  throw Object.assign(new Error("Cannot find package 'hone-absent'"), { code: 'ERR_MODULE_NOT_FOUND' });
};

test('an absent package is explained with the command that installs it', async () => {
  await expect(loadOptional('hone-absent', async () => absent())).rejects.toMatchObject({
    code: 'HONE_MISSING_DEPENDENCY',
    hint: 'Run: npm install hone-absent',
  });
});

test('the copy in the user’s project is taken when Hone’s place has none', async () => {
  const projectFolder = await mkdtemp(join(tmpdir(), 'hone-optional-'));
  const folder = join(projectFolder, 'node_modules', 'hone-absent');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"name":"hone-absent","main":"index.cjs"}');
  await writeFile(join(folder, 'index.cjs'), 'exports.answer = 42;');
  const load = async (): Promise<{ answer: number }> => absent();
  await expect(loadOptional('hone-absent', load, { projectFolder })).resolves.toMatchObject({ answer: 42 });
});

test('a package that is there and broken shows its own error', async () => {
  const broken = async (): Promise<object> => {
    throw new SyntaxError('Unexpected token');
  };
  await expect(loadOptional('hone-broken', broken)).rejects.toThrow('Unexpected token');
});
