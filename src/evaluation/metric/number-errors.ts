/** Expected and given numbers; undefined where no number could be read. */
export interface NumberPair {
  readonly expected: number;
  readonly actual: number | undefined;
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
  let absolute = 0;
  let squares = 0;
  let signed = 0;
  return {
    add({ expected, actual }) {
      if (actual === undefined) {
        unread += 1;
        return;
      }
      rows += 1;
      const error = actual - expected;
      absolute += Math.abs(error);
      squares += error ** 2;
      signed += error;
    },
    summary: () =>
      rows === 0
        ? { rows, unread }
        : {
            rows,
            unread,
            meanAbsolute: absolute / rows,
            rootMeanSquare: Math.sqrt(squares / rows),
            bias: signed / rows,
          },
  };
}

/** Mean absolute error and the like, of pairs that are at hand. */
export function numberErrors(pairs: readonly NumberPair[]): NumberErrors {
  const errors = createNumberErrors();
  for (const pair of pairs) errors.add(pair);
  return errors.summary();
}
