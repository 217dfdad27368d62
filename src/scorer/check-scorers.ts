import { checkMembers } from '../base/check-members.ts';
import { HoneError } from '../base/errors.ts';
import type { Score, Scorer } from './scorer.ts';

const hint = 'Make it with scorer(name, ({ outputs, expected }) => …), or give all that `Scorer` asks for.';

/**
 * Checks what a caller gives as its scorers before a row is answered.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no scorer, and for two of one name.
 */
export function checkScorers(scorers: readonly unknown[]): void {
  const names = new Set<string>();
  for (const [index, scorer] of scorers.entries()) {
    const place = scorers.length === 1 ? 'The scorer' : `Scorer ${index + 1} of ${scorers.length}`;
    checkMembers(scorer, { of: place, members: { name: 'text' }, hint });
    const { name } = scorer as Scorer;
    checkMembers(scorer, {
      of: `The scorer "${name}"`,
      members: { version: 'text', passFail: 'boolean', score: 'function' },
      hint,
    });
    if (names.has(name)) {
      throw new HoneError(`Two scorers are called "${name}", so their scores would be one.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Give each a name of its own.',
      });
    }
    names.add(name);
  }
}

/**
 * What is wrong with a score, which a scorer's types do not bind at run time; undefined when it can be used.
 */
export function faultOfScore(score: unknown, { passFail }: Pick<Scorer, 'passFail'>): string | undefined {
  const { status, value, reason } = (score ?? {}) as Readonly<Record<string, unknown>>;
  if (status === 'unscored')
    return typeof reason === 'string' ? undefined : 'it is unscored without a reason';
  if (status !== 'scored') return 'its `status` is neither "scored" nor "unscored"';
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) return 'its `value` is no number from 0 to 1';
  if (passFail && value !== 0 && value !== 1) return 'it says pass or fail and gave something between';
  const { objectives = {} } = score as Extract<Score, { status: 'scored' }>;
  const wrong = Object.entries(objectives).find(([, measure]) => !(measure >= 0 && measure <= 1));
  return wrong === undefined ? undefined : `its objective "${wrong[0]}" is no number from 0 to 1`;
}
