/** What was expected of one row and what came; undefined where no label could be read. */
export interface LabelPair {
  readonly expected: string;
  readonly actual: string | undefined;
  /** How much it counts, above 0. @default 1 */
  readonly weight?: number | undefined;
}

/** One class of a classification. */
export interface ClassFigures {
  readonly label: string;
  /** Rows that expect it. */
  readonly expected: number;
  /** Rows that were given it. */
  readonly given: number;
  readonly right: number;
  /** 0 where it was never given. */
  readonly precision: number;
  /** 0 where it is never expected. */
  readonly recall: number;
  readonly f1: number;
}

/** Figures of a classification over its classes. JSON. */
export interface ClassificationSummary {
  readonly rows: number;
  readonly accuracy: number;
  /** Mean F1 of the classes that are expected or given, each counting the same. */
  readonly macroF1: number;
  /** F1 over all rows: the accuracy, less where answers have no label. */
  readonly microF1: number;
  /** Mean F1 by how often a class is expected. */
  readonly weightedF1: number;
  /** Mean recall of the classes that are expected. */
  readonly balancedAccuracy: number;
  /** Matthews correlation, −1 to 1; 0 where one side has a single class. */
  readonly matthews: number;
  /** Answers without a label: never right. */
  readonly unread: number;
  /** By label, in alphabetical order. */
  readonly classes: readonly ClassFigures[];
  /** Rows by what was expected and what came, most first; `actual` undefined: no label. */
  readonly confusion: readonly {
    readonly expected: string;
    readonly actual?: string | undefined;
    readonly rows: number;
  }[];
}

/**
 * Figures of expected and given labels. An answer without a label counts against the class that was expected, and for
 * none. 0 / 0 is 0.
 *
 * @see Sokolova and Lapalme 2009, "A Systematic Analysis of Performance Measures for Classification Tasks".
 */
export function classificationSummary(pairs: readonly LabelPair[]): ClassificationSummary {
  const cells = new Map<string, { expected: string; actual: string | undefined; rows: number }>();
  for (const { expected, actual, weight = 1 } of pairs) {
    const key = JSON.stringify([expected, actual ?? null]);
    const cell = cells.get(key) ?? { expected, actual, rows: 0 };
    cell.rows += weight;
    cells.set(key, cell);
  }
  const all = [...cells.values()];
  const rows = all.reduce((sum, cell) => sum + cell.rows, 0);
  const sumOf = (of: (cell: (typeof all)[number]) => boolean) =>
    all.reduce((sum, cell) => (of(cell) ? sum + cell.rows : sum), 0);
  const labels = [
    ...new Set(
      all.flatMap(({ expected, actual }) => (actual === undefined ? [expected] : [expected, actual])),
    ),
  ].sort();
  const classes = labels.map((label): ClassFigures => {
    const expected = sumOf((cell) => cell.expected === label);
    const given = sumOf((cell) => cell.actual === label);
    const right = sumOf((cell) => cell.expected === label && cell.actual === label);
    return {
      label,
      expected,
      given,
      right,
      precision: share(right, given),
      recall: share(right, expected),
      f1: share(2 * right, expected + given),
    };
  });
  const right = classes.reduce((sum, each) => sum + each.right, 0);
  const given = classes.reduce((sum, each) => sum + each.given, 0);
  const expectedClasses = classes.filter(({ expected }) => expected > 0);
  return {
    rows,
    accuracy: share(right, rows),
    macroF1: share(
      classes.reduce((sum, { f1 }) => sum + f1, 0),
      classes.length,
    ),
    microF1: share(2 * right, rows + given),
    weightedF1: share(
      classes.reduce((sum, { f1, expected }) => sum + f1 * expected, 0),
      rows,
    ),
    balancedAccuracy: share(
      expectedClasses.reduce((sum, { recall }) => sum + recall, 0),
      expectedClasses.length,
    ),
    matthews: matthewsOf(classes, { rows, right }),
    unread: rows - given,
    classes,
    confusion: all
      .map(({ expected, actual, rows: count }) => ({
        expected,
        ...(actual !== undefined && { actual }),
        rows: count,
      }))
      .sort(
        (a, b) =>
          b.rows - a.rows ||
          a.expected.localeCompare(b.expected) ||
          (a.actual ?? '').localeCompare(b.actual ?? ''),
      ),
  };
}

function matthewsOf(
  classes: readonly ClassFigures[],
  { rows, right }: { readonly rows: number; readonly right: number },
): number {
  let product = 0;
  let givenSquares = 0;
  let expectedSquares = 0;
  let givenRows = 0;
  for (const { expected, given } of classes) {
    product += expected * given;
    givenSquares += given ** 2;
    expectedSquares += expected ** 2;
    givenRows += given;
  }
  // Answers without a label are a class of their own on the given side.
  givenSquares += (rows - givenRows) ** 2;
  const spread = Math.sqrt((rows ** 2 - givenSquares) * (rows ** 2 - expectedSquares));
  return spread === 0 ? 0 : (right * rows - product) / spread;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
