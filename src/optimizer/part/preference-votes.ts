import type { Preference } from '../optimizer.ts';

/** How much more often the second is preferred than the first; ties and lost judgements count for neither. */
export function votesOf(preferences: readonly Preference[]): number {
  return preferences.reduce((votes, preference) => {
    if (preference.status !== 'judged' || preference.better === 'tie') return votes;
    return votes + (preference.better === 'second' ? 1 : -1);
  }, 0);
}
