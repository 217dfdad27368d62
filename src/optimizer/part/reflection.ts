import type { Admission, AskResult, CandidateEvaluation, Draft } from '../optimizer.ts';
import { type TextTarget, textChange } from './text-parameters.ts';

/** Most calls that so many requests take: each may be asked once more, when its answer cannot be read. */
export function reflectionCalls(requests: number): number {
  return 2 * requests;
}

export interface RewriteOptions<Outputs> {
  readonly target: TextTarget;
  readonly parent: CandidateEvaluation['candidate'];
  readonly origin: string;
  /** The texts of an answer. */
  readonly textsOf: (outputs: Outputs) => readonly string[];
  /** The rows that the request showed. */
  readonly rows?: readonly string[] | undefined;
}

/** A draft for every text of every request that was answered. */
export function rewrites<Outputs>(
  answers: readonly AskResult<Outputs>[],
  { target, parent, origin, textsOf, rows }: RewriteOptions<Outputs>,
): readonly Draft[] {
  return answers.flatMap((answer) =>
    answer.status !== 'answered'
      ? []
      : textsOf(answer.outputs).map((text) => ({
          changes: textChange(target, text.trim()),
          parents: [parent],
          origin,
          because: { reflection: answer.id, ...(rows !== undefined && { rows }) },
        })),
  );
}

/** The candidates that were not known before: what there is to score. */
export function newCandidates(admissions: readonly Admission[]): readonly CandidateEvaluation['candidate'][] {
  return admissions.flatMap((admission) => (admission.status === 'admitted' ? [admission.candidate] : []));
}

/** The items of a list in an answer that have a text under each of these names: what has not is left out. */
export function itemsWith<Name extends string>(
  value: unknown,
  names: readonly Name[],
): readonly Readonly<Record<Name, string>>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const texts = names.map((name) => (item as Record<string, unknown>)[name]);
    const isWhole = texts.every((text) => typeof text === 'string' && text.trim() !== '');
    return isWhole
      ? [Object.fromEntries(names.map((name, index) => [name, texts[index]])) as Record<Name, string>]
      : [];
  });
}
