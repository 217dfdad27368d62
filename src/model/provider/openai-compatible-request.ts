import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { type Content, type ContentPart, isAddress, joinContents, requireText } from '../content.ts';
import type { Message, ModelRequest } from '../model.ts';
import type { MaxTokensField } from './server-dialect.ts';

export interface RequestBodyOptions {
  readonly modelId: string;
  readonly maxTokensField: MaxTokensField;
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
      request.layout === 'completion'
        ? [wireMessage(asOneMessage(request.messages), options.modelId)]
        : request.messages.map((message) => wireMessage(message, options.modelId)),
    temperature: request.temperature,
    top_p: request.topP,
    [options.maxTokensField]: request.maxOutputTokens,
    stop: stopSequences?.length ? stopSequences : undefined,
    seed: request.seed,
    response_format: responseSchema && schemaFormat(responseSchema),
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
  readonly content: Content;
} {
  return { role: 'user', content: joinContents(messages.map(({ content }) => content)) };
}

function wireMessage({ role, content, toolCalls, toolCallId }: Message, modelId: string): JsonObject {
  const text = () => requireText(content, { modelId, place: `a message of the role ${role}` });
  if (toolCallId !== undefined) return { role, content: text(), tool_call_id: toolCallId };
  if (role === 'user' && typeof content !== 'string') return { role, content: content.map(wirePart) };
  if (!toolCalls?.length) return { role, content: text() };
  return {
    role,
    content: text() || null,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

/**
 * A part as chat completions take it: bytes as a `data:` address.
 *
 * @see https://platform.openai.com/docs/guides/images-vision and /docs/guides/pdf-files
 */
function wirePart(part: ContentPart): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const url = isAddress(part) ? part.data : `data:${part.mediaType};base64,${part.data}`;
  if (part.type === 'image') return { type: 'image_url', image_url: { url } };
  const audio = /^audio\/(?:x-)?(wav|mp3|mpeg)$/.exec(part.mediaType)?.[1];
  if (audio !== undefined && !isAddress(part)) {
    const format = audio === 'mpeg' ? 'mp3' : audio;
    return { type: 'input_audio', input_audio: { data: part.data, format } };
  }
  return { type: 'file', file: { filename: part.name ?? 'file', file_data: url } };
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
