import { isBeyondExact } from '../base/decimal.ts';
import type { Json } from '../base/json.ts';

/** JSON as models write it. */
export interface TolerantJson {
  readonly value: Json;
  /** Where it ends in the text. */
  readonly end: number;
  /** Whether the text ended before it did. What had not ended is left out of `value`. */
  readonly cut: boolean;
  /** Keys that an object gives more than once with different values: left out of `value`. */
  readonly repeated: readonly string[];
}

const deepest = 64;
const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’', '`': '`' };
const words: Readonly<Record<string, Json>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  null: null,
  None: null,
  undefined: null,
};

/** The text is no JSON, however tolerant. */
class NotJson extends Error {}
/** The text ended. */
class Cut extends Error {}

/**
 * Reads the object or list that starts at a place of a text, as written by models: single or curly quotes, keys
 * and words without quotes, commas too many or missing at line ends, comments, Python's names. A quote inside a
 * text counts as its end only where a comma, colon or bracket follows. Integers that a `number` cannot hold become
 * texts. Nothing that the end of the text cut is kept: no half word, no half list.
 *
 * @param options.ended Whether the text is known to be whole: then a number or word at its very end counts.
 * @returns Undefined when it is no JSON. One pass over the text.
 */
export function readTolerantJson(
  text: string,
  { start = 0, ended = true }: { readonly start?: number; readonly ended?: boolean } = {},
): TolerantJson | undefined {
  const reader = new Reader(text, start, ended);
  try {
    const value = reader.container();
    return { value, end: reader.at, cut: reader.cut, repeated: [...reader.repeated] };
  } catch (error) {
    if (error instanceof NotJson || error instanceof Cut) return undefined;
    throw error;
  }
}

class Reader {
  cut = false;
  at: number;
  readonly repeated = new Set<string>();
  private depth = 0;
  private readonly text: string;
  private readonly ended: boolean;

  constructor(text: string, start: number, ended: boolean) {
    this.text = text;
    this.at = start;
    this.ended = ended;
  }

  container(): Json {
    const opening = this.text[this.at];
    if (opening !== '{' && opening !== '[') throw new NotJson();
    this.depth += 1;
    if (this.depth > deepest) throw new NotJson();
    this.at += 1;
    const value = opening === '{' ? this.object() : this.list();
    this.depth -= 1;
    return value;
  }

  private object(): Json {
    const members = new Map<string, Json>();
    const { depth } = this;
    try {
      while (!this.closes('}')) {
        const key = this.key();
        const value = this.value();
        const known = members.get(key);
        if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) this.repeated.add(key);
        members.set(key, value);
        this.betweenItems('}');
      }
    } catch (error) {
      // The outermost object keeps what had ended before the text did.
      if (!(error instanceof Cut) || depth > 1) throw error;
      this.depth = depth;
      this.cut = true;
      this.at = this.text.length;
    }
    for (const key of this.repeated) members.delete(key);
    return Object.fromEntries(members);
  }

  private list(): Json {
    const items: Json[] = [];
    while (!this.closes(']')) {
      items.push(this.value());
      this.betweenItems(']');
    }
    return items;
  }

  private closes(closing: string): boolean {
    this.skipSpace();
    if (this.at >= this.text.length) throw new Cut();
    if (this.text[this.at] !== closing) return false;
    this.at += 1;
    return true;
  }

  private betweenItems(closing: string): void {
    this.skipSpace();
    const next = this.text[this.at];
    if (next === undefined) {
      if (!this.ended) throw new Cut();
      return;
    }
    if (next === ',') this.at += 1;
    else if (next !== closing && quotes[next] === undefined && next !== '{' && next !== '[')
      throw new NotJson();
  }

  private key(): string {
    this.skipSpace();
    const quote = quotes[this.text[this.at] ?? ''];
    const key = quote === undefined ? this.bareKey() : this.string(quote);
    this.skipSpace();
    if (this.at >= this.text.length) throw new Cut();
    if (this.text[this.at] !== ':' && this.text[this.at] !== '=') throw new NotJson();
    this.at += 1;
    return key;
  }

  private bareKey(): string {
    const match = /[\p{L}\p{N}_$][\p{L}\p{N}_$ .-]{0,80}/uy;
    match.lastIndex = this.at;
    const key = match.exec(this.text)?.[0];
    if (key === undefined) throw this.at >= this.text.length ? new Cut() : new NotJson();
    this.at += key.length;
    return key.trim();
  }

  private value(): Json {
    this.skipSpace();
    const next = this.text[this.at];
    if (next === undefined) throw new Cut();
    if (next === '{' || next === '[') return this.container();
    const quote = quotes[next];
    return quote === undefined ? this.bareValue() : this.string(quote);
  }

  /** A number, a name of the language, or a word without quotes. */
  private bareValue(): Json {
    const match = /[^,{}[\]\n"]{1,2000}/y;
    match.lastIndex = this.at;
    const found = match.exec(this.text)?.[0];
    if (found === undefined) throw new NotJson();
    const comment = found.search(/\s(?:\/\/|\/\*)/);
    const whole = comment === -1 ? found : found.slice(0, comment);
    this.at += whole.length;
    const bare = whole.trim();
    const atEnd = this.at >= this.text.length;
    if (atEnd && !this.ended) throw new Cut();
    if (Object.hasOwn(words, bare)) return words[bare] as Json;
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(bare)) {
      if (isBeyondExact(bare)) return bare;
      const number = Number(bare);
      if (Number.isFinite(number)) return number;
      throw new NotJson();
    }
    // A word that the text ends in may be half of one.
    if (atEnd) throw new Cut();
    if (bare === '' || bare.includes('...') || bare.includes(':') || bare.includes('…')) throw new NotJson();
    return bare;
  }

  private string(closing: string): string {
    let value = '';
    let from = this.at + 1;
    for (let at = from; ; at += 1) {
      const character = this.text[at];
      if (character === undefined) throw new Cut();
      if (character === '\\') {
        value += this.text.slice(from, at);
        const { text, length } = escaped(this.text, at);
        value += text;
        at += length - 1;
        from = at + 1;
      } else if ((character === closing || (closing === '”' && character === '“')) && this.endsString(at)) {
        value += this.text.slice(from, at);
        this.at = at + 1;
        return value;
      }
    }
  }

  private endsString(at: number): boolean {
    const after = /\s*/y;
    after.lastIndex = at + 1;
    after.exec(this.text);
    const next = this.text[after.lastIndex];
    if (next === undefined) {
      // The end of a text that was cut may stand inside a string.
      return true;
    }
    return (
      /[,:}\]=]/.test(next) ||
      (next === '/' && /[/*]/.test(this.text[after.lastIndex + 1] ?? '')) ||
      this.startsKey(at + 1, after.lastIndex)
    );
  }

  /** A comma forgotten at the end of a line. */
  private startsKey(from: number, to: number): boolean {
    return quotes[this.text[to] ?? ''] !== undefined && this.text.slice(from, to).includes('\n');
  }

  private skipSpace(): void {
    const space = /(?:\s|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
    space.lastIndex = this.at;
    space.exec(this.text);
    this.at = Math.max(this.at, space.lastIndex);
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function escaped(text: string, at: number): { readonly text: string; readonly length: number } {
  const next = text[at + 1];
  if (next === undefined) throw new Cut();
  if (next === 'u') {
    const code = text.slice(at + 2, at + 6);
    if (code.length < 4) throw new Cut();
    if (!/^[0-9a-f]{4}$/i.test(code)) throw new NotJson();
    return { text: String.fromCharCode(Number.parseInt(code, 16)), length: 6 };
  }
  return { text: escapes[next] ?? next, length: 2 };
}

/** The objects that stand in a text, one after another; what is no JSON between them is passed over. */
export function findObjects(
  text: string,
  options: { readonly ended?: boolean; readonly most?: number } = {},
): readonly (TolerantJson & { readonly start: number })[] {
  const { ended = true, most = Number.POSITIVE_INFINITY } = options;
  const found: (TolerantJson & { readonly start: number })[] = [];
  let failures = 0;
  // Failures are bounded, because each may have read to the end.
  for (let at = text.indexOf('{'); at !== -1 && failures < 16 && found.length < most; ) {
    const object = readTolerantJson(text, { start: at, ended });
    if (object === undefined) failures += 1;
    else found.push({ ...object, start: at });
    at = text.indexOf('{', object === undefined ? at + 1 : Math.max(object.end, at + 1));
  }
  return found;
}
