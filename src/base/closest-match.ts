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
export function editDistance(first: string, second: string): number {
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let row = 1; row <= first.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= second.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (first[row - 1] === second[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[second.length] ?? 0;
}
