import { canonicalJson } from '../../base/canonical-json.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { firstRun, hashesOf } from '../../prompt/word-runs.ts';

/**
 * The first of these rows that a candidate quotes: as a demo (its source, or the same inputs), or with eight words
 * in a row in a text that the seed does not have.
 *
 * @returns The id of the row; undefined when none is quoted.
 */
export function quotedRow(
  candidate: Candidate,
  { seed, rows }: { readonly seed: Candidate; readonly rows: readonly Example[] },
): string | undefined {
  const ids = new Map(rows.map(({ id }) => [id, id]));
  const byInputs = new Map(rows.map(({ id, inputs }) => [canonicalJson(inputs), id]));
  const texts: string[] = [];
  for (const [name, parameter] of Object.entries(candidate)) {
    if (parameter.kind === 'text') {
      const before = seed[name];
      if (before?.kind !== 'text' || before.text !== parameter.text) texts.push(parameter.text);
    }
    if (parameter.kind !== 'demos') continue;
    for (const { source, inputs } of parameter.sets.flatMap(({ demos }) => demos)) {
      const quoted = ids.get(source ?? '') ?? byInputs.get(canonicalJson(inputs));
      if (quoted !== undefined) return quoted;
    }
  }
  const runs = hashesOf(texts);
  const known = hashesOf(
    Object.values(seed).flatMap((parameter) => (parameter.kind === 'text' ? [parameter.text] : [])),
  );
  const isQuoted = (hash: number) => runs.has(hash) && !known.has(hash);
  if (texts.length === 0) return undefined;
  return rows.find((row) => textsOf(row).some((text) => firstRun(text, isQuoted) !== undefined))?.id;
}

function textsOf({ inputs, expected = {} }: Example): readonly string[] {
  return [...Object.values(inputs), ...Object.values(expected)].filter((value) => typeof value === 'string');
}
