export interface WrapOptions {
  /** Longest line, its indent included; a longer word stands alone. */
  readonly width: number;
  /** What every line begins with. @default '' */
  readonly indent?: string | undefined;
}

/** A text in lines of a width; its own line breaks stay. */
export function wrapText(text: string, { width, indent = '' }: WrapOptions): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(' ')) {
      if (current !== '' && indent.length + current.length + 1 + word.length > width) {
        lines.push(current);
        current = word;
      } else {
        current = current === '' ? word : `${current} ${word}`;
      }
    }
    return [...lines, current].map((each) => `${indent}${each}`.trimEnd());
  });
}
