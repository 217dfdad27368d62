import type { Scorer } from './scorer.ts';

/**
 * Gives no row a score: for optimizers that compare answers instead, on rows that nobody has labelled. What comes of
 * such a search is preferred, never better by a score.
 */
export function unscored(): Scorer {
  return {
    name: 'unscored',
    version: '1',
    passFail: false,
    expects: [],
    score: () => ({ status: 'unscored', reason: 'Answers are compared, not scored.' }),
  };
}

/** Whether a scorer leaves it to comparisons which answer is better. */
export function isUnscored({ name, version }: Pick<Scorer, 'name' | 'version'>): boolean {
  return name === 'unscored' && version === '1';
}
