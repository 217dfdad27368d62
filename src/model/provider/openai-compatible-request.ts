import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Message, ModelRequest } from '../model.ts';

export interface RequestBodyOptions {
  readonly modelId: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether the server takes `response_format` with a schema. */
  readonly jsonSchema: boolean;
  readonly isStream: boolean;
}

/**
 * A request as the JSON text of chat completions.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function requestBody(request: ModelRequest, options: RequestBodyOptions): string {
  const { responseSchema, tools, tokenLogProbabilities, stopSequences } = request;
  return JSON.stringify({
    model: options.modelId,
    messages:
      request.layout === 'completion' ? [asOneMessage(request.messages)] : request.messages.map(wireMessage),
    temperature: request.temperature,
    top_p: request.topP,
    [options.maxTokensField]: request.maxOutputTokens,
    stop: stopSequences?.length ? stopSequences : undefined,
    seed: request.seed,
    response_format: responseSchema && options.jsonSchema ? schemaFormat(responseSchema) : undefined,
    tools: tools?.length
      ? tools.map((tool) => ({
          type: 'function',
          function: { name: tool.name, description: tool.description, parameters: tool.parameters },
        }))
      : undefined,
    logprobs: tokenLogProbabilities ? true : undefined,
    stream: options.isStream ? true : undefined,
    stream_options: options.isStream ? { include_usage: true } : undefined,
    ...request.providerOptions,
  });
}

/** A model that only chats gets a text to continue as one message of the user. */
export function asOneMessage(messages: readonly Message[]): {
  readonly role: 'user';
  readonly content: string;
} {
  return { role: 'user', content: messages.map(({ content }) => content).join('') };
}

function wireMessage({ role, content, toolCalls, toolCallId }: Message): JsonObject {
  if (toolCallId !== undefined) return { role, content, tool_call_id: toolCallId };
  if (!toolCalls?.length) return { role, content };
  return {
    role,
    content: content === '' ? null : content,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

function schemaFormat(schema: JsonObject): JsonObject {
  return {
    type: 'json_schema',
    json_schema: { name: 'answer', schema, strict: isStrictSchema(schema) },
  };
}

/**
 * Whether strict mode takes a schema: every object closed and every property required.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs (Supported schemas)
 */
export function isStrictSchema(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (!isJsonObject(schema)) return true;
  const { properties } = schema;
  if (isJsonObject(properties)) {
    const required: readonly Json[] = Array.isArray(schema.required) ? schema.required : [];
    if (schema.additionalProperties !== false) return false;
    if (!Object.keys(properties).every((name) => required.includes(name))) return false;
    return Object.entries(schema).every(([key, value]) =>
      key === 'properties' ? Object.values(properties).every(isStrictSchema) : isStrictSchema(value),
    );
  }
  if (schema.type === 'object') return false;
  return Object.values(schema).every(isStrictSchema);
}
