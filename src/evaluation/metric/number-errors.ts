/** Expected and given numbers; undefined where no number could be read. */
export interface NumberPair {
  readonly expected: number;
  readonly actual: number | undefined;
  /** How much it counts in the means, such as 1 / trials of its row; above 0. @default 1 */
  readonly weight?: number | undefined;
}

/** How far numbers are off, in their unit. JSON. */
export interface NumberErrors {
  /** Answers with both numbers. */
  readonly rows: number;
  /** Answers that were no number: in no error, and never an error of 0. */
  readonly unread: number;
  /** Mean absolute error; undefined without an answer. */
  readonly meanAbsolute?: number | undefined;
  /** Root of the mean squared error. */
  readonly rootMeanSquare?: number | undefined;
  /** Mean of given − expected: which way they are off. */
  readonly bias?: number | undefined;
}

/** Takes pairs as they come, in constant memory. */
export interface NumberErrorAccumulator {
  add(pair: NumberPair): void;
  summary(): NumberErrors;
}

export function createNumberErrors(): NumberErrorAccumulator {
  let rows = 0;
  let unread = 0;
  let total = 0;
  let absolute = 0;
  let squares = 0;
  let signed = 0;
  return {
    add({ expected, actual, weight = 1 }) {
      if (actual === undefined) {
        unread += 1;
        return;
      }
      rows += 1;
      const error = actual - expected;
      total += weight;
      absolute += weight * Math.abs(error);
      squares += weight * error ** 2;
      signed += weight * error;
    },
    summary: () =>
      rows === 0
        ? { rows, unread }
        : {
            rows,
            unread,
            meanAbsolute: absolute / total,
            rootMeanSquare: Math.sqrt(squares / total),
            bias: signed / total,
          },
  };
}

/** Mean absolute error and the like, of pairs that are at hand. */
export function numberErrors(pairs: readonly NumberPair[]): NumberErrors {
  const errors = createNumberErrors();
  for (const pair of pairs) errors.add(pair);
  return errors.summary();
}
