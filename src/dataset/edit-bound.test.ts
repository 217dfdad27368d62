import { expect, it } from 'vitest';
import { createRandom } from '../base/random.ts';
import { isWithinEdits } from './edit-bound.ts';

const codes = (text: string) => Uint32Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
const within = (first: string, second: string, most: number) =>
  isWithinEdits(codes(first), codes(second), most);

it.each([
  { first: 'kitten', second: 'sitting', edits: 3 },
  { first: 'receive', second: 'recieve', edits: 1 },
  { first: 'ca', second: 'abc', edits: 3 },
  { first: '', second: 'abc', edits: 3 },
  { first: 'abc', second: 'abc', edits: 0 },
  { first: 'parcel', second: 'parcels', edits: 1 },
  { first: 'xabcdef', second: 'abcdefx', edits: 2 },
])('$first and $second are $edits apart', ({ first, second, edits }) => {
  for (let most = 0; most < 6; most += 1) {
    expect(within(first, second, most)).toBe(most >= edits);
    expect(within(second, first, most)).toBe(most >= edits);
  }
});

it('agrees with the whole table on random texts', () => {
  const random = createRandom(5);
  const text = () => Array.from({ length: random.integer(12) }, () => 'abc'[random.integer(3)]).join('');
  for (let round = 0; round < 2_000; round += 1) {
    const [first, second, most] = [text(), text(), random.integer(5)];
    expect(within(first, second, most), `${first} ${second} ${most}`).toBe(distance(first, second) <= most);
  }
});

/** Optimal string alignment by its definition, without a band. */
function distance(first: string, second: string): number {
  const table = Array.from({ length: first.length + 1 }, (_, row) =>
    Array.from({ length: second.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  const at = (row: number, column: number) => table[row]?.[column] ?? 0;
  for (let row = 1; row <= first.length; row += 1) {
    for (let column = 1; column <= second.length; column += 1) {
      const same = first[row - 1] === second[column - 1] ? 0 : 1;
      const options = [at(row - 1, column - 1) + same, at(row - 1, column) + 1, at(row, column - 1) + 1];
      if (
        row > 1 &&
        column > 1 &&
        first[row - 1] === second[column - 2] &&
        first[row - 2] === second[column - 1]
      )
        options.push(at(row - 2, column - 2) + 1);
      (table[row] as number[])[column] = Math.min(...options);
    }
  }
  return at(first.length, second.length);
}
