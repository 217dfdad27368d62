import { validator } from 'hono/validator';
import type { z } from 'zod';
import { HoneError } from '../base/errors.ts';

/**
 * Parses what came from outside, once, at the edge.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` naming the place.
 */
export function checked<Schema extends z.ZodType, Target extends 'query' | 'json' | 'param'>(
  target: Target,
  schema: Schema,
) {
  return validator(target, (value): z.output<Schema> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new HoneError(`${issue?.path.join('.') || target}: ${issue?.message ?? 'cannot be read'}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Load the page anew; an address that was edited by hand may hold the mistake.',
    });
  });
}
