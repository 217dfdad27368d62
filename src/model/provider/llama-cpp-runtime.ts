import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as NodeLlamaCpp from 'node-llama-cpp';
import { HoneError, messageOf } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { runCommand } from '../embedded-command.ts';

/** The inference library as a module. */
export type LlamaModule = typeof NodeLlamaCpp;

/** An installed inference library. */
export interface LlamaRuntime {
  /** Its package folder. */
  readonly folder: string;
  readonly version: string;
}

/** The version of node-llama-cpp that Hone installs and is tested with. */
export const llamaRuntimeVersion = '3.22.1';

const pullHint = 'Run: hone models pull';

export interface LlamaRuntimePlaces {
  /** The user's project, whose own node-llama-cpp is preferred. */
  readonly projectFolder: string;
  /** Hone's own cache folder for the library. */
  readonly runtimeFolder: string;
  /** Prefers, of Hone's own installations, the one with builds for graphics cards. @default false */
  readonly gpu?: boolean | undefined;
}

/**
 * Finds an installed node-llama-cpp: in the project, then where Hone itself is installed, then in Hone's own
 * cache folder. Undefined when there is none.
 */
export function findLlamaRuntime({
  projectFolder,
  runtimeFolder,
  gpu = false,
}: LlamaRuntimePlaces): LlamaRuntime | undefined {
  const own = [installFolder(runtimeFolder, gpu), installFolder(runtimeFolder, !gpu)];
  const starts = [projectFolder, import.meta.dirname, ...own];
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      const runtime = runtimeAt(join(folder, 'node_modules', 'node-llama-cpp'));
      if (runtime) return runtime;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

function runtimeAt(folder: string): LlamaRuntime | undefined {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version?: unknown };
  return typeof version === 'string' ? { folder, version } : undefined;
}

/**
 * Like {@link findLlamaRuntime}, but its absence is an error.
 *
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` when node-llama-cpp is nowhere.
 */
export function requireLlamaRuntime(places: LlamaRuntimePlaces): LlamaRuntime {
  const runtime = findLlamaRuntime(places);
  if (runtime) return runtime;
  throw new HoneError(
    `The local model needs node-llama-cpp, which is neither installed in ${places.projectFolder} nor in ${places.runtimeFolder}.`,
    { code: 'HONE_MISSING_DEPENDENCY', hint: pullHint },
  );
}

/**
 * Loads an installed node-llama-cpp.
 *
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` when it cannot be loaded.
 */
export async function loadLlamaRuntime(runtime: LlamaRuntime): Promise<LlamaModule> {
  try {
    return (await import(pathToFileURL(join(runtime.folder, 'dist', 'index.js')).href)) as LlamaModule;
  } catch (cause) {
    throw new HoneError(`node-llama-cpp in ${runtime.folder} cannot be loaded: ${messageOf(cause)}`, {
      code: 'HONE_MISSING_DEPENDENCY',
      hint: pullHint,
      cause,
    });
  }
}

export interface InstallLlamaRuntimeOptions {
  /** Hone's own cache folder for the library. */
  readonly runtimeFolder: string;
  /** Installs the builds for graphics cards too: hundreds of megabytes on Linux. @default false */
  readonly gpu?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Environment of npm. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default 600000, ten minutes */
  readonly timeoutMs?: number | undefined;
  /** @default process.platform */
  readonly platform?: NodeJS.Platform | undefined;
  /** @default process.arch */
  readonly arch?: string | undefined;
}

/**
 * Installs node-llama-cpp with npm into Hone's cache folder, without scripts and, unless `gpu` is set, with
 * the one CPU package of this platform only (85 MB). A half-done installation never becomes visible, and
 * two processes may install at once.
 *
 * @throws {HoneError} `HONE_DOWNLOAD_FAILED` with what npm said.
 */
export async function installLlamaRuntime({
  runtimeFolder,
  gpu = false,
  signal,
  env,
  timeoutMs = 600_000,
  platform = process.platform,
  arch = process.arch,
}: InstallLlamaRuntimeOptions): Promise<LlamaRuntime> {
  const packages = [`node-llama-cpp@${llamaRuntimeVersion}`];
  const omitted: string[] = [];
  if (!gpu) {
    packages.push(`@node-llama-cpp/${cpuPackage(platform, arch)}@${llamaRuntimeVersion}`);
    omitted.push('--omit=optional');
  }
  const staging = await makeStaging(runtimeFolder);
  try {
    await writeFile(join(staging, 'package.json'), '{ "private": true }\n');
    const npmArguments = [
      'install',
      ...packages,
      ...omitted,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    // npm is a script on Windows, which only its command interpreter runs; the arguments are our own.
    const [command, commandArguments] =
      platform === 'win32' ? ['cmd.exe', ['/d', '/c', 'npm', ...npmArguments]] : ['npm', npmArguments];
    const result = await runCommand(command, commandArguments, { signal, timeoutMs, env, cwd: staging });
    if (result.status !== 'finished') throw installationFailed(result, packages);
    const target = installFolder(runtimeFolder, gpu);
    await rename(staging, target).catch(async (cause) => {
      // Another process finished first, or an earlier installation is there: both hold the same version.
      if (!runtimeAt(join(target, 'node_modules', 'node-llama-cpp'))) throw cause;
    });
    return { folder: join(target, 'node_modules', 'node-llama-cpp'), version: llamaRuntimeVersion };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function installationFailed(
  result: { readonly status: 'not-found' } | { readonly status: 'failed'; readonly reason: string },
  packages: readonly string[],
): HoneError {
  const reason = result.status === 'not-found' ? 'npm was not found' : result.reason;
  return new HoneError(`node-llama-cpp could not be installed: ${reason}`, {
    code: 'HONE_DOWNLOAD_FAILED',
    hint: `Install it in your project instead: npm install ${packages.join(' ')} --omit=optional --ignore-scripts`,
  });
}

function installFolder(runtimeFolder: string, gpu: boolean): string {
  return join(runtimeFolder, `node-llama-cpp-${llamaRuntimeVersion}${gpu ? '-gpu' : ''}`);
}

const cpuPackages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'linux-riscv64': 'linux-riscv64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

function cpuPackage(platform: NodeJS.Platform, arch: string): string {
  const name = cpuPackages[`${platform}-${arch}`];
  if (name) return name;
  throw new HoneError(`There is no ready-made build of node-llama-cpp for ${platform} on ${arch}.`, {
    code: 'HONE_MISSING_DEPENDENCY',
    hint: 'Use a model server instead, for example with a `baseUrl` of an OpenAI-compatible one.',
  });
}

async function makeStaging(runtimeFolder: string): Promise<string> {
  try {
    makeFolder(runtimeFolder);
    return await mkdtemp(join(runtimeFolder, '.install-'));
  } catch (cause) {
    throw new HoneError(`The folder ${runtimeFolder} cannot be written: ${messageOf(cause)}`, {
      code: 'HONE_FOLDER_READ_ONLY',
      hint: 'Make it writable, or install node-llama-cpp in your project.',
      cause,
      facts: { folder: runtimeFolder },
    });
  }
}
