import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { exactMatch } from './exact-match.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const fieldMatchSchema = z.strictObject({
  combine: z
    .enum(['mean', 'all'])
    .default('mean')
    .describe('`mean`: the share of the fields that are right. `all`: the lowest score of any field.'),
});

export interface FieldMatchOptions {
  /** `mean`: the share of the fields that are right. `all`: the lowest score of any field. @default 'mean' */
  readonly combine?: 'mean' | 'all' | undefined;
}

/**
 * Several fields, one score; each field's own score is kept as an objective. Fields without an expected value
 * are left out; a row without any stays unscored.
 *
 * @param parts Names, compared by `exactMatch`, or scorers: `['name', numeric('total', { absolute: 0.01 })]`.
 * @throws {HoneError} `HONE_OPTION_INVALID` without parts, or when two have the same name.
 */
export function fieldMatch(parts: readonly (string | Scorer)[], options: FieldMatchOptions = {}): Scorer {
  const { combine } = resolveOptions(fieldMatchSchema, options, { of: 'fieldMatch' });
  const scorers = parts.map((part) => (typeof part === 'string' ? exactMatch(part) : part));
  const labels = scorers.map(labelOf);
  requireDistinct(labels);
  const name = `field-match(${labels.join(', ')})`;
  return {
    name,
    version: scorerVersion(name, { combine, parts: scorers.map((scorer) => scorer.version) }),
    passFail: scorers.every((scorer) => scorer.passFail) && (combine === 'all' || scorers.length === 1),
    givesFeedback: scorers.every((scorer) => scorer.givesFeedback === true),
    expects: [...new Set(scorers.flatMap((scorer) => scorer.expects ?? []))],
    async score(sample) {
      const scores = await scoreInTurn(scorers, sample);
      return combined(labels, scores, combine);
    },
  };
}

/** A scorer of one field goes by the field's name. */
function labelOf(scorer: Scorer): string {
  const [field, ...others] = scorer.expects ?? [];
  return field !== undefined && others.length === 0 ? field : scorer.name;
}

function requireDistinct(labels: readonly string[]): void {
  const repeated = labels.find((label, index) => labels.indexOf(label) !== index);
  if (labels.length > 0 && repeated === undefined) return;
  throw new HoneError(
    repeated === undefined ? 'fieldMatch has no fields.' : `fieldMatch has two scorers of "${repeated}".`,
    { code: 'HONE_OPTION_INVALID', hint: 'Name at least one field, and each one once.' },
  );
}

async function scoreInTurn(scorers: readonly Scorer[], sample: Sample): Promise<readonly Score[]> {
  const scores: Score[] = [];
  for (const scorer of scorers) scores.push(await scorer.score(sample));
  return scores;
}

function combined(labels: readonly string[], scores: readonly Score[], combine: 'mean' | 'all'): Score {
  const objectives: Record<string, number> = {};
  const feedback: string[] = [];
  for (const [index, score] of scores.entries()) {
    const label = labels[index];
    if (score.status !== 'scored' || label === undefined) continue;
    objectives[label] = score.value;
    if (score.feedback !== undefined) feedback.push(`${label}: ${score.feedback}`);
  }
  const values = Object.values(objectives);
  if (values.length === 0) {
    const names = labels.map((label) => `"${label}"`).join(', ');
    return { status: 'unscored', reason: `The row has no expected value for any of ${names}.` };
  }
  return {
    status: 'scored',
    value:
      combine === 'all' ? Math.min(...values) : values.reduce((sum, value) => sum + value, 0) / values.length,
    feedback: feedback.length === 0 ? undefined : feedback.join('\n'),
    objectives,
  };
}
