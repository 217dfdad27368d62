import { longestTimerMs } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { jsonOf } from '../base/json-of.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { FieldValidation, JsonSchema } from '../signature/signature.ts';
import {
  isStandardSchema,
  jsonSchemaOf,
  type StandardSchema,
  validatorOf,
} from '../signature/standard-schema.ts';
import { causesOf, faultBehind } from './faults.ts';

/** Something that an agent may call. */
export interface Tool {
  /** Letters, digits, "_" and "-", at most 64. */
  readonly name: string;
  /** What it is for, as the model is told; a parameter of the agent. */
  readonly description: string;
  /** JSON Schema of the arguments, an object; the descriptions of its properties are parameters of the agent. */
  readonly parameters: JsonSchema;
  /** Says how it behaves: edited code has another one. */
  readonly version: string;
  /** Longest time of one call in milliseconds. */
  readonly timeoutMs: number;
  /** Checks arguments, and converts them where the schema does. */
  check(given: JsonObject): Promise<FieldValidation> | FieldValidation;
  /** Called with arguments that were checked. What it throws is told to the model. */
  execute(given: unknown, call: ToolContext): Promise<unknown>;
}

/** What a tool gets beside its arguments. */
export interface ToolContext {
  /** Aborted when the row is, and when the time of the call is over. */
  readonly signal: AbortSignal;
}

export interface ToolOptions<Schema> {
  /** What it is for and what it gives, as the model is told. */
  readonly description: string;
  /**
   * What it takes: any Standard Schema of an object (zod, valibot, arktype), or a JSON Schema. @default nothing
   */
  readonly input?: Schema | undefined;
  /** Longest time of one call in milliseconds, from 1. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Raise it when something that the function calls changes: its own text is already taken into account. */
  readonly version?: string | undefined;
}

/** What the function of a tool is called with. */
export type ToolInput<Schema> =
  Schema extends StandardSchema<infer _Input, infer Output> ? Output : JsonObject;

const toolName = /^[\w-]{1,64}$/u;
const nothing: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

/**
 * A tool of a function. What the function returns is shown to the model: a text as it is, anything else as JSON. What it
 * throws is told to the model, which may try otherwise. A service that cannot be reached is no fault of the candidate:
 * throw a HoneError with the code `HONE_SERVICE_UNAVAILABLE`, and the row is tried again and then left out.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a name that no provider takes, a missing description or function, or an
 *   input that is no object.
 */
export function tool<const Schema extends StandardSchema | JsonSchema = JsonSchema>(
  name: string,
  options: ToolOptions<Schema>,
  execute: (given: ToolInput<Schema>, call: ToolContext) => unknown,
): Tool {
  checkOptionNames(options, { description: true, input: true, timeoutMs: true, version: true }, 'tool');
  const { description, timeoutMs = 30_000, version = '' } = options ?? {};
  const input: StandardSchema | JsonSchema = options?.input ?? nothing;
  if (typeof name !== 'string' || !toolName.test(name)) {
    throw invalid(`"${name}" can be no tool.`, 'Name it with letters, digits, "_" and "-", at most 64.');
  }
  if (typeof description !== 'string' || description.trim() === '' || typeof execute !== 'function') {
    throw invalid(
      `The tool "${name}" needs a description and a function.`,
      "Write tool('search', { description: '…', input: z.object({ … }) }, async (given) => result).",
    );
  }
  if (!Number.isFinite(timeoutMs) || timeoutMs < 1) {
    throw invalid(`The tool "${name}" has ${timeoutMs} ms.`, 'Give `timeoutMs` from 1.');
  }
  const parameters = isStandardSchema(input) ? jsonSchemaOf(input, { name, role: 'output' }) : input;
  if (parameters.type !== 'object') {
    throw invalid(
      `The input of the tool "${name}" is no object.`,
      'Give z.object({ … }), or a JSON Schema of one.',
    );
  }
  if (!isStandardSchema(input)) checkSchema(name, parameters);
  const validate = isStandardSchema(input) ? validatorOf(input) : undefined;
  return {
    name,
    description,
    parameters,
    version: hashJson([version, String(execute), parameters]).slice(0, 16),
    timeoutMs,
    check: (given) => validate?.(given) ?? checkBySchema(given, parameters),
    execute: async (given, call) => execute(given as ToolInput<Schema>, call),
  };
}

function checkSchema(name: string, schema: JsonSchema): void {
  try {
    schemaIssues({}, schema);
  } catch (cause) {
    throw invalid(
      `The input of the tool "${name}" is no JSON Schema that can be checked: ${messageOf(cause)}`,
      'Correct it, or give a Standard Schema of its library.',
    );
  }
}

export function checkBySchema(given: JsonObject, schema: JsonSchema): FieldValidation {
  const issues = schemaIssues(given, schema);
  return issues.length === 0 ? { status: 'valid', value: given } : { status: 'invalid', issues };
}

/** What became of a call: what is noted, and what the model is told. */
export type ToolOutcome =
  | { readonly status: 'done'; readonly result: Json }
  /** The arguments do not fit: the model's fault. */
  | { readonly status: 'refused'; readonly error: string }
  /** The tool threw, or took too long. */
  | { readonly status: 'failed'; readonly error: string };

/**
 * Calls a tool once. What the tool throws, and a time that is over, are outcomes.
 *
 * @throws What ends the row: its abort, and the fault of a service.
 */
export async function callTool(
  used: Tool,
  given: JsonObject,
  signal: AbortSignal | undefined,
): Promise<ToolOutcome> {
  signal?.throwIfAborted();
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), Math.min(used.timeoutMs, longestTimerMs));
  const both = signal === undefined ? time.signal : AbortSignal.any([signal, time.signal]);
  try {
    const late = new Promise<never>((_resolve, reject) => {
      both.addEventListener('abort', () => reject(both.reason), { once: true });
    });
    const work = checkAndExecute(used, { given, signal: both });
    // Whoever loses the race has nobody to tell.
    work.catch(() => undefined);
    late.catch(() => undefined);
    return await Promise.race([work, late]);
  } catch (thrown) {
    signal?.throwIfAborted();
    if (time.signal.aborted) return { status: 'failed', error: `No result within ${used.timeoutMs} ms.` };
    const fault = faultBehind(thrown);
    if (fault !== undefined) throw fault;
    const [first] = causesOf(thrown);
    return { status: 'failed', error: messageOf(first ?? thrown) };
  } finally {
    clearTimeout(timer);
  }
}

/** The check of the arguments is code of the tool too: it may take its time, and throw. */
async function checkAndExecute(
  used: Tool,
  { given, signal }: { readonly given: JsonObject; readonly signal: AbortSignal },
): Promise<ToolOutcome> {
  const checked = await used.check(given);
  if (checked.status === 'invalid') {
    const error = `The arguments do not fit: ${checked.issues.slice(0, 5).join('; ')}.`;
    return { status: 'refused', error };
  }
  // An abort that came during the check: nothing is executed any more.
  signal.throwIfAborted();
  return { status: 'done', result: jsonOf(await used.execute(checked.value, { signal }), 'text') };
}

/** The arguments of a call as an object; undefined for what is none. */
export function readArguments(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
