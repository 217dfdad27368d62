import { HoneError } from '../base/errors.ts';
import { mediaSchemas } from './media-types.ts';
import type { Field, JsonSchema } from './signature.ts';

/** Both sides of a signature's text. */
export interface ParsedSignature {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

const namedSchemas: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  json: {},
  object: { type: 'object' },
  ...mediaSchemas,
};

/**
 * Reads `ticket, tier?: string -> category: "billing" | "refunds", confidence: number`.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` with the position of what is wrong, counted from 1.
 */
export function parseSignatureText(text: string): ParsedSignature {
  const scanner = createScanner(text);
  const inputs = scanFields(scanner);
  if (!scanner.take('->')) scanner.fail('“->” is expected here, between inputs and outputs');
  const outputs = scanFields(scanner);
  if (!scanner.atEnd()) scanner.fail('the signature should end here');
  const names = new Set<string>();
  for (const { field, position } of [...inputs, ...outputs]) {
    if (names.has(field.name)) scanner.fail(`“${field.name}” is there twice`, position);
    names.add(field.name);
  }
  return { inputs: inputs.map(({ field }) => field), outputs: outputs.map(({ field }) => field) };
}

/**
 * Reads the text of one type: `number`, `string[]`, `"a" | "b"`.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` with the position of what is wrong.
 */
export function parseTypeText(text: string): JsonSchema {
  const scanner = createScanner(text);
  const schema = scanType(scanner);
  if (!scanner.atEnd()) scanner.fail('the type should end here');
  return schema;
}

interface PlacedField {
  readonly field: Field;
  readonly position: number;
}

interface Scanner {
  /** Where the next sign is, counted from 0, white space skipped. */
  position(): number;
  atEnd(): boolean;
  /** Reads this text if it comes next. */
  take(text: string): boolean;
  /** Reads what a sticky pattern matches next. */
  match(pattern: RegExp): string | undefined;
  fail(problem: string, position?: number): never;
}

function createScanner(text: string): Scanner {
  let index = 0;
  const skip = () => {
    while (/\s/.test(text[index] ?? '')) index += 1;
  };
  return {
    position: () => {
      skip();
      return index;
    },
    atEnd: () => {
      skip();
      return index >= text.length;
    },
    take: (expected) => {
      skip();
      if (!text.startsWith(expected, index)) return false;
      index += expected.length;
      return true;
    },
    match: (pattern) => {
      skip();
      pattern.lastIndex = index;
      const found = pattern.exec(text)?.[0];
      index += found?.length ?? 0;
      return found;
    },
    fail: (problem, position) => {
      skip();
      const place = position ?? index;
      throw new HoneError(`The signature “${text}” is wrong at character ${place + 1}: ${problem}.`, {
        code: 'HONE_SIGNATURE_INVALID',
        hint: 'Write it like this: ticket, tier?: string -> category: "billing" | "refunds", confidence: number',
        facts: { position: place + 1 },
      });
    },
  };
}

function scanFields(scanner: Scanner): readonly PlacedField[] {
  const fields: PlacedField[] = [];
  do {
    const position = scanner.position();
    const name = scanner.match(/[A-Za-z_][A-Za-z0-9_]*/y);
    if (name === undefined) return scanner.fail('the name of a field is expected here');
    const optional = scanner.take('?');
    const schema = scanner.take(':') ? scanType(scanner) : { type: 'string' };
    fields.push({ field: optional ? { name, schema, optional } : { name, schema }, position });
  } while (scanner.take(','));
  return fields;
}

function scanType(scanner: Scanner): JsonSchema {
  if (scanner.take('(')) {
    const schema = scanUnion(scanner);
    if (!scanner.take(')')) scanner.fail('“)” is expected here');
    const array = scanArrays(scanner, schema);
    return array === schema ? scanner.fail('“[]” is expected after the bracket') : array;
  }
  const start = scanner.position();
  const word = scanner.match(/[A-Za-z_][A-Za-z0-9_]*/y);
  if (word === undefined) return scanUnion(scanner);
  const schema = Object.hasOwn(namedSchemas, word) ? namedSchemas[word] : undefined;
  if (schema !== undefined) return scanArrays(scanner, schema);
  return scanner.fail(
    `unknown type “${word}”: use ${Object.keys(namedSchemas).join(', ')}, a quoted answer, or one of these with []`,
    start,
  );
}

function scanArrays(scanner: Scanner, item: JsonSchema): JsonSchema {
  return scanner.take('[]') ? scanArrays(scanner, { type: 'array', items: item }) : item;
}

function scanUnion(scanner: Scanner): JsonSchema {
  const answers: string[] = [];
  do {
    const position = scanner.position();
    const quoted = scanner.match(/"[^"]*"|'[^']*'/y);
    if (quoted === undefined) return scanner.fail('a type or a quoted answer is expected here');
    const answer = quoted.slice(1, -1);
    if (answers.includes(answer)) scanner.fail(`the answer “${answer}” is there twice`, position);
    answers.push(answer);
  } while (scanner.take('|'));
  return { type: 'string', enum: answers };
}
