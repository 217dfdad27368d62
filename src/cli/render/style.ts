import { createColors } from 'picocolors';

/** Meaning, not colours: what a piece of text is. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/** Colours for a terminal; the text as it is for everything else. */
export function createStyle(colored: boolean): Style {
  const { green, red, yellow, cyan, bold, dim } = createColors(colored);
  return { good: green, bad: red, warn: yellow, accent: cyan, bold, dim };
}
