import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import { type Judge, judge } from './judge.ts';

const usualScores = { same: 1, contains: 1, subset: 0.5, other: 0.5, contradicts: 0 };

/** What the options are checked by. */
export const factualitySchema = z.strictObject({
  field: z.string().min(1).describe('The output that is judged, and the expected field of the same name.'),
  scores: z
    .strictObject({
      same: z.number().min(0).max(1).default(usualScores.same),
      contains: z.number().min(0).max(1).default(usualScores.contains),
      subset: z.number().min(0).max(1).default(usualScores.subset),
      other: z.number().min(0).max(1).default(usualScores.other),
      contradicts: z.number().min(0).max(1).default(usualScores.contradicts),
    })
    .default(usualScores)
    .describe('What each relation to the right answer is worth.'),
  name: z.string().min(1).default('factuality').describe('What it is called.'),
});

export interface FactualityOptions {
  /** The output that is judged, and the expected field of the same name. */
  readonly field: string;
  /**
   * What each relation to the right answer is worth. @default {"same":1,"contains":1,"subset":0.5,"other":0.5,"contradicts":0}
   */
  readonly scores?:
    | Partial<Record<'same' | 'contains' | 'subset' | 'other' | 'contradicts', number>>
    | undefined;
  /** What it is called. @default 'factuality' */
  readonly name?: string | undefined;
}

/**
 * A judge compares the facts of an answer with those of the expected one: the same, all of them and more, a part of
 * them, others without contradiction, or contradicting ones. A row without the expected answer stays unscored.
 */
export function factuality(given: FactualityOptions): Judge {
  const { field, scores, name } = resolveOptions(factualitySchema, given, { of: 'factuality' });
  return judge(name, {
    question:
      'Compare the facts of the answer with those of the reference, which is right; wording, order and style do not count. Say `same` where the answer states all of its facts and none beside them, `contains` where it states all of them and further ones that go with them, `subset` where it states some of them and nothing against them, `contradicts` where any of its facts goes against the reference (another number, name, date or a negation), and `other` where it states none of them and nothing against them.',
    choices: {
      same: scores.same,
      contains: scores.contains,
      subset: scores.subset,
      other: scores.other,
      contradicts: scores.contradicts,
    },
    field,
    reference: field,
  });
}
