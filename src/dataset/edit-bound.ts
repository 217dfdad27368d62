/**
 * Whether one sequence becomes the other by at most so many edits: an item put in, left out or exchanged, or two
 * neighbours swapped. Takes `length × most` steps.
 *
 * @see Ukkonen 1985, "Algorithms for approximate string matching", for the band; the distance is the optimal string
 * alignment of Damerau and Levenshtein.
 */
export function isWithinEdits(first: ArrayLike<number>, second: ArrayLike<number>, most: number): boolean {
  if (Math.abs(first.length - second.length) > most) return false;
  const [start, firstEnd, secondEnd] = differingParts(first, second);
  const rows = firstEnd - start;
  const columns = secondEnd - start;
  if (rows === 0 || columns === 0) return Math.max(rows, columns) <= most;
  if (scratch.length < 3 * (columns + 1)) scratch = new Int32Array(6 * (columns + 1));
  const line = (row: number) => scratch.subarray((row % 3) * (columns + 1), ((row % 3) + 1) * (columns + 1));
  const far = most + 1;
  let before = line(2);
  let previous = line(0);
  for (let column = 0; column <= columns; column += 1) previous[column] = Math.min(column, far);
  for (let row = 1; row <= rows; row += 1) {
    const current = line(row).fill(far);
    if (row <= most) current[0] = row;
    let least = current[0] ?? far;
    const item = first[start + row - 1];
    const itemBefore = row > 1 ? first[start + row - 2] : undefined;
    const last = Math.min(columns, row + most);
    for (let column = Math.max(1, row - most); column <= last; column += 1) {
      const other = second[start + column - 1];
      const exchanged = (previous[column - 1] ?? far) + (item === other ? 0 : 1);
      let edits = Math.min(exchanged, (previous[column] ?? far) + 1, (current[column - 1] ?? far) + 1);
      if (column > 1 && itemBefore === other && item === second[start + column - 2]) {
        edits = Math.min(edits, (before[column - 2] ?? far) + 1);
      }
      if (edits > far) edits = far;
      current[column] = edits;
      if (edits < least) least = edits;
    }
    if (least > most) return false;
    before = previous;
    previous = current;
  }
  return (previous[columns] ?? far) <= most;
}

/** Three lines of the table, kept from call to call: millions of pairs are compared one after another. */
let scratch = new Int32Array(1024);

/** Where two sequences start to differ, and the ends of what differs in each: most near-duplicates share the rest. */
function differingParts(first: ArrayLike<number>, second: ArrayLike<number>): [number, number, number] {
  let start = 0;
  let firstEnd = first.length;
  let secondEnd = second.length;
  while (start < firstEnd && start < secondEnd && first[start] === second[start]) start += 1;
  while (firstEnd > start && secondEnd > start && first[firstEnd - 1] === second[secondEnd - 1]) {
    firstEnd -= 1;
    secondEnd -= 1;
  }
  return [start, firstEnd, secondEnd];
}
