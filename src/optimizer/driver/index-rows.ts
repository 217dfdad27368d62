import { canonicalJson } from '../../base/canonical-json.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { ProgramShape } from '../../program/program.ts';
import { indexRuns, type RunIndex } from '../../prompt/word-runs.ts';

/**
 * What a proposed text may not quote: the texts of these rows, their inputs and their answers, however deep. An
 * answer that several rows give is a label, which a prompt may name.
 *
 * @returns Undefined for a program without texts to propose.
 */
export async function indexRows(
  rows: readonly Example[],
  { parameters }: Pick<ProgramShape, 'parameters'>,
): Promise<RunIndex | undefined> {
  if (!parameters.some(({ kind }) => kind === 'text')) return undefined;
  const given = new Map<string, number>();
  const answersOf = ({ expected = {} }: Example) => Object.values(expected);
  for (const answer of rows.flatMap(answersOf)) {
    const key = canonicalJson(answer);
    given.set(key, (given.get(key) ?? 0) + 1);
  }
  return indexRuns(
    rows.map((row) => {
      const own = answersOf(row).filter((answer) => given.get(canonicalJson(answer)) === 1);
      return [...Object.values(row.inputs), ...own].flatMap(textsIn);
    }),
  );
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
