/** The text of a prompt file between front matter and demos. */
export interface PromptSections {
  readonly system?: PlacedText | undefined;
  readonly user?: PlacedText | undefined;
  /** All of the text, where there are no section lines. */
  readonly whole?: PlacedText | undefined;
}

export interface PlacedText {
  readonly text: string;
  /** The line where it starts, counted from 1. */
  readonly line: number;
}

export interface SectionProblem {
  readonly line: number;
  readonly problem: string;
}

/** Lines that mean something to the file; with backslashes before them they are text. */
const marker = /^(?:(?:system|user):|`{3,}demos[ \t]*$)/;
const sectionLine = /^(system|user):(.*)$/;

/**
 * Splits the lines of a prompt. A `system:` or `user:` line of its own starts a section; when the first line
 * of text starts a section, the text may stand behind the colon too. Blank lines around a section do not
 * belong to it.
 */
export function splitSections(lines: readonly string[], firstLine: number): PromptSections | SectionProblem {
  const firstText = lines.findIndex((line) => line.trim() !== '');
  const inline = /^(?:system|user):.*\S/.test(lines[firstText] ?? '');
  const starts: { readonly name: 'system' | 'user'; readonly index: number; readonly rest: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const match = sectionLine.exec(line);
    if (match === null) continue;
    const [, name, rest = ''] = match as unknown as [string, 'system' | 'user', string];
    const isAlone = rest.trim() === '';
    const isKnown = starts.some((start) => start.name === name);
    if (!isAlone && (!inline || isKnown)) continue;
    if (isKnown) return { line: firstLine + index, problem: `there is a second “${name}:” section` };
    starts.push({ name, index, rest: rest.trimStart() });
  }
  const [first] = starts;
  if (first === undefined) return { whole: textOf(lines, firstLine) };
  if (firstText < first.index) {
    return { line: firstLine + firstText, problem: `there is text before the “${first.name}:” section` };
  }
  const sections: { system?: PlacedText; user?: PlacedText } = {};
  for (const [order, { name, index, rest }] of starts.entries()) {
    const body = lines.slice(index + 1, starts[order + 1]?.index ?? lines.length);
    sections[name] =
      rest === '' ? textOf(body, firstLine + index + 1) : textOf([rest, ...body], firstLine + index);
  }
  return sections;
}

function textOf(lines: readonly string[], firstLine: number): PlacedText {
  let start = 0;
  let end = lines.length;
  while (start < end && lines[start]?.trim() === '') start += 1;
  while (end > start && lines[end - 1]?.trim() === '') end -= 1;
  return { text: lines.slice(start, end).map(unescapeLine).join('\n'), line: firstLine + start };
}

/** The lines that `textOf` reads back as this text. */
export function linesOfText(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const isBlank = (line: string | undefined) => line?.trim() === '';
  const firstText = lines.findIndex((line) => !isBlank(line));
  const lastText = lines.findLastIndex((line) => !isBlank(line));
  return lines.map((line, index) => {
    const isAtEdge = firstText === -1 || index < firstText || index > lastText;
    return isAtEdge || isEscapable(line) ? `\\${line}` : line;
  });
}

/** A backslash before a marker, or before nothing, is taken away; every other backslash is text. */
function unescapeLine(line: string): string {
  return line.startsWith('\\') && (isEscapable(line.slice(1)) || line.slice(1).trim() === '')
    ? line.slice(1)
    : line;
}

function isEscapable(line: string): boolean {
  const bare = line.replace(/^\\+/, '');
  return marker.test(bare) || (line !== bare && bare.trim() === '');
}
