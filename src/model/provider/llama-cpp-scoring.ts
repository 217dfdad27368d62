import type { Token } from 'node-llama-cpp';
import type { TokenTape } from './llama-cpp-tape.ts';

export interface AnswerScoringOptions {
  /** The row's tokens, at least one: evaluated once, whatever the answers. */
  readonly row: readonly Token[];
  /** The tokens of each answer, its end included, at least one each. */
  readonly answers: readonly (readonly Token[])[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Natural log-probability of each whole answer after the tape's content and the row.
 *
 * The first tokens of all answers are read off the row's last token, and an answer's last token is never
 * evaluated, so an answer of one token costs nothing more and answers that differ in the last one share an
 * evaluation. The split points are the end of the row and the answer, whatever the other answers are: an
 * answer's score does not depend on them. A single answer goes with the row in one piece, which is all that a
 * channel asks for. The tape ends up wherever the last answer left it.
 */
export async function scoreAnswers(
  tape: TokenTape,
  { row, answers, signal }: AnswerScoringOptions,
): Promise<number[]> {
  const [only, another] = answers;
  if (only !== undefined && another === undefined)
    return [await scoreOne(tape, { row, answer: only, signal })];
  const rowScores = await tape.score(
    row.map((token, index) => ({
      token,
      wanted: index === row.length - 1 ? distinct(answers.map((answer) => answer[0])) : [],
    })),
    signal,
  );
  const rowEnd = tape.length;
  const first = rowScores.at(-1) ?? new Map<Token, number>();
  /** By the tokens of an answer without its last one: what follows each of them, with its score. */
  const following = new Map<string, readonly ReadonlyMap<Token, number>[]>();
  for (const beginning of new Map(
    answers.map((answer) => [beginningOf(answer), answer.slice(0, -1)]),
  ).values()) {
    if (beginning.length === 0) continue;
    const key = beginning.join(' ');
    const endings = answers.filter((answer) => beginningOf(answer) === key).map((answer) => answer.at(-1));
    await tape.rewind(rowEnd, signal);
    const scores = await tape.score(
      beginning.map((token, index) => ({
        token,
        wanted: distinct(index === beginning.length - 1 ? endings : [beginning[index + 1]]),
      })),
      signal,
    );
    following.set(key, scores);
  }
  return answers.map((answer) => {
    const scores = [first, ...(following.get(beginningOf(answer)) ?? [])];
    return answer.reduce((sum, token, index) => sum + (scores[index]?.get(token) ?? Number.NaN), 0);
  });
}

async function scoreOne(
  tape: TokenTape,
  {
    row,
    answer,
    signal,
  }: Pick<AnswerScoringOptions, 'row' | 'signal'> & { readonly answer: readonly Token[] },
): Promise<number> {
  const tokens = [...row, ...answer];
  const items = tokens.slice(0, -1).map((token, index) => ({
    token,
    wanted: index < row.length - 1 ? [] : distinct([tokens[index + 1]]),
  }));
  const scores = await tape.score(items, signal);
  return answer.reduce(
    (sum, token, index) => sum + (scores[row.length - 1 + index]?.get(token) ?? Number.NaN),
    0,
  );
}

/** How many tokens {@link scoreAnswers} scores: those of every answer. */
export function countTokens(answers: readonly (readonly Token[])[]): number {
  return answers.reduce((sum, answer) => sum + answer.length, 0);
}

function beginningOf(answer: readonly Token[]): string {
  return answer.slice(0, -1).join(' ');
}

function distinct(tokens: readonly (Token | undefined)[]): readonly Token[] {
  return [...new Set(tokens)].filter((token) => token !== undefined);
}
