import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { JsonSchema } from '../signature/signature.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/**
 * The part of a Standard Schema that is needed to check a value.
 *
 * @see https://standardschema.dev
 */
export interface CheckingSchema {
  readonly '~standard': {
    readonly vendor: string;
    readonly validate: (value: unknown) => CheckResult | Promise<CheckResult>;
  };
}

export interface CheckResult {
  readonly issues?:
    | readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[]
    | undefined;
}

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
      const issues = await issuesOf(field === undefined ? outputs : readJson(outputs, field), schema);
      if (issues.length === 0) return passOrFail({ passes: true });
      return passOrFail({
        passes: false,
        feedback: `${field === undefined ? 'The outputs do' : `"${field}" does`} not fit the schema: ${issues.slice(0, 5).join('; ')}.`,
      });
    },
  };
}

function isStandard(schema: JsonSchema | CheckingSchema): schema is CheckingSchema {
  return '~standard' in schema;
}

async function issuesOf(value: unknown, schema: JsonSchema | CheckingSchema): Promise<readonly string[]> {
  if (!isStandard(schema)) return schemaIssues(value, schema);
  const { issues = [] } = await schema['~standard'].validate(value);
  return issues.map(({ message, path = [] }) => {
    const place = path.map((step) => String(isPathSegment(step) ? step.key : step)).join('.');
    return place === '' ? message : `at ${place}: ${message}`;
  });
}

function isPathSegment(step: unknown): step is { readonly key: unknown } {
  return typeof step === 'object' && step !== null && 'key' in step;
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

function describeSchema(schema: JsonSchema | CheckingSchema): unknown {
  if (!isStandard(schema)) return schema;
  const { vendor } = schema['~standard'];
  if (vendor !== 'zod') return { vendor };
  try {
    return { vendor, schema: z.toJSONSchema(schema as unknown as z.ZodType) };
  } catch {
    // A zod schema with transforms or another major version of zod: `version` must tell.
    return { vendor };
  }
}
