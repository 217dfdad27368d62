import type { Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';

/**
 * Minibatches that go through all rows in random order before any comes again. A batch never holds a row twice:
 * where an epoch ends within it, the rows that it has already taken wait for the next.
 */
export function minibatches(
  rows: readonly Example[],
  { size, random }: { readonly size: number; readonly random: Random },
): { next(): readonly Example[] } {
  let epoch = 0;
  let queue: Example[] = [];
  return {
    next: () => {
      const batch: Example[] = [];
      while (batch.length < Math.min(size, rows.length)) {
        if (queue.length === 0) {
          queue = random.fork(`epoch-${epoch}`).shuffle(rows);
          epoch += 1;
        }
        const at = queue.findIndex((row) => !batch.includes(row));
        if (at === -1) {
          queue = [];
          continue;
        }
        batch.push(...queue.splice(at, 1));
      }
      return batch;
    },
  };
}
