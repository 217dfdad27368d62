import type { Json } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** A scorer that compares one output with the expected value of the same name. */
export interface FieldScorerDefinition {
  /** In kebab case; the field is added in brackets. */
  readonly kind: string;
  readonly field: string;
  /** Everything that changes a score. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly compare: (expected: Json, actual: Json | undefined, sample: Sample) => Comparison;
}

/** Whether the output passes, and why not. */
export type Comparison = { readonly passes: true } | { readonly passes: false; readonly feedback: string };

/** A pass/fail scorer of one field; a row without an expected value stays unscored. */
export function fieldScorer({ kind, field, options = {}, compare }: FieldScorerDefinition): Scorer {
  const name = `${kind}(${field})`;
  return {
    name,
    version: scorerVersion(name, options),
    passFail: true,
    givesFeedback: true,
    expects: [field],
    score(sample) {
      const expected = ownOf(sample.example.expected ?? {}, field);
      if (expected === undefined) return missingExpectation(field);
      return passOrFail(compare(expected, ownOf(sample.outputs, field), sample));
    },
  };
}

export function missingExpectation(field: string): Score {
  return { status: 'unscored', reason: `The row has no expected "${field}".` };
}

export function passOrFail(comparison: Comparison): Score {
  return comparison.passes
    ? { status: 'scored', value: 1 }
    : { status: 'scored', value: 0, feedback: comparison.feedback };
}
