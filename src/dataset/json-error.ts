/**
 * Where a text stops being JSON: the offset of the first character that cannot be there, or undefined for valid
 * JSON. `JSON.parse` says it in words that differ between versions of Node, and not always.
 */
export function findJsonError(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expects: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' = 'value';
  let offset = 0;
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    const found = pattern.exec(text);
    if (found === null) return false;
    offset += found[0].length;
    return true;
  };
  for (;;) {
    match(/[ \t\n\r]*/y);
    const start = offset;
    const character = text[offset];
    if (open.length === 0 && expects === 'comma-or-end') return character === undefined ? undefined : start;
    if (character === undefined) return start;
    if (expects === 'colon') {
      if (!match(/:/y)) return start;
      expects = 'value';
    } else if (expects === 'key' || (expects === 'key-or-end' && character !== '}')) {
      if (!match(string)) return start;
      expects = 'colon';
    } else if (expects === 'comma-or-end' && character === ',') {
      offset += 1;
      expects = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expects !== 'value' && (character === '}' || character === ']')) {
      if (open.pop() !== (character === '}' ? '{' : '[')) return start;
      offset += 1;
      expects = 'comma-or-end';
    } else if (expects === 'comma-or-end') {
      return start;
    } else if (character === '{' || character === '[') {
      open.push(character);
      offset += 1;
      expects = character === '{' ? 'key-or-end' : 'value-or-end';
    } else {
      if (!match(string) && !match(number) && !match(/true|false|null/y)) return start;
      expects = 'comma-or-end';
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a string
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Line and column, both from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split(/\r\n|\n|\r/).length;
  return { line, column: offset - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) };
}
