import type { PromptFormat } from '../../prompt/prompt-format.ts';
import { tagOf } from '../../prompt/read-sections.ts';
import { allowedStrings, kindOf, withoutNull } from '../../signature/json-schema.ts';
import type { Field } from '../../signature/signature.ts';

/**
 * What the readers of a module share. They are strict: an answer of another form throws, where Hone itself reads
 * on with more patience.
 */
export const readerHelpers = `/** What an answer should have been. */
export class UnreadableAnswer extends Error {
  constructor(
    message: string,
    readonly answer: string,
  ) {
    super(message);
  }
}

type Kind = 'string' | 'number' | 'integer' | 'boolean' | 'json' | readonly string[];

function bare(answer: string): string {
  const fenced = /^\\s*\`\`\`\\w*\\n([\\s\\S]*?)\\n\`\`\`\\s*$/.exec(answer);
  return (fenced?.[1] ?? answer).trim();
}

function valueOf(written: unknown, kind: Kind, answer: string): unknown {
  const said = typeof written === 'string' ? bare(written) : written;
  if (typeof kind === 'object') {
    const plain = (value: unknown) => String(value).trim().replace(/^["'“]|["'”.]+$/g, '').toLowerCase();
    const found = kind.filter((choice) => choice === said || plain(choice) === plain(said));
    if (found.length === 1) return found[0];
    throw new UnreadableAnswer(\`The answer is none of \${kind.join(', ')}.\`, answer);
  }
  if (kind === 'string') return typeof said === 'string' ? said : JSON.stringify(said);
  if (kind === 'boolean' && /^(true|false)$/i.test(String(said))) return /^true$/i.test(String(said));
  if (kind === 'number' || kind === 'integer') {
    const number = typeof said === 'number' ? said : said === '' ? Number.NaN : Number(said);
    if (Number.isFinite(number) && (kind === 'number' || Number.isInteger(number))) return number;
  }
  if (kind === 'json') {
    if (typeof said !== 'string') return said;
    try {
      return JSON.parse(said);
    } catch {
      // Below.
    }
  }
  throw new UnreadableAnswer(\`The answer is no \${kind}.\`, answer);
}

function inTag(answer: string, tag: string): string | undefined {
  const start = answer.indexOf(\`<\${tag}>\`);
  const end = answer.indexOf(\`</\${tag}>\`, start);
  return start === -1 || end === -1 ? undefined : answer.slice(start + tag.length + 2, end);
}`;

/** The body of a reader: statements that return the outputs of \`answer\`. */
export function readerSource(outputs: readonly Field[], format: PromptFormat): string {
  const [single, another] = outputs;
  if (format === 'json') {
    return `    let found: Record<string, unknown>;
    try {
      found = JSON.parse(bare(answer));
    } catch {
      throw new UnreadableAnswer('The answer is no JSON.', answer);
    }
    return {
${outputs.map((field) => fieldSource(field, `found[${JSON.stringify(field.name)}]`)).join('\n')}
    } as `;
  }
  if (single !== undefined && another === undefined) {
    const none = single.optional ? `    if (/^none$/i.test(bare(answer))) return {} as OUTPUTS;\n` : '';
    const tag = JSON.stringify(tagOf(single.name));
    return `${none}    return {\n${fieldSource({ ...single, optional: false }, `inTag(answer, ${tag}) ?? answer`)}\n    } as `;
  }
  return `    return {
${outputs.map((field) => fieldSource(field, `inTag(answer, ${JSON.stringify(tagOf(field.name))})`)).join('\n')}
    } as `;
}

function fieldSource(field: Field, found: string): string {
  const name = JSON.stringify(field.name);
  const value = `valueOf(${found}, ${kindSource(field)}, answer)`;
  const { nullable } = withoutNull(field.schema);
  const none = field.optional ? 'undefined' : nullable ? 'null' : `missing(${name}, answer)`;
  if (found.includes('??')) return `      ${name}: ${value},`;
  const isNone =
    nullable || field.optional
      ? `(${found}) === undefined || (${found}) === null`
      : `(${found}) === undefined`;
  return `      ${name}: ${isNone} ? ${none} : ${value},`;
}

function kindSource({ schema }: Field): string {
  const { schema: plain } = withoutNull(schema);
  const kind = kindOf(plain);
  return kind === 'choice' ? JSON.stringify(allowedStrings(plain)) : `'${kind}'`;
}

/** What a field that an answer lacks becomes. */
export const missingSource = `function missing(field: string, answer: string): never {
  throw new UnreadableAnswer(\`The answer has no \${field}.\`, answer);
}`;
