import { Document, LineCounter, type ParsedNode, parseDocument, Scalar, visit } from 'yaml';
import { HoneError } from '../base/errors.ts';
import { keepSpelling } from '../base/yaml-spelling.ts';

/** Where a piece of YAML stands in its file. */
export interface YamlPlace {
  readonly file: string;
  /** The line of the file where the piece starts, counted from 1. */
  readonly firstLine: number;
}

/** YAML that was read, with the places of its nodes. */
export interface YamlText {
  readonly document: Document.Parsed;
  /** `file, line 3, column 7` of a node, or of the piece. */
  where(node: { readonly range?: readonly number[] | null } | null | undefined): string;
}

/**
 * Reads a piece of YAML in a prompt file.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` with the line and column of the first error.
 */
export function readYaml(text: string, { file, firstLine }: YamlPlace): YamlText {
  const lineCounter = new LineCounter();
  const document = parseDocument<ParsedNode>(`${text}\n`, {
    lineCounter,
    prettyErrors: false,
    version: '1.2',
  });
  const [error] = document.errors;
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}, line ${line + firstLine - 1}, column ${col}`;
  };
  if (error !== undefined) {
    throw new HoneError(`${at(error.pos[0])}: ${error.message}.`.replace(/\.\.$/, '.'), {
      code: 'HONE_PROMPT_INVALID',
      hint: 'Correct the YAML there; put text with signs such as “: ” or “#” in quotes.',
      facts: { file, line: lineCounter.linePos(error.pos[0]).line + firstLine - 1 },
    });
  }
  keepSpelling(document);
  return { document, where: (node) => at(node?.range?.[0] ?? 0) };
}

/**
 * YAML that reads back as the same value; no last line end. Long texts stand on lines of their own, where
 * white space at their edges leaves no doubt what belongs to them; otherwise they are quoted.
 */
export function writeYaml(value: unknown): string {
  const document = new Document(value, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string' || !/[\n\r]/.test(node.value)) return;
      node.type = isPlainBlock(node.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false }).replace(/\n$/, '');
}

/** Starts and ends with a sign, has no line of white space alone and no signs that are not seen. */
function isPlainBlock(text: string): boolean {
  const hasDoubt = /\n[ \t]+\n|(?![\n\t])[\p{Cc}\p{Cf}]|[\u2028\u2029]/u.test(text);
  return /^\S[\s\S]*\S$/.test(text) && !hasDoubt;
}
