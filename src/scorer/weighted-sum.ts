import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions, withMembers } from '../base/resolve-options.ts';
import {
  expectsOf,
  feedbackOf,
  objectivesOf,
  requireDistinctParts,
  scoreParts,
  unlabelled,
  unscoredBy,
} from './composite.ts';
import type { Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** A scorer with what it weighs. */
export interface WeightedPart {
  readonly scorer: Scorer;
  /** Above 0; weights are shares of their sum. */
  readonly weight: number;
}

/** What the options are checked by. */
export const weightedSumSchema = z.strictObject({
  vetoes: z
    .array(withMembers<Scorer>('a scorer', { name: z.string() }))
    .default([])
    .describe('Scorers in code that each make the sum 0 where they are below `vetoBelow`.')
    .meta({ defaultText: 'none' }),
  vetoBelow: z.number().positive().max(1).default(1).describe('Value below which a veto takes effect.'),
});

export interface WeightedSumOptions {
  /** Scorers in code that each make the sum 0 where they are below `vetoBelow`. @default none */
  readonly vetoes?: readonly Scorer[] | undefined;
  /** Value below which a veto takes effect. @default 1 */
  readonly vetoBelow?: number | undefined;
}

/**
 * Several scorers as one: their mean by weights, each kept as an objective. A part that does not apply to a row is left
 * out, and the weights of the others count for it, which the feedback says; where no part that compares with a label has
 * one, the row stays unscored. A veto makes the sum 0 whatever the parts
 * say; one that does not apply vetoes nothing. All parts are asked on every row: {@link twoStage} stops at the first
 * constraint that does not hold.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` without parts, for a weight that is not above 0, or two of one name.
 */
export function weightedSum(parts: readonly WeightedPart[], given: WeightedSumOptions = {}): Scorer {
  const { vetoes, vetoBelow } = resolveOptions(weightedSumSchema, given, { of: 'weightedSum' });
  requireWeights(parts);
  const scorers = parts.map(({ scorer }) => scorer);
  requireDistinctParts('weightedSum', [...scorers, ...vetoes]);
  const name = `weighted-sum(${scorers.map((scorer) => scorer.name).join(', ')})`;
  return {
    name,
    version: scorerVersion(name, {
      parts: parts.map(({ scorer, weight }) => [scorer.version, weight]),
      vetoes: vetoes.map(({ version }) => version),
      vetoBelow,
    }),
    passFail: false,
    givesFeedback: [...scorers, ...vetoes].every((scorer) => scorer.givesFeedback === true),
    expects: expectsOf([...scorers, ...vetoes]),
    async score(sample): Promise<Score> {
      const vetoed = await scoreParts(vetoes, sample);
      const scored = await scoreParts(scorers, sample);
      const all = [...vetoed, ...scored];
      const objectives = objectivesOf(all);
      const against = vetoed.filter(({ score }) => score.status === 'scored' && score.value < vetoBelow);
      if (against.length > 0) {
        const names = against.map(({ scorer }) => scorer.name).join(', ');
        return {
          status: 'scored',
          value: 0,
          objectives,
          feedback: `Vetoed by ${names}.\n${feedbackOf(all) ?? ''}`.trim(),
        };
      }
      let sum = 0;
      let weights = 0;
      for (const [index, { score }] of scored.entries()) {
        if (score.status !== 'scored') continue;
        const weight = parts[index]?.weight ?? 0;
        sum += weight * score.value;
        weights += weight;
      }
      if (weights === 0) return unscoredBy(scored);
      const lacking = unlabelled(scored);
      if (lacking !== undefined) return lacking;
      const left = scored.filter(({ score }) => score.status === 'unscored').map(({ scorer }) => scorer.name);
      const says = [
        feedbackOf(all),
        left.length === 0
          ? undefined
          : `Not applicable here, so the others count for it: ${left.join(', ')}.`,
      ].filter((text) => text !== undefined);
      return {
        status: 'scored',
        value: Math.min(1, sum / weights),
        objectives,
        ...(says.length > 0 && { feedback: says.join('\n') }),
      };
    },
  };
}

function requireWeights(parts: readonly WeightedPart[]): void {
  const wrong = parts.find(({ weight }) => !(Number.isFinite(weight) && weight > 0));
  if (parts.length > 0 && wrong === undefined) return;
  throw new HoneError(
    wrong === undefined
      ? 'weightedSum has no parts.'
      : `weightedSum: the weight of "${wrong.scorer.name}" is ${wrong.weight}, which is not above 0.`,
    { code: 'HONE_OPTION_INVALID', hint: 'Give { scorer, weight } with weights above 0.' },
  );
}
