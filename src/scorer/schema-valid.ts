import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { JsonSchema } from '../signature/signature.ts';
import { type CheckingSchema, describeSchema, schemaFaults } from './checking-schema.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const schemaValidSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output to check; a text in it is read as JSON.')
    .meta({ defaultText: 'all outputs together, as one object' }),
  version: z
    .string()
    .optional()
    .describe(
      "Raise it when a schema changes that is not JSON and not zod's: it cannot be told from its text.",
    ),
});

export interface SchemaValidOptions {
  /** The output to check; a text in it is read as JSON. @default all outputs together, as one object */
  readonly field?: string | undefined;
  /** Raise it when a schema changes that is not JSON and not zod's: it cannot be told from its text. */
  readonly version?: string | undefined;
}

/**
 * 1 when the outputs fit a schema, else 0 with the reasons. Needs no expected value.
 *
 * @param schema A JSON Schema (draft 2020-12), or any Standard Schema: zod, valibot, arktype.
 */
export function schemaValid(schema: JsonSchema | CheckingSchema, options: SchemaValidOptions = {}): Scorer {
  const { field, version } = resolveOptions(schemaValidSchema, options, { of: 'schemaValid' });
  const name = field === undefined ? 'schema-valid' : `schema-valid(${field})`;
  return {
    name,
    version: scorerVersion(name, { schema: describeSchema(schema), version }),
    passFail: true,
    givesFeedback: true,
    async score({ outputs }) {
      const issues = await schemaFaults(field === undefined ? outputs : readJson(outputs, field), schema);
      if (issues.length === 0) return passOrFail({ passes: true });
      return passOrFail({
        passes: false,
        feedback: `${field === undefined ? 'The outputs do' : `"${field}" does`} not fit the schema: ${issues.slice(0, 5).join('; ')}.`,
      });
    },
  };
}

/** The value of a field; a text that is JSON as what it writes. */
function readJson(outputs: JsonObject, field: string): unknown {
  const value = outputs[field];
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
