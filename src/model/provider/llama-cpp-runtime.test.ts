import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLlamaRuntime, installLlamaRuntime } from './llama-cpp-runtime.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hone-runtime-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An `npm` of our own, the only one that the installation can see. */
async function npm(script: string): Promise<Record<string, string>> {
  await writeFile(join(folder, 'npm'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'npm'), 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

const install = `echo "$@" > ../asked
mkdir -p node_modules/node-llama-cpp
echo '{"version":"3.22.1"}' > node_modules/node-llama-cpp/package.json`;

test('an installation in the project is preferred to all others', async () => {
  const own = join(folder, 'node_modules', 'node-llama-cpp');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'package.json'), '{"version":"3.99.0"}');
  const projectFolder = join(folder, 'packages', 'app');
  expect(findLlamaRuntime({ projectFolder, runtimeFolder: folder })).toEqual({
    folder: own,
    version: '3.99.0',
  });
});

test('the library is installed with the one CPU package of the platform and without scripts', async () => {
  const env = await npm(install);
  const runtimeFolder = join(folder, 'runtime');
  const runtime = await installLlamaRuntime({ runtimeFolder, env, platform: 'darwin', arch: 'arm64' });
  expect(runtime.version).toBe('3.22.1');
  expect(runtime.folder).toBe(join(runtimeFolder, 'node-llama-cpp-3.22.1', 'node_modules', 'node-llama-cpp'));
  expect(await readFile(join(runtimeFolder, 'asked'), 'utf8')).toContain(
    'install node-llama-cpp@3.22.1 @node-llama-cpp/mac-arm64-metal@3.22.1 --omit=optional --ignore-scripts',
  );
});

test('two installations at once leave one, and no temporary folder', async () => {
  const env = await npm(install);
  const runtimeFolder = join(folder, 'runtime');
  const options = { runtimeFolder, env, platform: 'linux', arch: 'x64' } as const;
  const [one, other] = await Promise.all([installLlamaRuntime(options), installLlamaRuntime(options)]);
  expect(one).toEqual(other);
  expect((await readdir(runtimeFolder)).sort()).toEqual(['asked', 'node-llama-cpp-3.22.1']);
});

test('a failed installation says what npm said and leaves nothing behind', async () => {
  const env = await npm('echo "npm error code E404" >&2; exit 1');
  const runtimeFolder = join(folder, 'runtime');
  await expect(
    installLlamaRuntime({ runtimeFolder, env, platform: 'linux', arch: 'x64' }),
  ).rejects.toMatchObject({
    code: 'HONE_DOWNLOAD_FAILED',
    message: expect.stringContaining('E404'),
    hint: expect.stringContaining('npm install'),
  });
  expect(await readdir(runtimeFolder)).toEqual([]);
});

test('a platform without a ready-made build is told so', async () => {
  await expect(
    installLlamaRuntime({ runtimeFolder: folder, platform: 'freebsd', arch: 'x64' }),
  ).rejects.toMatchObject({ code: 'HONE_MISSING_DEPENDENCY', message: expect.stringContaining('freebsd') });
});

test('a folder that cannot be made is named, and nothing is run', async () => {
  const env = await npm('touch ran');
  await writeFile(join(folder, 'runtime'), 'a file in the way');
  const runtimeFolder = join(folder, 'runtime', 'cache');
  await expect(
    installLlamaRuntime({ runtimeFolder, env, platform: 'linux', arch: 'x64' }),
  ).rejects.toMatchObject({ code: 'HONE_FOLDER_READ_ONLY', facts: { folder: runtimeFolder } });
});
