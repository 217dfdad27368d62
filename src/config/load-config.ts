import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import type { HoneConfig } from './define-config.ts';
import { cacheModes } from './environment.ts';
import { importUserModule } from './import-user-module.ts';

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
 * Loads `hone.config.ts` (.mts, .js, .mjs, .json, .yaml) of a folder, or the file that is named.
 *
 * @returns Undefined when no file is named and the folder has none.
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`, `HONE_CONFIG_INVALID` when it cannot be run or has a wrong field.
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

const positive = z.number().positive();
const whole = z.int().positive();
const anyModel = z.union([z.string().min(1), z.looseObject({})]);

const defaults = {
  model: anyModel.optional(),
  reflectionModel: anyModel.optional(),
  budget: z
    .strictObject({
      usd: z.union([z.number().nonnegative(), z.literal('none')]).optional(),
      calls: whole.optional(),
      reflectionCalls: z.int().nonnegative().optional(),
      minutes: positive.optional(),
    })
    .optional(),
  concurrency: whole.optional(),
  seed: z.int().nonnegative().optional(),
  optimizer: z.union([z.string().min(1), z.looseObject({ name: z.string() })]).optional(),
};

const isFunction = z.custom<() => unknown>((value) => typeof value === 'function');
const isRows = z.custom<Iterable<unknown>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
);
const datasetFile = z.strictObject({
  file: z.string().min(1),
  expected: z.array(z.string()),
  inputs: z.array(z.string()).optional(),
  id: z.string().optional(),
});

const target = z
  .strictObject({
    ...defaults,
    program: z
      .custom<object>((value) => typeof value === 'object' && value !== null && 'forward' in value)
      .optional(),
    prompt: z.string().min(1).optional(),
    dataset: z.union([isRows, isFunction, datasetFile]),
    scorer: z
      .union([z.string().min(1), z.looseObject({ name: z.string() }), z.array(z.looseObject({}))])
      .optional(),
    trials: whole.optional(),
  })
  .refine(({ program, prompt }) => (program === undefined) !== (prompt === undefined), {
    error: 'give either `program` or `prompt`',
  });

const schema = z.strictObject({
  ...defaults,
  cache: z.enum(cacheModes).optional(),
  targets: z.record(z.string(), target).optional(),
});

function checkConfig(content: unknown, file: string): HoneConfig {
  const { success, error } = schema.safeParse(content);
  // The object itself goes on: a parsed copy would lose the prototypes of models and datasets.
  if (success) return content as HoneConfig;
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'the default export' : issue.path.join('.');
  throw new HoneError(`${file}: ${place}: ${issue?.message ?? 'is not a config'}.`, {
    code: 'HONE_CONFIG_INVALID',
    hint: 'Wrap the default export in `defineConfig(…)`, whose types show every field.',
    facts: { file },
  });
}
