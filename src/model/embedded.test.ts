import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../base/hash.ts';
import { embeddedModel } from './embedded.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hone-embedded-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const places = () => ({ modelFolder: folder, runtimeFolder: folder, projectFolder: process.cwd() });

test.each([
  { model: undefined, hint: 'Run: hone models pull' },
  { model: 'hf:owner/name/file.gguf', hint: 'Run: hone models pull hf:owner/name/file.gguf' },
  { model: '/no/such/file.gguf', hint: 'Give the path of a GGUF file that exists.' },
])('the missing file of $model is named with what to do', ({ model, hint }) => {
  expect(() => embeddedModel({ ...places(), model })).toThrow(
    expect.objectContaining({ code: 'HONE_MODEL_FILE_INVALID', hint }),
  );
});

test('a file of one’s own becomes a model that knows its identity before it loads', async () => {
  const path = join(folder, 'My-Model.Q8.gguf');
  await writeFile(path, 'content');
  const model = embeddedModel({ ...places(), model: path });
  expect(model).toMatchObject({ id: 'local/My-Model.Q8', maxConcurrency: 1, inProcess: true });
  expect(model.endpoint).toContain(sha256('content'));
});

test('a file that is no model fails at its first call and names the file', async () => {
  const path = join(folder, 'broken.gguf');
  await writeFile(path, 'this is no GGUF');
  const model = embeddedModel({ ...places(), model: path });
  await expect(model.generate({ messages: [{ role: 'user', content: 'Hi' }] })).rejects.toMatchObject({
    code: 'HONE_MODEL_FILE_INVALID',
    message: expect.stringContaining(path),
  });
  await model.dispose?.();
});
