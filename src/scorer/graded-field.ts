import type { Json, JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { missingExpectation } from './field-scorer.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** How alike an output and the expected value are, and why not more. */
export interface Likeness {
  /** 0 (nothing alike) to 1 (the same). */
  readonly value: number;
  /** Wanted below 1. */
  readonly feedback?: string | undefined;
  readonly objectives?: Readonly<Record<string, number>> | undefined;
}

/** A scorer that says how near one output is to the expected value of the same name. */
export interface GradedFieldDefinition {
  /** In kebab case; the field is added in brackets. */
  readonly kind: string;
  readonly field: string;
  /** Everything that changes a score, `atLeast` apart. */
  readonly options: Readonly<Record<string, unknown>>;
  /** From which likeness on the score is 1, and below it 0. Left out: the likeness is the score. */
  readonly atLeast?: number | undefined;
  compare(expected: Json, actual: Json | undefined, sample: Sample): Likeness | Promise<Likeness>;
}

/** A graded scorer of one field, or a pass/fail one from a threshold on; without an expected value unscored. */
export function gradedField(definition: GradedFieldDefinition): Scorer {
  const { kind, field, options, atLeast, compare } = definition;
  const name = `${kind}(${field})`;
  return {
    name,
    version: scorerVersion(name, { ...options, atLeast }),
    passFail: atLeast !== undefined,
    givesFeedback: true,
    expects: [field],
    async score(sample): Promise<Score> {
      const expected = ownOf((sample.example.expected ?? {}) as JsonObject, field);
      if (expected === undefined) return missingExpectation(field);
      const { value, feedback, objectives } = await compare(expected, ownOf(sample.outputs, field), sample);
      if (atLeast === undefined)
        return { status: 'scored', value, feedback, ...(objectives && { objectives }) };
      const passes = value >= atLeast;
      return {
        status: 'scored',
        value: passes ? 1 : 0,
        ...(!passes && { feedback: `${feedback ?? ''} At least ${atLeast} was asked for.`.trim() }),
        objectives: { likeness: value, ...objectives },
      };
    },
  };
}

/** A value as text: a text as it is, nothing as the empty text, all else as JSON. */
export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A share as feedback shows it. */
export function shown(share: number): string {
  return String(Number(share.toFixed(3)));
}
