import { parse } from 'yaml';
import { closestMatch } from '../base/closest-match.ts';
import { HoneError } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** A name with options, as flags and front matter write it: `numeric` or `numeric: { absolute: 0.01 }`. */
export interface NamedSpec {
  readonly name: string;
  readonly options: JsonObject;
}

/**
 * Reads `name` or `name: { option: value }`, the options in YAML.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when the options are broken.
 */
export function parseNamedSpec(text: string): NamedSpec {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text.trim(), options: {} };
  const name = text.slice(0, colon).trim();
  const options = readOptions(text.slice(colon + 1));
  if (isJsonObject(options)) return { name, options };
  throw new HoneError(`The options in "${text}" cannot be read.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Write them as ${name}:{option: value}.`,
  });
}

function readOptions(text: string): unknown {
  try {
    const options: unknown = parse(text);
    return isJsonObject(options) ? spaced(options) : options;
  } catch {
    return undefined;
  }
}

/** `{sets:3}` is meant as `{sets: 3}`, though YAML takes it for one long name. */
function spaced(options: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const parts = value === null ? /^(\w+):(.+)$/.exec(name) : null;
      return parts === null ? [name, value] : [parts[1] ?? name, parse(parts[2] ?? '')];
    }),
  );
}

/**
 * The entry of a name, in camelCase or kebab-case.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` naming the closest name and all that there are.
 */
export function findNamed<Entry>(
  kind: string,
  name: string,
  entries: Readonly<Record<string, Entry>>,
): Entry {
  const wanted = camelCase(name);
  const entry = Object.entries(entries).find(([known]) => known.toLowerCase() === wanted.toLowerCase());
  if (entry !== undefined) return entry[1];
  const names = Object.keys(entries).map(kebabCase);
  const closest = closestMatch(kebabCase(name), names);
  throw new HoneError(`There is no ${kind} "${name}".`, {
    code: 'HONE_OPTION_INVALID',
    hint: `${closest === undefined ? 'Choose' : `Did you mean ${closest}? Choose`} one of ${names.join(', ')}.`,
    facts: { name, closest },
  });
}

/** `bootstrap-few-shot` → `bootstrapFewShot` */
export function camelCase(name: string): string {
  return name.replace(/-+(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `bootstrapFewShot` → `bootstrap-few-shot` */
export function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
