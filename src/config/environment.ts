import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { HoneError } from '../base/errors.ts';

/** Environment variables by name. */
export type Variables = Record<string, string | undefined>;

export const cacheModes = ['on', 'off', 'read', 'replay'] as const;
export type CacheMode = (typeof cacheModes)[number];

/** What the environment says to Hone. Flags win over it, and it wins over files. */
export interface Environment {
  /** `HONE_DIR`: where the store and the reports lie. @default '.hone' in the working folder */
  readonly dir?: string | undefined;
  /** `HONE_DATABASE_URL`: the Postgres database of a team, in place of files: runs, answers and prompts. */
  readonly databaseUrl?: string | undefined;
  /** `HONE_CONFIG`: the config file. */
  readonly config?: string | undefined;
  /** `HONE_CACHE` */
  readonly cache?: CacheMode | undefined;
  /** `HONE_BUDGET_USD`: a number of dollars, or `none`. */
  readonly budgetUsd?: number | 'none' | undefined;
  /** `HONE_CONCURRENCY` */
  readonly concurrency?: number | undefined;
  /** `HONE_MODEL` */
  readonly model?: string | undefined;
  /** `HONE_REFLECTION_MODEL` */
  readonly reflectionModel?: string | undefined;
  /** `HONE_TIMEOUT`: longest time of one attempt of a model, in seconds; 0 for no limit. */
  readonly timeout?: number | undefined;
  /** `HONE_BASE_URL`: the server of `--base-url` with its credentials, which are never stored. */
  readonly baseUrl?: string | undefined;
  /** `HONE_SEED` */
  readonly seed?: number | undefined;
  /** `HONE_MODEL_PATH`: a GGUF file to use as the embedded model. */
  readonly modelPath?: string | undefined;
  /** `HONE_MODEL_DIR`: the folder of downloaded models. */
  readonly modelDir?: string | undefined;
  /** Whether output may be coloured, as far as the environment says: `NO_COLOR`, `FORCE_COLOR`. */
  readonly color?: boolean | undefined;
}

/** The variables of this process: the one place that reads them. */
export function processVariables(): Variables {
  return process.env;
}

/**
 * Reads what concerns Hone.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` naming the variable whose value cannot be used.
 */
export function readEnvironment(variables: Variables): Environment {
  return {
    dir: textOf(variables.HONE_DIR),
    databaseUrl: databaseOf(textOf(variables.HONE_DATABASE_URL)),
    config: textOf(variables.HONE_CONFIG),
    cache: cacheOf(textOf(variables.HONE_CACHE)),
    budgetUsd: budgetOf(textOf(variables.HONE_BUDGET_USD)),
    concurrency: integerOf('HONE_CONCURRENCY', variables.HONE_CONCURRENCY, 1),
    model: textOf(variables.HONE_MODEL),
    reflectionModel: textOf(variables.HONE_REFLECTION_MODEL),
    timeout: secondsOf(textOf(variables.HONE_TIMEOUT)),
    baseUrl: textOf(variables.HONE_BASE_URL),
    seed: integerOf('HONE_SEED', variables.HONE_SEED, 0),
    modelPath: textOf(variables.HONE_MODEL_PATH),
    modelDir: textOf(variables.HONE_MODEL_DIR),
    color: colorOf(variables),
  };
}

/**
 * Adds the variables of `.env.local` and `.env` in a folder. What is set already stays, and `.env.local` wins
 * over `.env`, so nothing from outside is ever overwritten.
 *
 * @returns The files that were read.
 */
export function addDotEnv(folder: string, variables: Variables): readonly string[] {
  return ['.env.local', '.env'].filter((name) => {
    const text = readOptionalText(join(folder, name));
    if (text === undefined) return false;
    for (const [key, value] of Object.entries(parseEnv(text))) variables[key] ??= value;
    return true;
  });
}

function readOptionalText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new HoneError(`${file} cannot be read.`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Make the file readable, or move it away.',
      cause: thrown,
    });
  }
}

/** An empty variable counts as unset, as everywhere in a shell. */
function textOf(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Without its value in the message: it may hold a password. */
function databaseOf(value: string | undefined): string | undefined {
  if (value === undefined || (/^postgres(?:ql)?:\/\//.test(value) && URL.canParse(value))) return value;
  throw new HoneError(
    'The environment variable HONE_DATABASE_URL is not the address of a Postgres database.',
    {
      code: 'HONE_OPTION_INVALID',
      hint: 'Set HONE_DATABASE_URL to postgres://user:password@host:5432/database, or unset it to use files.',
    },
  );
}

function cacheOf(value: string | undefined): CacheMode | undefined {
  if (value === undefined) return undefined;
  const mode = cacheModes.find((known) => known === value);
  if (mode === undefined) throw invalid('HONE_CACHE', value, `one of ${cacheModes.join(', ')}`);
  return mode;
}

function budgetOf(value: string | undefined): number | 'none' | undefined {
  if (value === undefined || value === 'none') return value;
  const usd = Number(value);
  if (!Number.isFinite(usd) || usd < 0) throw invalid('HONE_BUDGET_USD', value, 'dollars (2, 0.50) or none');
  return usd;
}

function secondsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw invalid('HONE_TIMEOUT', value, 'seconds (300, 0.5), or 0 for no limit');
  }
  return seconds;
}

function integerOf(name: string, raw: string | undefined, least: number): number | undefined {
  const value = textOf(raw);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least) {
    throw invalid(name, value, `a whole number from ${least} on`);
  }
  return number;
}

/** @see https://no-color.org and https://force-color.org: any value that is not empty counts. */
function colorOf({ NO_COLOR, FORCE_COLOR }: Variables): boolean | undefined {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return undefined;
}

function invalid(name: string, value: string, wanted: string): HoneError {
  return new HoneError(`The environment variable ${name} is "${value}", which is not ${wanted}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Set ${name} to ${wanted}, or unset it.`,
  });
}
