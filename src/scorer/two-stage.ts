import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import {
  expectsOf,
  feedbackOf,
  objectivesOf,
  requireDistinctParts,
  type ScoredPart,
  scorePart,
  unlabelled,
  unscoredBy,
} from './composite.ts';
import type { Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const twoStageSchema = z.strictObject({
  passesFrom: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('Value from which on a hard constraint holds.'),
});

export interface TwoStageOptions {
  /** Value from which on a hard constraint holds. @default 1 */
  readonly passesFrom?: number | undefined;
}

/**
 * Hard constraints first, one after the other: the first that does not hold ends it with 0 and its reason, and nothing
 * further is asked. Then the soft score. So a judge is paid for only where the answer could count. A constraint that
 * does not apply to a row is passed over, unless the row has no label for any part that compares with one. A soft score that does not apply leaves the row unscored where every
 * constraint holds, and 0 where one does not.
 *
 * @param hard In the order of asking: cheap ones first.
 * @throws {HoneError} `HONE_OPTION_INVALID` without a hard constraint, or for two parts of one name.
 */
export function twoStage(hard: readonly Scorer[], soft: Scorer, given: TwoStageOptions = {}): Scorer {
  const { passesFrom } = resolveOptions(twoStageSchema, given, { of: 'twoStage' });
  if (hard.length === 0) {
    throw new HoneError('twoStage has no hard constraint.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give at least one scorer that must hold, or take the soft one alone.',
    });
  }
  requireDistinctParts('twoStage', [...hard, soft]);
  const name = `two-stage(${hard.map((scorer) => scorer.name).join(', ')}; ${soft.name})`;
  return {
    name,
    version: scorerVersion(name, {
      hard: hard.map(({ version }) => version),
      soft: soft.version,
      passesFrom,
    }),
    passFail: soft.passFail,
    givesFeedback: [...hard, soft].every((scorer) => scorer.givesFeedback === true),
    expects: expectsOf([...hard, soft]),
    async score(sample): Promise<Score> {
      const asked: ScoredPart[] = [];
      for (const scorer of hard) {
        const part = await scorePart(scorer, sample);
        const { score } = part;
        asked.push(part);
        if (score.status !== 'scored' || score.value >= passesFrom) continue;
        return {
          status: 'scored',
          value: 0,
          feedback: `A hard constraint does not hold, so nothing else counts. ${scorer.name}: ${score.feedback ?? `the score is ${score.value}`}`,
          objectives: objectivesOf(asked),
        };
      }
      const last = await scorePart(soft, sample);
      const { score } = last;
      asked.push(last);
      if (score.status === 'unscored') return unscoredBy([{ scorer: soft, score }]);
      const lacking = unlabelled(asked);
      if (lacking !== undefined) return lacking;
      const feedback = feedbackOf(asked);
      return {
        ...score,
        ...(feedback !== undefined && { feedback }),
        objectives: { ...objectivesOf(asked), ...score.objectives },
      };
    },
  };
}
