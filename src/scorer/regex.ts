import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { HoneError } from '../base/errors.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { showValue } from './show-value.ts';

/** What the options are checked by where the scorer is named in a file or a flag. */
export const regexSchema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .describe("A regular expression, such as '^[A-Z]{2}$' for the whole text or 'refund' for a part."),
});

/**
 * 1 when the pattern is found in the output, else 0. Needs no expected value. Anchor the pattern with `^` and
 * `$` to match the whole; values that are no text are matched in their JSON form.
 *
 * @param pattern A regular expression or its source; the flags `g` and `y` have no effect.
 * @throws {HoneError} `HONE_OPTION_INVALID` when the source is no regular expression.
 */
export function regex(field: string, pattern: RegExp | string): Scorer {
  const expression = compilePattern(field, pattern);
  const name = `regex(${field})`;
  return {
    name,
    version: scorerVersion(name, { pattern: expression }),
    passFail: true,
    score({ outputs }) {
      const value = outputs[field];
      const text = typeof value === 'string' ? value : canonicalJson(value ?? null);
      if (value !== undefined && value !== null && expression.test(text)) return passOrFail({ passes: true });
      return passOrFail({
        passes: false,
        feedback: `Expected a match of ${String(expression)}, got ${showValue(value)}.`,
      });
    },
  };
}

function compilePattern(field: string, pattern: RegExp | string): RegExp {
  // With g or y an expression remembers where it stopped, and scores would depend on their order.
  if (pattern instanceof RegExp) return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new HoneError(`The pattern of regex("${field}") is no regular expression: ${pattern}`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Correct the pattern, or escape its special characters with a backslash.',
      cause,
    });
  }
}
