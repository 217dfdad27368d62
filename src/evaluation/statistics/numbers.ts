import { quantileOfSorted } from './quantile.ts';
import { requireSample } from './sample.ts';

/** Many numbers in little memory: pages of typed arrays that grow without copying. */
export interface Numbers {
  readonly length: number;
  push(value: number): void;
  /** Undefined beyond the end. */
  at(index: number): number | undefined;
  /** A sorted copy, made anew at each call. */
  sorted(): Float64Array | Float32Array;
  [Symbol.iterator](): Iterator<number>;
}

const pageLength = 16_384;

/**
 * An empty list of numbers.
 *
 * @param options.precision `single` takes 4 bytes a number and keeps 7 digits, `double` takes 8. @default 'double'
 */
export function createNumbers({
  precision = 'double',
}: {
  readonly precision?: 'single' | 'double' | undefined;
} = {}): Numbers {
  const allocate = (length: number) =>
    precision === 'single' ? new Float32Array(length) : new Float64Array(length);
  const pages: (Float32Array | Float64Array)[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      const position = length % pageLength;
      if (position === 0) pages.push(allocate(pageLength));
      const page = pages[pages.length - 1];
      if (page !== undefined) page[position] = value;
      length += 1;
    },
    at: (index) =>
      index >= 0 && index < length ? pages[Math.floor(index / pageLength)]?.[index % pageLength] : undefined,
    sorted() {
      const all = allocate(length);
      for (const [index, page] of pages.entries()) {
        const start = index * pageLength;
        all.set(page.subarray(0, Math.min(pageLength, length - start)), start);
      }
      return all.sort();
    },
    *[Symbol.iterator]() {
      for (const [index, page] of pages.entries()) {
        yield* page.subarray(0, Math.min(pageLength, length - index * pageLength));
      }
    },
  };
}

/**
 * Quantiles of a list, exact, with one sort for all of them.
 *
 * @param probabilities 0 (the smallest) to 1 (the largest) each.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when the list is empty.
 */
export function quantiles(numbers: Numbers, probabilities: readonly number[]): number[] {
  requireSample('quantile', numbers.length);
  const sorted = numbers.sorted();
  return probabilities.map((probability) => quantileOfSorted(sorted, probability));
}
