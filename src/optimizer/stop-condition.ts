import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';

/** A candidate of a search, the seed excluded, as far as it was scored on validation. */
export interface CourseCandidate {
  /** Over the validation rows that have a score; undefined when none has. */
  readonly mean: number | undefined;
  /** Whether it was answered on all validation rows, and has a score wherever the seed has one. */
  readonly isWhole: boolean;
}

/** How a search went up to now, in the order in which candidates were first scored on validation. */
export interface SearchCourse {
  readonly candidates: readonly CourseCandidate[];
  /** Place of the leading candidate among them; -1 while the seed leads. */
  readonly leader: number;
}

/**
 * When a search ends although it could go on. Whatever the optimizer, the condition is asked after each evaluation on
 * validation; where it holds, nothing more is asked, and the best candidate is confirmed and tested as after a limit.
 * A pure function of the course, so that a replay ends at the same place.
 */
export interface StopCondition {
  /** With `options` part of a run's identity. */
  readonly name: string;
  readonly options: JsonObject;
  /** What the report calls it. */
  readonly reason: 'target' | 'plateau';
  holds(course: SearchCourse): boolean;
}

/** Means that should be equal differ in their last digit. */
const rounding = 1e-9;
const score = z.number().min(0).max(1);
const count = z.int().min(1).max(1_000_000);

/** Ends a search when a candidate other than the seed reaches a mean on all validation rows. @param target 0 to 1 */
export function targetScore(target: number): StopCondition {
  const options = resolveOptions(z.strictObject({ target: score }), { target }, { of: 'targetScore' });
  return {
    name: 'targetScore',
    options,
    reason: 'target',
    holds: ({ candidates }) => wholeMeans(candidates).some((mean) => mean >= options.target - rounding),
  };
}

/** Ends a search when so many candidates in a row were scored on validation and none took the lead. */
export function patience(candidates: number): StopCondition {
  const options = resolveOptions(z.strictObject({ candidates: count }), { candidates }, { of: 'patience' });
  return {
    name: 'patience',
    options,
    reason: 'plateau',
    holds: (course) => course.candidates.length - 1 - course.leader >= options.candidates,
  };
}

/**
 * Ends a search when the best mean on all validation rows has risen by less than `gain` over the last `candidates`
 * that were scored on them.
 */
export function plateau(given: { readonly candidates: number; readonly gain: number }): StopCondition {
  const options = resolveOptions(z.strictObject({ candidates: count, gain: score }), given, {
    of: 'plateau',
  });
  return {
    name: 'plateau',
    options,
    reason: 'plateau',
    holds: ({ candidates }) => {
      const means = wholeMeans(candidates);
      const before = means.slice(0, -options.candidates);
      return before.length > 0 && Math.max(...means) - Math.max(...before) < options.gain - rounding;
    },
  };
}

/** Ends a search when the last `candidates` that were scored on all validation rows lie within `width` of each other. */
export function convergence(given: { readonly candidates: number; readonly width: number }): StopCondition {
  const schema = z.strictObject({ candidates: z.int().min(2).max(1_000_000), width: score });
  const options = resolveOptions(schema, given, { of: 'convergence' });
  return {
    name: 'convergence',
    options,
    reason: 'plateau',
    holds: ({ candidates }) => {
      const last = wholeMeans(candidates).slice(-options.candidates);
      return (
        last.length === options.candidates &&
        Math.max(...last) - Math.min(...last) <= options.width + rounding
      );
    },
  };
}

/** Ends a search when all of these hold at once. */
export function allOf(...conditions: readonly StopCondition[]): StopCondition {
  return {
    name: 'allOf',
    options: { conditions: conditions.map(({ name, options }) => ({ name, options })) },
    reason: conditions.every(({ reason }) => reason === 'target') ? 'target' : 'plateau',
    holds: (course) => conditions.length > 0 && conditions.every((condition) => condition.holds(course)),
  };
}

function wholeMeans(candidates: readonly CourseCandidate[]): readonly number[] {
  return candidates.flatMap(({ mean, isWhole }) => (isWhole && mean !== undefined ? [mean] : []));
}
