import type { JsonObject } from '../base/json.ts';
import { contentText } from '../model/content.ts';
import type { Message } from '../model/model.ts';
import type { Field } from '../signature/signature.ts';

/** Stands for an input while a prompt is rendered: signs for private use, which no prompt has. */
const mark = (name: string) => `\uE000${name}\uE001`;
const marks = /\uE000([^\uE001]*)\uE001/g;
/** White space after a value, to see where a prompt takes it away. */
const blanks = '   ';

/** The most inputs that may be absent: each doubles the messages that are written out. */
export const mostOptional = 4;

/** Inputs whose places can be found again in what is rendered of them. */
export function markedInputs(
  inputs: readonly Field[],
  { absent, after }: { readonly absent: readonly string[]; readonly after: string },
): JsonObject {
  const shown = inputs.filter(({ name }) => !absent.includes(name));
  return Object.fromEntries(shown.map(({ name }) => [name, mark(name) + after]));
}

/**
 * The messages of a prompt as an expression of `inputs`, with `text()` for a value: the same as rendering gives, also
 * where an input is absent, and where white space at the end of a section is taken away.
 *
 * @param optional The inputs that may be absent, at most four.
 * @param render The messages for marked inputs.
 */
export function messagesSource(
  optional: readonly string[],
  render: (absent: readonly string[], after: string) => readonly Message[],
): string {
  return choiceOf(optional, (absent) => listSource(render(absent, ''), render(absent, blanks)));
}

/** One expression for each set of inputs that are there. */
function choiceOf(optional: readonly string[], sourceOf: (absent: readonly string[]) => string): string {
  const [first, ...rest] = optional;
  if (first === undefined) return sourceOf([]);
  const present = choiceOf(rest, sourceOf);
  const missing = choiceOf(rest, (absent) => sourceOf([first, ...absent]));
  return `inputs[${JSON.stringify(first)}] === undefined\n    ? ${missing}\n    : ${present}`;
}

function listSource(plain: readonly Message[], spaced: readonly Message[]): string {
  const lines = plain.map(({ role, content }, index) => {
    const source = textSource(contentText(content), contentText(spaced[index]?.content ?? ''));
    return `      { role: '${role}', content: ${source} },`;
  });
  return `[\n${lines.join('\n')}\n    ]`;
}

/** Texts and inputs by turns; where the prompt takes white space away after a value, so does the code. */
function textSource(plain: string, spaced: string): string {
  const pieces = plain.split(marks);
  const ends = [...spaced.matchAll(marks)].map(({ 0: whole, index }) => {
    const end = index + whole.length;
    return spaced.slice(end, end + blanks.length) === blanks;
  });
  let source = '';
  for (const [index, piece] of pieces.entries()) {
    // Splitting by a pattern with a group gives text and names by turns.
    const isText = index % 2 === 0;
    if (isText && piece === '') continue;
    const own = isText ? JSON.stringify(piece) : `text(inputs[${JSON.stringify(piece)}])`;
    source = source === '' ? own : `${source} + ${own}`;
    if (!isText && ends[(index - 1) / 2] === false) source = `(${source}).trimEnd()`;
  }
  return source === '' ? '""' : source;
}
