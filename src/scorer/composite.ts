import { HoneError } from '../base/errors.ts';
import { faultOfScore } from './check-scorers.ts';
import type { Sample, Score, Scorer } from './scorer.ts';

/** A part with what it said of a sample. */
export interface ScoredPart {
  readonly scorer: Scorer;
  readonly score: Score;
}

/**
 * Asks one part.
 *
 * @throws {HoneError} `HONE_SCORER_FAILED` for what is no score: within a sum nobody would see it.
 */
export async function scorePart(scorer: Scorer, sample: Sample): Promise<ScoredPart> {
  const score = await scorer.score(sample);
  const fault = faultOfScore(score, scorer);
  if (fault === undefined) return { scorer, score };
  throw new HoneError(`Scorer "${scorer.name}" gave no usable score for row ${sample.example.id}: ${fault}`, {
    code: 'HONE_SCORER_FAILED',
    hint: 'Correct the scorer, or let it leave rows unscored that it cannot judge.',
    facts: { scorer: scorer.name, exampleId: sample.example.id },
  });
}

/** Asks each part after the other, so that calls and their order are the same at every run. */
export async function scoreParts(parts: readonly Scorer[], sample: Sample): Promise<readonly ScoredPart[]> {
  const scored: ScoredPart[] = [];
  for (const scorer of parts) scored.push(await scorePart(scorer, sample));
  return scored;
}

/** The values of the parts that have one, by their names. */
export function objectivesOf(parts: readonly ScoredPart[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    parts.flatMap(({ scorer, score }) =>
      score.status === 'scored' ? [[scorer.name, score.value] as const] : [],
    ),
  );
}

/** What the parts say, each under its name; undefined when none says anything. */
export function feedbackOf(parts: readonly ScoredPart[]): string | undefined {
  const said = parts.flatMap(({ scorer, score }) =>
    score.status === 'scored' && score.feedback !== undefined ? [`${scorer.name}: ${score.feedback}`] : [],
  );
  return said.length === 0 ? undefined : said.join('\n');
}

/** Why no part has a value. */
export function unscoredBy(parts: readonly ScoredPart[]): Score {
  const reasons = parts.flatMap(({ score }) => (score.status === 'unscored' ? [score.reason] : []));
  return { status: 'unscored', reason: [...new Set(reasons)].join(' ') || 'No part applies to this row.' };
}

/**
 * Refuses parts of one name, whose scores would be one.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`
 */
export function requireDistinctParts(of: string, parts: readonly Scorer[]): void {
  const names = parts.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new HoneError(`${of} has two parts that are called "${repeated}".`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Take each scorer once, or give a scorer of your own another name.',
  });
}

/** The expected fields that any part compares with. */
export function expectsOf(parts: readonly Scorer[]): readonly string[] {
  return [...new Set(parts.flatMap(({ expects = [] }) => expects))];
}

/**
 * Why a row has no label for any part that compares with one: then the others alone would be another measure than on
 * the rows around it. Undefined where a part was compared, or none compares.
 */
export function unlabelled(parts: readonly ScoredPart[]): Score | undefined {
  const comparing = parts.filter(({ scorer }) => (scorer.expects ?? []).length > 0);
  const isUnlabelled = comparing.length > 0 && comparing.every(({ score }) => score.status === 'unscored');
  return isUnlabelled ? unscoredBy(comparing) : undefined;
}
