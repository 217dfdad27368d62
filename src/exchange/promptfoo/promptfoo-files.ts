import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { invalidImport } from '../exchange-errors.ts';

/** Files that a config refers to, from its folder. */
export interface ConfigFiles {
  readonly folder: string;
  /** What was left out, in words; each once. */
  readonly notes: Set<string>;
}

/** `file://x` as the path x; undefined for other texts. */
export function filePathOf(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith('file://') ? text.slice('file://'.length) : undefined;
}

/** The text of a file. @throws {HoneError} `HONE_IMPORT_INVALID` where it cannot be read. */
export function readFileText(path: string, { folder }: ConfigFiles): string {
  const whole = resolve(folder, path);
  if (!existsSync(whole) || statSync(whole).isDirectory()) {
    throw invalidImport(`The config names the file ${path}, which is not there.`, {
      hint: `Put it into ${folder}, or take it out of the config.`,
      file: whole,
    });
  }
  return readFileSync(whole, 'utf8').replace(/^\uFEFF/, '');
}

/** YAML as promptfoo reads it: `<<` takes over what another part says. */
export function readYaml(text: string): unknown {
  return parse(text, { merge: true });
}

/** The value of a YAML, JSON or JSON Lines file. @throws {HoneError} `HONE_IMPORT_INVALID` */
export function readFileValue(path: string, files: ConfigFiles): unknown {
  const text = readFileText(path, files);
  try {
    if (/\.jsonl$/i.test(path)) {
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as unknown);
    }
    return /\.ya?ml$/i.test(path) ? readYaml(text) : JSON.parse(text);
  } catch (cause) {
    throw invalidImport(`${path} cannot be read: ${messageOf(cause).split('\n')[0]}.`, {
      hint: 'Correct the file.',
      file: resolve(files.folder, path),
      cause,
    });
  }
}

/** The files that a pattern of names in one folder means, in order; the path itself where it is none. */
export function filesOf(path: string, { folder }: ConfigFiles): readonly string[] {
  if (!/[*?]/.test(path)) return [path];
  const place = dirname(path);
  const whole = resolve(folder, place);
  if (/[*?]/.test(place) || !existsSync(whole)) return [];
  const pattern = new RegExp(
    `^${basename(path)
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return readdirSync(whole)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(place, name));
}

/** Code in other files is not run while a config is read. */
export function isCode(path: string): boolean {
  return /\.(?:[cm]?[jt]s|py|rb|go|sh|exe)(?::\w+)?$/i.test(path) || extname(path) === '';
}

/**
 * `{ $ref: '#/a/b' }` replaced by what stands there.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` for what refers to itself.
 */
export function withoutReferences(
  value: unknown,
  root: unknown = value,
  within: readonly string[] = [],
): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutReferences(each, root, within));
  if (!isJsonObject(value)) return value;
  const reference = (value as { $ref?: unknown }).$ref;
  if (typeof reference === 'string' && reference.startsWith('#/')) {
    if (within.includes(reference)) {
      throw invalidImport(`${reference} of the config refers to itself.`, { hint: 'Write it out once.' });
    }
    const target = reference.slice(2).split('/').reduce<unknown>(memberOf, root);
    if (target === undefined) {
      throw invalidImport(`${reference} of the config is not there.`, { hint: 'Correct the reference.' });
    }
    const { $ref: _, ...own } = value as Readonly<Record<string, unknown>>;
    const known = withoutReferences(target, root, [...within, reference]);
    if (Object.keys(own).length === 0) return known;
    // What stands beside a reference is meant for this place.
    return { ...(isJsonObject(known) ? known : {}), ...(withoutReferences(own, root, within) as object) };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutReferences(each, root, within)]),
  );
}

function memberOf(found: unknown, key: string): unknown {
  const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
  return typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    ? (found as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
