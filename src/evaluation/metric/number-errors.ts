/** Expected and given numbers; undefined where no number could be read. */
export interface NumberPair {
  readonly expected: number;
  readonly actual: number | undefined;
}

/** How far numbers are off, in their unit. JSON. */
export interface NumberErrors {
  /** Rows with both numbers. */
  readonly rows: number;
  /** Answers that were no number: in no error, and never an error of 0. */
  readonly unread: number;
  /** Mean absolute error; undefined without a row. */
  readonly meanAbsolute?: number | undefined;
  /** Root of the mean squared error. */
  readonly rootMeanSquare?: number | undefined;
  /** Mean of given − expected: which way they are off. */
  readonly bias?: number | undefined;
}

export function numberErrors(pairs: readonly NumberPair[]): NumberErrors {
  let rows = 0;
  let absolute = 0;
  let squares = 0;
  let signed = 0;
  for (const { expected, actual } of pairs) {
    if (actual === undefined) continue;
    rows += 1;
    const error = actual - expected;
    absolute += Math.abs(error);
    squares += error ** 2;
    signed += error;
  }
  const unread = pairs.length - rows;
  if (rows === 0) return { rows, unread };
  return {
    rows,
    unread,
    meanAbsolute: absolute / rows,
    rootMeanSquare: Math.sqrt(squares / rows),
    bias: signed / rows,
  };
}
