import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type FieldDefinition, type FieldSpec, type InputOf, type OutputOf, toField } from './field.ts';
import { parseSignatureText } from './parse-shorthand.ts';
import type { CheckedSignatureText, InputsOfText, OutputsOfText } from './shorthand-types.ts';
import { type Field, labelOf, type Signature } from './signature.ts';

/** What is said beside the fields. */
export interface SignatureOptions {
  /** What to do. @default one sentence made of the fields' names */
  readonly instructions?: string | undefined;
  /** Descriptions by field name. */
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
}

/** A signature by its fields. */
export interface SignatureSpec {
  readonly inputs: Readonly<Record<string, FieldSpec>>;
  readonly outputs: Readonly<Record<string, FieldSpec>>;
  /** What to do. @default one sentence made of the fields' names */
  readonly instructions?: string | undefined;
}

type CheckedSpec<Spec> = Spec extends string ? CheckedSignatureText<Spec> : Spec;

type OptionalNames<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends FieldDefinition<infer _, infer Optional>
    ? Optional extends true
      ? Name
      : never
    : never;
}[keyof Fields];

type Flat<Fields> = Fields extends infer All ? { readonly [Name in keyof All]: All[Name] } : never;

type InputsOfFields<Fields> = Flat<
  { readonly [Name in Exclude<keyof Fields, OptionalNames<Fields>>]: InputOf<Fields[Name]> } & {
    readonly [Name in OptionalNames<Fields>]?: InputOf<Fields[Name]> | undefined;
  }
>;

type OutputsOfFields<Fields> = Flat<
  { readonly [Name in Exclude<keyof Fields, OptionalNames<Fields>>]: OutputOf<Fields[Name]> } & {
    readonly [Name in OptionalNames<Fields>]?: OutputOf<Fields[Name]> | undefined;
  }
>;

/** The signature that a specification stands for. */
export type SignatureOf<Spec> = Spec extends string
  ? Signature<InputsOfText<Spec>, OutputsOfText<Spec>>
  : Spec extends { readonly inputs: infer Inputs; readonly outputs: infer Outputs }
    ? Signature<InputsOfFields<Inputs>, OutputsOfFields<Outputs>>
    : never;

/**
 * The contract of a step, its types inferred from what is written.
 *
 * As text: names with optional types, inputs before the arrow. A type is `string` (the default), `number`,
 * `integer`, `boolean`, `json`, `object`, `image`, `file`, `history` (the conversation so far), quoted answers with `|` between them, or one of these with `[]`; a
 * `?` after a name says that the value may be absent. As an object: the same types as text, or any Standard
 * Schema, or `field(…)` with a description and limits.
 *
 * @example signature('ticket -> category: "billing" | "refunds", confidence: number')
 * @example signature({ inputs: { ticket: 'string' }, outputs: { category: z.enum(['billing', 'refunds']) } })
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` with the place of what is wrong.
 */
export function signature<const Spec extends string | SignatureSpec>(
  spec: Spec & CheckedSpec<Spec>,
  options: SignatureOptions = {},
): SignatureOf<Spec> {
  const given = spec as string | SignatureSpec;
  const { inputs, outputs } = typeof given === 'string' ? parseSignatureText(given) : fieldsOfSpec(given);
  const instructions =
    options.instructions ??
    (typeof given === 'string' ? undefined : given.instructions) ??
    defaultInstructions(inputs, outputs);
  const described = describedBy(options.descriptions ?? {}, [...inputs, ...outputs]);
  // The one place where the fields of run time become the types that were inferred from their text.
  return {
    instructions,
    inputs: inputs.map(described),
    outputs: outputs.map(described),
  } satisfies Signature as unknown as SignatureOf<Spec>;
}

/** One sentence from the names, for a signature that says no more. */
export function defaultInstructions(inputs: readonly Field[], outputs: readonly Field[]): string {
  const names = (fields: readonly Field[]) =>
    joinWords(fields.map((field) => labelOf(field.name).toLowerCase()));
  return `Give the ${names(outputs)} for the ${names(inputs)}.`;
}

function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function fieldsOfSpec(spec: SignatureSpec): { readonly inputs: Field[]; readonly outputs: Field[] } {
  const inputs = Object.entries(spec.inputs).map(([name, field]) => toField(name, field, 'input'));
  const outputs = Object.entries(spec.outputs).map(([name, field]) => toField(name, field, 'output'));
  for (const [side, fields] of [
    ['inputs', inputs],
    ['outputs', outputs],
  ] as const) {
    if (fields.length === 0) fail(`The signature has no ${side}.`, `Name at least one field in \`${side}\`.`);
  }
  for (const { name } of [...inputs, ...outputs]) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      fail(`“${name}” is no name of a field.`, 'Use letters, digits and _, and start with a letter.');
    }
  }
  const twice = outputs.find((output) => inputs.some((input) => input.name === output.name));
  if (twice) fail(`“${twice.name}” is both an input and an output.`, 'Rename one of the two.');
  return { inputs, outputs };
}

function describedBy(
  descriptions: Readonly<Record<string, string>>,
  fields: readonly Field[],
): (field: Field) => Field {
  const unknown = Object.keys(descriptions).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) {
    const names = fields.map((field) => field.name).join(', ');
    fail(`There is no field “${unknown}” to describe.`, `Use one of: ${names}.`);
  }
  return (field) => {
    const description = descriptions[field.name];
    return description === undefined ? field : { ...field, description };
  };
}

function fail(message: string, hint: string): never {
  throw new HoneError(message, { code: 'HONE_SIGNATURE_INVALID', hint });
}

/** A column of a table, for a signature that is known only at run time. */
export interface ColumnSpec {
  /** The name of the column, whatever it holds. */
  readonly name: string;
  /** The allowed answers, where the column is a closed choice. */
  readonly choices?: readonly string[] | undefined;
  /** The type of the values where they are no choice. @default 'string' */
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'json' | undefined;
  readonly description?: string | undefined;
}

/** The signature of a table: columns that go in and columns that are expected. */
export function signatureOfColumns({
  inputs,
  outputs,
  instructions,
}: {
  readonly inputs: readonly ColumnSpec[];
  readonly outputs: readonly ColumnSpec[];
  readonly instructions?: string | undefined;
}): Signature<JsonObject, JsonObject> {
  const inputFields = inputs.map(fieldOfColumn);
  const outputFields = outputs.map(fieldOfColumn);
  return {
    instructions: instructions ?? defaultInstructions(inputFields, outputFields),
    inputs: inputFields,
    outputs: outputFields,
  };
}

function fieldOfColumn({ name, choices, type = 'string', description }: ColumnSpec): Field {
  const schema =
    choices === undefined ? (type === 'json' ? {} : { type }) : { type: 'string', enum: [...choices] };
  return description === undefined ? { name, schema } : { name, schema, description };
}
