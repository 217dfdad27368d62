import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blank } from './architecture/source.ts';

/** One source file: the types that it declares, the functions and values that it exports, what it imports. */
interface SourceTypes {
  /** The code of each declaration up to its body, by name. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Where each imported name comes from. */
  readonly imports: ReadonlyMap<string, string>;
}

const doors = readdirSync('src/public').map((file) => `src/public/${file}`);
const publicNames = new Map<string, string>();
for (const door of doors) {
  for (const [, list = '', from = ''] of readFileSync(door, 'utf8').matchAll(
    /^export (?:type )?\{([^}]*)\} from '([^']+)'/gmu,
  )) {
    for (const name of namesOf(list)) publicNames.set(name, posix.join('src/public', from));
  }
}

/** Types that say how another is computed, from a shorthand or from programs: users see the result, never these. */
const computed = /^src\/(signature\/shorthand(-types)?|program\/composed-types)\.ts$/u;

describe('every type that a public signature names is exported', () => {
  it.each([...publicNames])('%s', (name, path) => {
    const { declarations, imports } = typesOf(path);
    // Some files hand on what they import.
    const handedOn = imports.get(name);
    const code = declarations.get(name) ?? (handedOn && typesOf(handedOn).declarations.get(name));
    expect(code, `${name} is declared in ${path}`).toBeDefined();
    const missing = mentioned(code ?? '')
      .filter((other) => other !== name)
      .flatMap((other) => {
        const origin = imports.get(other) ?? (declarations.has(other) ? path : undefined);
        return origin === undefined || publicNames.has(other) || computed.test(origin)
          ? []
          : [`${other} of ${origin}`];
      });
    expect(missing).toEqual([]);
  });
});

function mentioned(code: string): readonly string[] {
  return [...new Set(code.match(/(?<![\w.'"])[A-Z]\w*/gu) ?? [])];
}

function typesOf(path: string): SourceTypes {
  const text = readFileSync(path, 'utf8');
  // Comments and strings name no types; blanking keeps every place where it is.
  const code = blank(text);
  const imports = new Map<string, string>();
  for (const [, list = '', from = ''] of text.matchAll(/^import (?:type )?\{([^}]*)\} from '(\.[^']+)'/gmu)) {
    for (const name of namesOf(list)) imports.set(name, posix.join(posix.dirname(path), from));
  }
  const declarations = new Map<string, string>();
  const starts = [
    ...code.matchAll(/^(?:export )?(?:declare )?(?:async )?(interface|type|function|class|const) (\w+)/gmu),
  ];
  for (const [index, { 1: kind, 2: name = '', index: start }] of starts.entries()) {
    const whole = code.slice(start, starts[index + 1]?.index);
    if (!declarations.has(name)) declarations.set(name, signatureOf(whole, kind));
  }
  return { declarations, imports };
}

/** Interfaces and types whole; of a function what stands before its body, of a value its stated type. */
function signatureOf(code: string, kind: string | undefined): string {
  if (kind === 'interface' || kind === 'type') return code;
  if (kind === 'const') return code.slice(0, Math.max(0, code.indexOf('=')));
  if (kind === 'class') return '';
  return code.slice(0, bodyOf(code));
}

/** Where the body of a function starts: the first brace after its parameters that continues no type. */
function bodyOf(code: string): number {
  let depth = 0;
  let isPastParameters = false;
  for (let place = 0; place < code.length; place += 1) {
    const character = code.charAt(place);
    const isBody = character === '{' && depth === 0 && isPastParameters;
    // An object type stands after a colon or an operator, the body after the end of a type.
    if (isBody && /[\w>\])}'"]$/u.test(code.slice(0, place).trimEnd())) return place;
    if ('([{<'.includes(character)) depth += 1;
    if (')]}'.includes(character) || (character === '>' && code.charAt(place - 1) !== '=')) depth -= 1;
    if (character === ')' && depth === 0) isPastParameters = true;
  }
  return code.length;
}

function namesOf(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^type /u, '')
        .replace(/ as .*$/u, ''),
    )
    .filter((name) => name !== '');
}
