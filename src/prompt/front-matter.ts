import { isMap, isScalar } from 'yaml';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';
import { promptFormats } from './adapters.ts';
import type { PromptFile } from './prompt-file.ts';
import { closestName } from './template.ts';
import { readYaml, writeYaml, type YamlPlace } from './yaml-text.ts';

/** What the front matter says. */
export type PromptSettings = Pick<
  PromptFile,
  'model' | 'inputs' | 'outputs' | 'scorer' | 'format' | 'calibration'
>;

const answer = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const typeName = z.enum(['string', 'number', 'integer', 'boolean', 'json']);
const column = z.union([
  typeName.transform((type) => ({ type })),
  z
    .array(answer)
    .min(2)
    .transform((choices) => ({ choices })),
  z.strictObject({
    choices: z.array(answer).min(2).optional(),
    type: typeName.optional(),
    description: z.string().optional(),
  }),
]);

const settingSchemas = {
  model: z.string().min(1),
  inputs: z.union([
    z
      .string()
      .min(1)
      .transform((name) => [name]),
    z.array(z.string().min(1)).min(1),
  ]),
  outputs: z.union([z.string().min(1), z.array(z.string().min(1)).min(1), z.record(z.string(), column)]),
  scorer: z.union([z.string().min(1), z.looseObject({ name: z.string().min(1) })]),
  format: z.enum(promptFormats),
  calibration: z.record(z.string(), z.number()),
} as const;

const expectations: Readonly<Record<keyof typeof settingSchemas, string>> = {
  model: 'a name such as openai/gpt-5-mini',
  inputs: 'a column, or a list of columns',
  outputs: 'a column, a list of columns, or a type for each column',
  scorer: 'a name such as exactMatch, or a name with options',
  format: `one of ${promptFormats.join(', ')}`,
  calibration: 'a number for each answer',
};

/**
 * Reads the front matter of a prompt file.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` with the line of a key that is unknown or has a wrong value.
 */
export function readFrontMatter(text: string, place: YamlPlace): PromptSettings {
  const { document, where } = readYaml(text, place);
  const { contents } = document;
  if (contents === null) return {};
  const fail = (message: string, hint: string): never => {
    throw new HoneError(message, { code: 'HONE_PROMPT_INVALID', hint, facts: { file: place.file } });
  };
  const keys = Object.keys(settingSchemas);
  if (!isMap(contents)) {
    return fail(
      `${where(contents)}: the front matter is no list of settings.`,
      `Write one of ${keys.join(', ')} a line.`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const { key, value } of contents.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (!isSetting(name)) {
      const closest = closestName(name, keys);
      const hint =
        closest === undefined
          ? `Use ${keys.join(', ')}.`
          : `Did you mean ${closest}? There are ${keys.join(', ')}.`;
      return fail(`${where(key)}: there is no setting “${name}”.`, hint);
    }
    const node = value ?? key;
    const parsed = settingSchemas[name].safeParse(value?.toJS(document));
    if (!parsed.success) {
      return fail(`${where(node)}: “${name}” is not ${expectations[name]}.`, `Write ${expectations[name]}.`);
    }
    values[name] = parsed.data;
  }
  const { model, inputs, format, calibration } = values as PromptSettings;
  return {
    ...(model !== undefined && { model }),
    ...(inputs !== undefined && { inputs }),
    ...(values.outputs !== undefined && { outputs: columnsOf(values.outputs as Outputs) }),
    ...(values.scorer !== undefined && { scorer: scorerOf(values.scorer as Scorer) }),
    ...(format !== undefined && { format }),
    ...(calibration !== undefined && { calibration }),
  };
}

type Outputs = z.infer<typeof settingSchemas.outputs>;
type Scorer = z.infer<typeof settingSchemas.scorer>;

function isSetting(name: string): name is keyof typeof settingSchemas {
  return Object.hasOwn(settingSchemas, name);
}

/** A text is one column by any name. */
function columnsOf(outputs: Outputs): readonly ColumnSpec[] {
  if (typeof outputs === 'string') return [{ name: outputs }];
  if (Array.isArray(outputs)) return outputs.map((name) => ({ name }));
  return Object.entries(outputs).map(([name, spec]) => ({ name, ...spec }));
}

function scorerOf(scorer: Scorer): PromptFile['scorer'] {
  if (typeof scorer === 'string') return { name: scorer, options: {} };
  const { name, ...options } = scorer;
  return { name, options: options as JsonObject };
}

/** The front matter of a prompt file with its two lines of dashes; empty where there is nothing to say. */
export function frontMatterText(settings: PromptSettings): string {
  const { model, inputs, outputs, scorer, format, calibration } = settings;
  const values: Record<string, unknown> = {};
  if (model !== undefined) values.model = model;
  if (inputs !== undefined) values.inputs = inputs;
  if (outputs !== undefined) values.outputs = outputsValue(outputs);
  if (scorer !== undefined) {
    const hasOptions = Object.keys(scorer.options).length > 0;
    values.scorer = hasOptions ? { name: scorer.name, ...scorer.options } : scorer.name;
  }
  if (format !== undefined) values.format = format;
  if (calibration !== undefined) values.calibration = calibration;
  return Object.keys(values).length === 0 ? '' : `---\n${writeYaml(values)}\n---`;
}

function outputsValue(outputs: readonly ColumnSpec[]): unknown {
  const isPlain = outputs.every(({ name: _, ...spec }) =>
    Object.values(spec).every((value) => value === undefined),
  );
  if (isPlain) return outputs.map(({ name }) => name);
  return Object.fromEntries(
    outputs.map(({ name, choices, type, description }) => {
      if (description === undefined && choices !== undefined) return [name, choices];
      if (description === undefined) return [name, type ?? 'string'];
      return [name, { ...(choices && { choices }), ...(type && { type }), description }];
    }),
  );
}
