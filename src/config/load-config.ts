import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { atPlace } from './at-place.ts';
import { createOptimizer } from './catalog.ts';
import type { Defaults, HoneConfig } from './define-config.ts';
import { configOfEvalFile, isEvalFile } from './eval-files.ts';
import { importUserModule } from './import-user-module.ts';
import { configSchema } from './option-schemas.ts';

const fileNames = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (extension) => `hone.config.${extension}`,
);

/** A config with the folder that its paths start from. */
export interface LoadedConfig {
  readonly file: string;
  readonly folder: string;
  readonly config: HoneConfig;
}

export interface LoadConfigOptions {
  /** The folder to look in. */
  readonly folder: string;
  /** A file to load instead, from that folder. */
  readonly file?: string | undefined;
}

/**
 * Loads `hone.config.ts` (.mts, .js, .mjs, .json, .yaml) of a folder, or the file that is named. A file of suites
 * (`*.eval.ts`) stands for a config with each as a target, beside what the config of the folder says for all.
 *
 * @returns Undefined when no file is named and the folder has none.
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`, `HONE_CONFIG_INVALID` when it cannot be run,
 *   `HONE_OPTION_INVALID` with the place of a field that is unknown or wrong.
 */
export async function loadConfig({ folder, file }: LoadConfigOptions): Promise<LoadedConfig | undefined> {
  const path = file === undefined ? findConfigFile(folder) : resolve(folder, file);
  if (path === undefined) return undefined;
  if (!existsSync(path)) {
    throw new HoneError(`The config file ${path} does not exist.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path after --config, or leave it out.',
      facts: { file: path },
    });
  }
  if (isEvalFile(path)) {
    const shared = findConfigFile(folder);
    const beside = shared === undefined ? undefined : (await loadConfig({ folder, file: shared }))?.config;
    return { file: path, folder: dirname(path), config: await configOfEvalFile(path, beside) };
  }
  const content = await readContent(path);
  return { file: path, folder: dirname(path), config: checkConfig(content, relative(folder, path) || path) };
}

/** The config file of a folder, in the order of preference. */
export function findConfigFile(folder: string): string | undefined {
  return fileNames.map((name) => join(folder, name)).find((path) => existsSync(path));
}

async function readContent(path: string): Promise<unknown> {
  const extension = extname(path);
  try {
    if (extension === '.json') return JSON.parse(readFileSync(path, 'utf8'));
    if (extension === '.yaml' || extension === '.yml') {
      const { parse } = await import('yaml');
      return parse(readFileSync(path, 'utf8'));
    }
    return await importUserModule(path);
  } catch (cause) {
    // What the user's own code threw on purpose keeps its own words and hint.
    if (HoneError.isInstance(cause)) throw cause;
    throw new HoneError(`The config file ${path} cannot be loaded: ${firstPart(messageOf(cause))}`, {
      code: 'HONE_CONFIG_INVALID',
      hint: 'Correct the file; --verbose shows where it fails.',
      cause,
      facts: { file: path },
    });
  }
}

/** In one line, and without the loader's own list of who required what. */
function firstPart(message: string): string {
  const [first = ''] = message.split(/\nRequire stack:/);
  return `${first.replace(/\s+/g, ' ').trim().replace(/\.$/, '')}.`;
}

/** Every level at once: names, types and ranges, then the optimizers that are named. */
function checkConfig(content: unknown, file: string): HoneConfig {
  resolveOptions(configSchema, content, { of: file });
  // The object itself goes on: a parsed copy would lose the prototypes of models and datasets.
  const config = content as HoneConfig;
  const levels: readonly (readonly [string, Defaults])[] = [
    ['', config],
    ...Object.entries(config.targets ?? {}).map(([name, target]) => [`targets.${name}.`, target] as const),
  ];
  for (const [place, { optimizer }] of levels) {
    if (typeof optimizer !== 'string') continue;
    atPlace(`${file}: ${place}optimizer`, () => createOptimizer(optimizer));
  }
  return config;
}
