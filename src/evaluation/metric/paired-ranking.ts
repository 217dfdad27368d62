import { HoneError } from '../../base/errors.ts';

/**
 * Strengths from wins of pairs: the chance that i beats j is p_i / (p_i + p_j). Ties count half for each side.
 *
 * @param wins wins[i][j]: how often i beat j.
 * @param options.prior Wins and losses that each is given against one of strength 1, so that one who never won or never
 *   lost has a finite strength; ½ is usual. @default 0
 * @returns Strengths whose geometric mean is 1.
 * @throws {HoneError} `HONE_OPTION_INVALID` where without a prior one never won or never lost.
 * @see Bradley and Terry 1952; Hunter 2004, "MM Algorithms for Generalized Bradley-Terry Models".
 */
export function bradleyTerry(
  wins: readonly (readonly number[])[],
  { prior = 0 }: { readonly prior?: number | undefined } = {},
): readonly number[] {
  const size = wins.length;
  requireFinite(wins, prior);
  let strengths: readonly number[] = new Array<number>(size).fill(1);
  const won = wins.map((row) => row.reduce((sum, count) => sum + count, 0));
  const met = (i: number, j: number) => (wins[i]?.[j] ?? 0) + (wins[j]?.[i] ?? 0);
  for (let step = 0; step < 10_000; step += 1) {
    const before = strengths;
    const raw = before.map((own, i) => {
      const expected = before.reduce(
        (sum, other, j) => (i === j ? sum : sum + met(i, j) / (own + other)),
        (2 * prior) / (own + 1),
      );
      return expected === 0 ? own : ((won[i] ?? 0) + prior) / expected;
    });
    const centre = Math.exp(raw.reduce((sum, value) => sum + Math.log(value), 0) / size);
    strengths = raw.map((value) => value / centre);
    const moved = Math.max(...strengths.map((value, i) => Math.abs(value - (before[i] ?? 0))));
    if (moved < 1e-12) break;
  }
  return strengths;
}

function requireFinite(wins: readonly (readonly number[])[], prior: number): void {
  if (prior > 0) return;
  const lost = wins.map((_, player) => wins.reduce((sum, row) => sum + (row[player] ?? 0), 0));
  const odd = wins.findIndex((row, player) => row.every((count) => count === 0) || lost[player] === 0);
  if (odd === -1) return;
  throw new HoneError(`Number ${odd + 1} never won, or never lost, so its strength has no bound.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a prior, such as { prior: 0.5 }.',
  });
}

/** A strength on the scale of chess ratings: 1000 is the mean, 400 points are a chance of 10 to 1. */
export function ratingOf(strength: number): number {
  return 1000 + 400 * Math.log10(strength);
}

/** One game: who won, or that it was a tie. */
export interface Game {
  readonly first: number;
  readonly second: number;
  /** 1 for the first, 0 for the second, 0.5 for a tie. */
  readonly result: number;
}

/**
 * Ratings that move game by game. They depend on the order of the games: for boards that are live, not for proofs.
 *
 * @see Elo 1978, "The Rating of Chessplayers".
 */
export function eloRatings(
  games: readonly Game[],
  { players, step = 32 }: { readonly players: number; readonly step?: number },
): readonly number[] {
  const ratings = new Array<number>(players).fill(1000);
  for (const { first, second, result } of games) {
    const [one, two] = [ratings[first] ?? 1000, ratings[second] ?? 1000];
    const expected = 1 / (1 + 10 ** ((two - one) / 400));
    ratings[first] = one + step * (result - expected);
    ratings[second] = two - step * (result - expected);
  }
  return ratings;
}
