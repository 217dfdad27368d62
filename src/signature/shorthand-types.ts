import type { Json, JsonObject } from '../base/json.ts';
import type { FileValue, HistoryTurn } from './media-types.ts';

/** Shown by the compiler in place of a signature's text that is wrong. */
export interface SignatureTypeError<Message extends string> {
  readonly 'signature is invalid': Message;
}

/** What the type names of a signature's text stand for. */
export interface NamedTypes {
  readonly string: string;
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly json: Json;
  readonly object: JsonObject;
  readonly image: FileValue;
  readonly file: FileValue;
  readonly history: readonly HistoryTurn[];
}

type KnownNames =
  'string, number, integer, boolean, json, object, image, file, history, a quoted answer or one of these with []';

/** The text itself when it is a signature, else an error whose message says what is wrong. */
export type CheckedSignatureText<Text extends string> = string extends Text
  ? Text
  : ParseSignature<Text> extends infer Parsed
    ? Parsed extends SignatureTypeError<string>
      ? Parsed
      : Text
    : never;

/** The inputs of a signature's text; any JSON object for a text that is only known at run time. */
export type InputsOfText<Text extends string> = string extends Text
  ? JsonObject
  : ParseSignature<Text> extends { readonly inputs: infer Inputs }
    ? Inputs
    : never;

/** The outputs of a signature's text; any JSON object for a text that is only known at run time. */
export type OutputsOfText<Text extends string> = string extends Text
  ? JsonObject
  : ParseSignature<Text> extends { readonly outputs: infer Outputs }
    ? Outputs
    : never;

type ParseSignature<Text extends string> = Text extends `${infer Left}->${infer Right}`
  ? Pair<ParseFields<Left>, ParseFields<Right>>
  : SignatureTypeError<'there is no “->” between inputs and outputs'>;

type Pair<Inputs, Outputs> =
  Inputs extends SignatureTypeError<string>
    ? Inputs
    : Outputs extends SignatureTypeError<string>
      ? Outputs
      : keyof Inputs & keyof Outputs extends never
        ? { readonly inputs: Inputs; readonly outputs: Outputs }
        : SignatureTypeError<`“${keyof Inputs & keyof Outputs & string}” is both an input and an output`>;

/** One side: `name?: type, name, …`. `Fields` holds what was read so far. */
// biome-ignore lint/complexity/noBannedTypes: the empty object is where the fields are gathered.
type ParseFields<Text extends string, Fields = {}> =
  Trim<Text> extends infer Rest extends string
    ? Rest extends ''
      ? keyof Fields extends never
        ? SignatureTypeError<'there is no field on one side of “->”'>
        : Flat<Fields>
      : BeforeFirst<Rest, ','> extends `${infer Name}:${string}`
        ? Rest extends `${Name}:${infer AfterName}`
          ? ParseTyped<Trim<Name>, ParseType<TrimStart<AfterName>>, Fields>
          : never
        : AddField<Trim<BeforeFirst<Rest, ','>>, string, Fields> extends infer Added
          ? Added extends SignatureTypeError<string>
            ? Added
            : Rest extends `${string},${infer Later}`
              ? ParseMore<Later, Added>
              : Flat<Added>
          : never
    : never;

type ParseTyped<Name extends string, Parsed, Fields> =
  Parsed extends SignatureTypeError<string>
    ? Parsed
    : Parsed extends readonly [infer Value, infer Rest extends string]
      ? AddField<Name, Value, Fields> extends infer Added
        ? Added extends SignatureTypeError<string>
          ? Added
          : TrimStart<Rest> extends `,${infer Later}`
            ? ParseMore<Later, Added>
            : TrimStart<Rest> extends ''
              ? Flat<Added>
              : SignatureTypeError<`there must be a comma before “${TrimStart<Rest>}”`>
        : never
      : never;

/** After a comma there is a field. */
type ParseMore<Text extends string, Fields> =
  Trim<Text> extends ''
    ? SignatureTypeError<'there is no field after the last comma'>
    : ParseFields<Text, Fields>;

type AddField<Written extends string, Value, Fields> = Written extends `${infer Name}?`
  ? Named<Trim<Name>, { readonly [Key in Trim<Name>]?: Value }, Fields>
  : Named<Written, { readonly [Key in Written]: Value }, Fields>;

type Named<Name extends string, Field, Fields> = Name extends ''
  ? SignatureTypeError<'a field has no name'>
  : Name extends `${string}${Space | '-' | '"' | "'" | '.' | '?'}${string}`
    ? SignatureTypeError<`“${Name}” is no name: use letters, digits and _`>
    : Name extends keyof Fields
      ? SignatureTypeError<`“${Name}” is there twice`>
      : Fields & Field;

/** A type at the start of a text: `[what it stands for, the text behind it]`. */
type ParseType<Text extends string> = Text extends `"${string}` | `'${string}`
  ? ParseUnion<Text>
  : Text extends `(${infer Inner}`
    ? ParseUnion<TrimStart<Inner>> extends infer Union
      ? Union extends readonly [infer Value, infer Rest extends string]
        ? TrimStart<Rest> extends `)[]${infer After}`
          ? ParseArray<readonly Value[], After>
          : SignatureTypeError<'brackets hold quoted answers and are followed by []'>
        : Union
      : never
    : NamedType<Trim<BeforeFirst<Text, ','>>> extends infer Value
      ? Value extends SignatureTypeError<string>
        ? Value
        : readonly [Value, Text extends `${BeforeFirst<Text, ','>}${infer Rest}` ? Rest : '']
      : never;

type ParseArray<Value, Rest extends string> =
  TrimStart<Rest> extends `[]${infer After}` ? ParseArray<readonly Value[], After> : readonly [Value, Rest];

/** `"a" | 'b'`, in either quote. */
type ParseUnion<Text extends string, Union = never> = Text extends `"${infer Literal}"${infer Rest}`
  ? MoreOfUnion<TrimStart<Rest>, Union | Literal>
  : Text extends `'${infer Literal}'${infer Rest}`
    ? MoreOfUnion<TrimStart<Rest>, Union | Literal>
    : Text extends `"${string}` | `'${string}`
      ? SignatureTypeError<'a quote is not closed'>
      : SignatureTypeError<'only quoted answers can stand beside “|”'>;

type MoreOfUnion<Rest extends string, Union> = Rest extends `|${infer Later}`
  ? ParseUnion<TrimStart<Later>, Union>
  : readonly [Union, Rest];

type NamedType<Name extends string> = Name extends keyof NamedTypes
  ? NamedTypes[Name]
  : Name extends `${infer Item}[]`
    ? NamedType<Trim<Item>> extends infer Value
      ? Value extends SignatureTypeError<string>
        ? Value
        : readonly Value[]
      : never
    : Name extends ''
      ? SignatureTypeError<'there is no type after a colon'>
      : SignatureTypeError<`unknown type “${Name}”: use ${KnownNames}`>;

type Space = ' ' | '\n' | '\t' | '\r';
type TrimStart<Text extends string> = Text extends `${Space}${infer Rest}` ? TrimStart<Rest> : Text;
type TrimEnd<Text extends string> = Text extends `${infer Rest}${Space}` ? TrimEnd<Rest> : Text;
type Trim<Text extends string> = TrimStart<TrimEnd<Text>>;
type BeforeFirst<Text extends string, Mark extends string> = Text extends `${infer Before}${Mark}${string}`
  ? Before
  : Text;
type Flat<Fields> = Fields extends infer All ? { readonly [Key in keyof All]: All[Key] } : never;

/** What the text of one type stands for: `number`, `string[]`, `"a" | "b"`. */
export type ValueOfText<Text extends string> = string extends Text
  ? Json
  : ParseType<Trim<Text>> extends readonly [infer Value, infer Rest extends string]
    ? Trim<Rest> extends ''
      ? Value
      : SignatureTypeError<`“${Trim<Rest>}” does not belong to a type`>
    : ParseType<Trim<Text>>;
