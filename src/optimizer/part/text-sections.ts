/**
 * The sections of a text: blocks between blank lines; a heading goes with the block below it, and the items of a list
 * are sections of their own. Joined by `joinSections` they are the text again, but for the number of blank lines.
 */
export function sectionsOf(text: string): readonly string[] {
  const sections: string[] = [];
  let block: string[] = [];
  const close = () => {
    if (block.length > 0) sections.push(block.join('\n'));
    block = [];
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      // A heading waits for what it is the heading of.
      if (!(block.length === 1 && isHeading(block[0] ?? ''))) close();
      continue;
    }
    if (isItem(line) && !(block.length === 1 && isHeading(block[0] ?? ''))) close();
    block.push(line.trimEnd());
  }
  close();
  return sections;
}

/** List items follow each other without a blank line, everything else is set apart by one. */
export function joinSections(sections: readonly string[]): string {
  return sections.reduce((text, section, index) => {
    if (index === 0) return section;
    const isList = isItem(section) && isItem(sections[index - 1] ?? '');
    return `${text}${isList ? '\n' : '\n\n'}${section}`;
  }, '');
}

/** A paragraph of several sentences as a list, a sentence each; undefined where there is nothing to list. */
export function asList(section: string): string | undefined {
  if (isItem(section) || section.includes('\n')) return undefined;
  const sentences = sentencesOf(section);
  return sentences.length < 2 ? undefined : sentences.map((sentence) => `- ${sentence}`).join('\n');
}

/** List items as one paragraph; undefined where there are none. */
export function asParagraph(sections: readonly string[]): readonly string[] | undefined {
  if (!sections.some(isItem)) return undefined;
  const joined: string[] = [];
  let items: string[] = [];
  const close = () => {
    if (items.length > 0) joined.push(items.join(' '));
    items = [];
  };
  for (const section of sections) {
    if (isItem(section)) items.push(section.replace(itemMark, '').replace(/([^.!?:;])$/, '$1.'));
    else {
      close();
      joined.push(section);
    }
  }
  close();
  return joined;
}

const itemMark = /^\s*(?:[-*•]|\d+[.)])\s+/;

function isItem(line: string): boolean {
  return itemMark.test(line);
}

function isHeading(line: string): boolean {
  return /^#{1,6}\s|^\*\*[^*]+\*\*:?$|^[^.!?]{1,60}:$/.test(line.trim());
}

function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?。！？])\s+(?=\S)/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}
