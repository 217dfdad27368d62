import { mean, standardDeviation } from '../evaluation/statistics/mean.ts';

/** The scores of one row: of two answers with the seed, and of one with each other prompt, in the order of the arms. */
export interface MeasuredRow {
  readonly id: string;
  readonly seed: readonly [first: number, again: number];
  readonly others: readonly number[];
}

/** How much scores vary, where nothing that should matter differs. Shares and scores from 0 to 1. JSON. */
export interface Spread {
  /** Share of the rows with another score. */
  readonly differing: number;
  /** Standard deviation of the score within a row. */
  readonly deviation: number;
}

/** What sampling said. JSON. */
export interface HeadroomFigures {
  /** Rows that every prompt has answered. */
  readonly rows: number;
  /** Between two answers with the same prompt. */
  readonly repeats: Spread;
  /** Between prompts that say the same; undefined where there is none. */
  readonly prompts?: Spread | undefined;
  /** Between rows: the standard deviation of their means, and the shares of rows that go one way. */
  readonly between: {
    readonly deviation: number;
    /** Rows that every answer gets right. */
    readonly always: number;
    /** Rows that none gets right. */
    readonly never: number;
  };
  /** Mean with the seed on these rows. */
  readonly seed: number;
  /** Mean of each row's best score with any sampled prompt: for pass/fail, the share of rows that any gets right. */
  readonly reachable: number;
  /** What asking a second time adds to the mean, if the better answer could be told; and what another prompt adds. */
  readonly gain: { readonly again: number; readonly otherPrompt: number };
}

/**
 * The figures of rows that every prompt has answered.
 *
 * @param trivial For each of the other prompts whether it says what the seed says.
 * @returns Undefined without a row.
 */
export function figuresOf(
  rows: readonly MeasuredRow[],
  trivial: readonly boolean[],
): HeadroomFigures | undefined {
  if (rows.length === 0) return undefined;
  const others = trivial.map((_, arm) => rows.map((row) => row.others[arm] ?? 0));
  const firsts = rows.map(({ seed }) => seed[0]);
  const again = rows.map(({ seed }) => seed[1]);
  const same = others.filter((_, arm) => trivial[arm]);
  const all = rows.map((row) => [...row.seed, ...row.others]);
  return {
    rows: rows.length,
    repeats: spread(firsts, [again]),
    ...(same.length > 0 && { prompts: spread(firsts, same) }),
    between: {
      deviation: standardDeviation(all.map(mean)),
      always: mean(all.map((scores) => Number(Math.min(...scores) >= 1))),
      never: mean(all.map((scores) => Number(Math.max(...scores) < 1))),
    },
    seed: mean(rows.map(({ seed }) => mean(seed))),
    reachable: mean(rows.map((row) => Math.max(row.seed[0], ...row.others))),
    gain: {
      again: gainOf(firsts, again),
      otherPrompt: others.length === 0 ? 0 : mean(others.map((scores) => gainOf(firsts, scores))),
    },
  };
}

/** What the better of two answers adds to their mean. */
function gainOf(first: readonly number[], second: readonly number[]): number {
  return mean(first.map((score, row) => Math.abs(score - (second[row] ?? score)) / 2));
}

function spread(first: readonly number[], others: readonly (readonly number[])[]): Spread {
  const differing = others.map((scores) => mean(first.map((score, row) => Number(score !== scores[row]))));
  const variances = first.map((score, row) => {
    const scores = [score, ...others.map((other) => other[row] ?? score)];
    const middle = mean(scores);
    return scores.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (scores.length - 1);
  });
  return { differing: mean(differing), deviation: Math.sqrt(mean(variances)) };
}
