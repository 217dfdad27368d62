import type { Against, Comparison } from './compare.ts';
import { fewestDiscordantPairs } from './statistics/mcnemar.ts';
import { correctionFor } from './use-correction.ts';

export function clusterNote(rows: number, clusters: number): string | undefined {
  if (clusters === rows) return undefined;
  return `The ${rows} rows count as ${clusters}: copies and rows of one group are averaged and count once.`;
}

/** Of n differing pairs the smallest two-sided p is 2 · 0.5ⁿ, whichever of the two tests. */
export function fewDifferNote(differing: number, units: number): string | undefined {
  if (differing >= fewestDiscordantPairs) return undefined;
  return `Only ${differing} of ${units} rows differ; with fewer than ${fewestDiscordantPairs} no difference can be significant yet.`;
}

/** What the rows say that only one side has a score for, and whether they decide. */
export function oneSidedNote(
  { seed, winner }: Comparison['oneSided'],
  against: Against | undefined,
  decides: boolean,
): string | undefined {
  if (against === undefined) return undefined;
  const rows = [
    ...(seed > 0 ? [`${seed} ${seed === 1 ? 'row has' : 'rows have'} a score of the seed alone`] : []),
    ...(winner > 0
      ? [`${winner} ${winner === 1 ? 'row has' : 'rows have'} a score of the winner alone`]
      : []),
  ];
  const what = rows.length > 0 ? rows.join(', ') : 'Some trials have a score of one side alone';
  const difference = `${against.difference < 0 ? '−' : '+'}${Math.abs(against.difference).toFixed(3)}`;
  return `${what}, outside the figures and the interval; counted against the winner, the difference is ${difference}${decides ? ', which proves nothing' : ''}.`;
}

export function noteOnUses(earlierUses: number): string {
  return `This is use ${earlierUses + 1} of these test rows, so p is multiplied by ${correctionFor(earlierUses)}: whoever tries often enough is lucky once. Fresh test rows would restore it.`;
}

export function noteOf(notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
}
