import { Script } from 'node:vm';

/** A check or a transform in code, as the config that is written has it. */
export interface CodeFunction {
  readonly name: string;
  /** As it stood in the config that it comes from. */
  readonly code: string;
  /** A function of the answer and its context. */
  readonly source: string;
}

/**
 * The code of a check as a function: an expression, or statements that return. It is compiled, to see that it can be
 * read, and never run.
 *
 * @returns Undefined for what JavaScript cannot read.
 */
export function sourceOfCode(code: string): string | undefined {
  const expression = code.trim().replace(/;+\s*$/, '');
  const forms = [
    `async (output: any, context: any) => (\n  ${expression}\n)`,
    ...(/\breturn\b/.test(code) ? [`async (output: any, context: any) => {\n  ${code.trim()}\n}`] : []),
  ];
  return forms.find((form) => isReadable(form.replace('output: any, context: any', 'output, context')));
}

function isReadable(source: string): boolean {
  try {
    return new Script(`(${source})`) instanceof Script;
  } catch {
    return false;
  }
}
