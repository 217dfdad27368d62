/**
 * The choice that is most likely meant by a mistyped word, or undefined when none is near: at most a third of
 * its letters differ. Upper and lower case count as equal.
 */
export function closestMatch(word: string, choices: Iterable<string>): string | undefined {
  let closest: string | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase());
    if (distance < smallest && distance <= Math.max(word.length, choice.length) / 3) {
      closest = choice;
      smallest = distance;
    }
  }
  return closest;
}

/**
 * How many letters must be inserted, deleted or replaced to make one text of the other.
 *
 * @see Levenshtein 1966, "Binary codes capable of correcting deletions, insertions, and reversals".
 */
export function editDistance(first: ArrayLike<string>, second: ArrayLike<string>): number {
  const { start, end } = sharedEnds(first, second);
  const rows = first.length - start - end;
  const columns = second.length - start - end;
  if (rows === 0 || columns === 0) return rows + columns;
  const line = new Uint32Array(columns + 1);
  for (let column = 0; column <= columns; column += 1) line[column] = column;
  for (let row = 1; row <= rows; row += 1) {
    let diagonal = row - 1;
    line[0] = row;
    for (let column = 1; column <= columns; column += 1) {
      const above = line[column] ?? 0;
      const replaced = diagonal + (first[start + row - 1] === second[start + column - 1] ? 0 : 1);
      line[column] = Math.min(replaced, above + 1, (line[column - 1] ?? 0) + 1);
      diagonal = above;
    }
  }
  return line[columns] ?? 0;
}

/** How many letters two texts share at their starts, and of the rest at their ends. */
export function sharedEnds(
  first: ArrayLike<string>,
  second: ArrayLike<string>,
): { readonly start: number; readonly end: number } {
  const shorter = Math.min(first.length, second.length);
  let start = 0;
  while (start < shorter && first[start] === second[start]) start += 1;
  let end = 0;
  while (end < shorter - start && first[first.length - 1 - end] === second[second.length - 1 - end]) {
    end += 1;
  }
  return { start, end };
}
