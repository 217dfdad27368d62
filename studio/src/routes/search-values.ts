/** A text of the address; anything else is dropped. */
export function textIn(search: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = search[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One of some words; anything else is dropped. */
export function wordIn<Word extends string>(
  search: Readonly<Record<string, unknown>>,
  name: string,
  words: readonly Word[],
): Word | undefined {
  return words.find((word) => word === search[name]);
}

export function wholeIn(search: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Number(search[name]);
  return search[name] !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}
