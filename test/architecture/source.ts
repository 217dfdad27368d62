/** A source file, with its path from the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a file imports, or exports again, from elsewhere. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `type`: gone at run time. */
  readonly kind: 'static' | 'dynamic' | 'type';
  /** Whether it is `export … from`. */
  readonly isReExport: boolean;
}

const importPattern =
  /\b(import|export)\b\s*(type\b\s*)?(?:\(\s*|(?:[\w$*\s,{}]*?\bfrom\s*)?)(["'])([^"'\n]*)\3/gu;

/** The imports of a file, in its order. Whatever a comment or a string says is none. */
export function importsOf({ text }: SourceFile): readonly Import[] {
  const code = blank(text);
  return [...code.matchAll(importPattern)].map((match) => {
    const quoted = match[4] ?? '';
    const end = match.index + match[0].length - 1;
    return {
      specifier: text.slice(end - quoted.length, end),
      line: lineAt(text, match.index),
      kind: kindOf(code, match),
      isReExport: match[1] === 'export',
    };
  });
}

function kindOf(code: string, match: RegExpExecArray): Import['kind'] {
  if (match[2] !== undefined || /\btypeof\s*$/u.test(code.slice(0, match.index))) return 'type';
  return match[0].includes('(') ? 'dynamic' : 'static';
}

/** The line of a position, counted from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

// In this order: comments, strings, templates without code in them, regular expressions.
const opaque =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=(?:^|[=(,:[!&|?{};>]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/uy;

/**
 * The code with every character of comments, strings and regular expressions replaced by `_`, and the rest at
 * its place. Quotes stay, so that it shows where a string was; code inside `${…}` stays code.
 */
export function blank(text: string): string {
  let out = '';
  let position = 0;
  const templates: number[] = [];
  let depth = 0;
  const hide = (part: string) => part.replaceAll(/[^\n]/gu, '_');
  while (position < text.length) {
    const character = text.charAt(position);
    if (character === '`' || (character === '}' && templates.at(-1) === depth)) {
      if (character === '}') templates.pop();
      const end = templatePartEnd(text, position + 1);
      out += `${character}${hide(text.slice(position + 1, end))}`;
      position = end;
      if (text.startsWith('${', end)) {
        templates.push(depth);
        out += '${';
        position += 2;
      } else if (position < text.length) {
        out += '`';
        position += 1;
      }
      continue;
    }
    opaque.lastIndex = position;
    const found = '/\'"'.includes(character) ? opaque.exec(text)?.[0] : undefined;
    if (found !== undefined) {
      const isString = found.startsWith("'") || found.startsWith('"');
      out += isString ? `${found.charAt(0)}${hide(found.slice(1, -1))}${found.charAt(0)}` : hide(found);
      position += found.length;
      continue;
    }
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    out += character;
    position += 1;
  }
  return out;
}

/** Where the text of a template ends: at its backtick, or at the next `${`. */
function templatePartEnd(text: string, start: number): number {
  for (let position = start; position < text.length; position += 1) {
    if (text.charAt(position) === '\\') position += 1;
    else if (text.charAt(position) === '`' || text.startsWith('${', position)) return position;
  }
  return text.length;
}
