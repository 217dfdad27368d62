import { allowedStrings, kindOf, withoutNull } from '../../signature/json-schema.ts';
import type { Field } from '../../signature/signature.ts';

/** An interface with the fields of one side. */
export function interfaceSource(name: string, fields: readonly Field[]): string {
  const lines = fields.map((field) => {
    const { name: own, description, optional } = field;
    const comment =
      description === undefined
        ? ''
        : `  /** ${description.replaceAll('*/', '* /').replaceAll('\n', ' ')} */\n`;
    return `${comment}  readonly ${JSON.stringify(own)}${optional ? '?' : ''}: ${typeSource(field)}${optional ? ' | undefined' : ''};`;
  });
  return `export interface ${name} {\n${lines.join('\n')}\n}`;
}

function typeSource({ schema }: Field): string {
  const { schema: plain, nullable } = withoutNull(schema);
  const none = nullable ? ' | null' : '';
  switch (kindOf(plain)) {
    case 'choice':
      return `${allowedStrings(plain)
        .map((choice) => JSON.stringify(choice))
        .join(' | ')}${none}`;
    case 'integer':
    case 'number':
      return `number${none}`;
    case 'boolean':
      return `boolean${none}`;
    case 'string':
      return `string${none}`;
    case 'json':
      return plain.type === 'array' ? `readonly ${itemSource(plain.items)}[]${none}` : 'unknown';
  }
}

function itemSource(items: unknown): string {
  const type = typeof items === 'object' && items !== null ? (items as { type?: unknown }).type : undefined;
  return type === 'string' || type === 'boolean'
    ? type
    : type === 'number' || type === 'integer'
      ? 'number'
      : 'unknown';
}

const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield inputs text run client model said completion reply turns settings system signal bare missing inTag valueOf generateText'.split(
    ' ',
  ),
);

/** A name in code: `sort_it` and `sort-it` are `sortIt`. */
export function identifierOf(name: string): string {
  const words = name.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? ['step'];
  const [first = 'step', ...others] = words;
  const joined = first.charAt(0).toLowerCase() + first.slice(1) + others.map(capital).join('');
  return /^\d/.test(joined) || reserved.has(joined) ? `step${capital(joined)}` : joined;
}

/** The name of a type. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
