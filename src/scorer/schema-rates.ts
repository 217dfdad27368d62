import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { parseJson } from '../prompt/read-value.ts';
import { readTolerantJson } from '../prompt/tolerant-json.ts';
import type { JsonSchema } from '../signature/signature.ts';
import type { CheckingSchema } from './checking-schema.ts';
import { describeSchema, schemaFaults } from './checking-schema.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

const rates = ['raw', 'extracted', 'repaired'] as const;

/** What the options are checked by. */
export const schemaRatesSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output whose text is checked.')
    .meta({ defaultText: 'the whole answer of the last step' }),
  gate: z
    .enum(rates)
    .default('raw')
    .describe('Which of the three rates is the score; all are kept as objectives.'),
  version: z
    .string()
    .optional()
    .describe(
      "Raise it when a schema changes that is not JSON and not zod's: it cannot be told from its text.",
    ),
});

export interface SchemaRatesOptions {
  /** The output whose text is checked. @default the whole answer of the last step */
  readonly field?: string | undefined;
  /** Which of the three rates is the score; all are kept as objectives. @default 'raw' */
  readonly gate?: 'raw' | 'extracted' | 'repaired' | undefined;
  /** Raise it when a schema changes that is not JSON and not zod's: it cannot be told from its text. */
  readonly version?: string | undefined;
}

/**
 * Whether an answer is JSON of a schema, three ways, so that the three rates can be told apart: `raw`, as
 * `JSON.parse` takes it; `extracted`, the JSON inside a code fence or between other words; `repaired`, after mending
 * quotes, commas and comments. What passes one passes the later ones. A gate belongs on `raw` unless the program that
 * reads the answers really mends them.
 *
 * @param schema A JSON Schema (draft 2020-12), or any Standard Schema: zod, valibot, arktype.
 */
export function schemaRates(schema: JsonSchema | CheckingSchema, given: SchemaRatesOptions = {}): Scorer {
  const { field, gate, version } = resolveOptions(schemaRatesSchema, given, { of: 'schemaRates' });
  const name = field === undefined ? 'schema-rates' : `schema-rates(${field})`;
  return {
    name,
    version: scorerVersion(name, { schema: describeSchema(schema), gate, version }),
    passFail: true,
    givesFeedback: true,
    async score(sample): Promise<Score> {
      const text = answerText(sample, field);
      if (text === undefined) {
        return { status: 'unscored', reason: 'The answer is not kept as text: choices were scored.' };
      }
      const read = typeof text === 'string' ? readings(text) : { raw: text, extracted: text, repaired: text };
      const objectives = { raw: 0, extracted: 0, repaired: 0 };
      const faults: Partial<Record<(typeof rates)[number], string>> = {};
      let passed = false;
      for (const rate of rates) {
        const value = read[rate];
        const issues = value === undefined ? [notJson[rate]] : await schemaFaults(value, schema);
        passed ||= issues.length === 0;
        objectives[rate] = passed ? 1 : 0;
        if (!passed) faults[rate] = issues.slice(0, 5).join('; ');
      }
      const feedback = faults[gate];
      return {
        status: 'scored',
        value: objectives[gate],
        objectives,
        ...(feedback && { feedback: `The answer is not valid (${gate}): ${feedback}.` }),
      };
    },
  };
}

const notJson = {
  raw: 'it is not JSON from end to end',
  extracted: 'there is no JSON in it',
  repaired: 'there is no JSON in it that can be mended',
};

/** The text that was answered: of an output, else of the last step that asked; a value that is no text as it is. */
function answerText({ outputs, trace }: Sample, field: string | undefined): Json | undefined {
  if (field !== undefined) return ownOf(outputs, field) ?? '';
  const last = trace.findLast((step) => step.kind === 'predict');
  return last?.kind === 'predict' ? last.text : undefined;
}

function readings(text: string): { readonly [Rate in (typeof rates)[number]]: Json | undefined } {
  return { raw: strict(text), extracted: extracted(text), repaired: repaired(text) };
}

function strict(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The JSON of the only fence, else the one object or list between other words. Two different ones are none. */
function extracted(text: string): Json | undefined {
  const fences = [...text.matchAll(/```[\w-]*[ \t]*\n?([\s\S]*?)```/g)].map(([, inside = '']) =>
    strict(inside),
  );
  const found = fences.filter((value) => value !== undefined);
  if (found.length === 1) return found[0];
  if (found.length > 1) return undefined;
  const spans = topLevelSpans(text);
  const values = spans
    .map(({ start, end }) => strict(text.slice(start, end)))
    .filter((value) => value !== undefined);
  return values.length === 1 ? values[0] : undefined;
}

function repaired(text: string): Json | undefined {
  const whole = parseJson(text);
  if (whole !== undefined) return whole.value;
  const [only, another] = topLevelSpans(text);
  if (only === undefined || another !== undefined) return undefined;
  const read = readTolerantJson(text, { start: only.start, ended: true });
  return read === undefined || read.cut || read.repeated.length > 0 ? undefined : read.value;
}

/** Where objects and lists begin and end that are in no other, as a tolerant reader sees them. */
function topLevelSpans(text: string): readonly { readonly start: number; readonly end: number }[] {
  const spans: { start: number; end: number }[] = [];
  // Each try may read to the end of the text, so their number is bounded.
  let tries = 0;
  for (let at = 0; at < text.length && tries < 50; at += 1) {
    if (text[at] !== '{' && text[at] !== '[') continue;
    tries += 1;
    const read = readTolerantJson(text, { start: at, ended: true });
    if (read === undefined || read.cut) continue;
    spans.push({ start: at, end: read.end });
    at = read.end - 1;
  }
  return spans;
}
