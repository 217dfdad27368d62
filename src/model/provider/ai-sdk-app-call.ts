import type { JsonObject } from '../../base/json.ts';
import type { ContentPart } from '../content.ts';
import type { Message, ModelRequest, ToolCall } from '../model.ts';
import type { AiSdkAppCall, AiSdkAppMessage, AiSdkAppPart, AiSdkResult } from './ai-sdk-model.ts';

interface WholeCall {
  readonly call: AiSdkAppCall;
  readonly version: string;
}

/** Copied with a request by whoever changes another field of it; no part of its JSON. */
const wholeCall = Symbol('hone.whole-call');

type WholeRequest = ModelRequest & { readonly [wholeCall]?: WholeCall };

/**
 * A request that stands for a whole call of an app: its messages for readers, and all of it for the key of its
 * answer. What is sent is the call itself, so that nothing of it is lost, and its headers are never written down.
 *
 * @param version The specification that the call was made for; only models of the same one take it.
 */
export function wholeRequest(call: AiSdkAppCall, version: string): ModelRequest {
  const { abortSignal: _signal, headers: _headers, ...said } = call as AiSdkAppCall & { headers?: unknown };
  const request: WholeRequest = {
    messages: messagesOfCall(call),
    ...withoutAbsent({ temperature: call.temperature, maxOutputTokens: call.maxOutputTokens }),
    providerOptions: { aiSdkCall: asJson(said) as JsonObject },
    [wholeCall]: { call, version },
  };
  return request;
}

/** The call that a request stands for; undefined for a request of Hone's own, and one of another version. */
export function wholeCallOf(request: ModelRequest, version: string): AiSdkAppCall | undefined {
  const whole = (request as WholeRequest)[wholeCall];
  if (whole?.version !== version) return undefined;
  const { maxOutputTokens = whole.call.maxOutputTokens } = request;
  return maxOutputTokens === undefined ? whole.call : { ...whole.call, maxOutputTokens };
}

/** What an app gets back, as JSON: everything but what is about the connection. */
export function wholeResult(result: AiSdkResult): JsonObject {
  const { content, finishReason, usage, providerMetadata, warnings } = result;
  const { id, modelId } = (result.response ?? {}) as { readonly id?: unknown; readonly modelId?: unknown };
  return asJson({
    content,
    finishReason,
    usage,
    providerMetadata,
    warnings: warnings ?? [],
    response: { id, modelId },
  }) as JsonObject;
}

/** A call in Hone's own words, for a model that is not the app's, and what of it these have no word for. */
export interface PlainCall {
  readonly request: ModelRequest;
  readonly lacking: readonly string[];
}

/** Options of a provider belong to the app's own model, and are left out. */
export function plainRequest(call: AiSdkAppCall): PlainCall {
  const { maxOutputTokens, temperature, topP, stopSequences, seed, responseFormat, toolChoice } = call;
  const tools = toolChoice?.type === 'none' ? [] : (call.tools ?? []);
  const lacking = [
    ...(['topK', 'presencePenalty', 'frequencyPenalty'] as const).filter((name) => call[name] !== undefined),
    ...(toolChoice !== undefined && !['auto', 'none'].includes(toolChoice.type)
      ? [`toolChoice "${toolChoice.type}"`]
      : []),
    ...tools.filter(({ type }) => type !== 'function').map(({ name }) => `the provider's tool "${name}"`),
  ];
  const schema = responseFormat?.type === 'json' ? (responseFormat.schema ?? { type: 'object' }) : undefined;
  const request: ModelRequest = {
    messages: messagesOfCall(call),
    ...withoutAbsent({ maxOutputTokens, temperature, topP, stopSequences, seed }),
    ...(schema !== undefined && { responseSchema: asJson(schema) as JsonObject }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description = '', inputSchema }) => ({
        name,
        description,
        parameters: asJson(inputSchema ?? { type: 'object' }) as JsonObject,
      })),
    }),
  };
  return { request, lacking };
}

function withoutAbsent(given: Partial<ModelRequest>): Partial<ModelRequest> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The messages of a call; thoughts of earlier answers are left out, which no other model can read. */
export function messagesOfCall({ prompt }: Pick<AiSdkAppCall, 'prompt'>): readonly Message[] {
  return prompt.flatMap((message): readonly Message[] => {
    const { role, content } = message;
    if (typeof content === 'string') return [{ role, content }];
    if (role === 'tool') return content.filter(({ type }) => type === 'tool-result').map(toolMessage);
    const toolCalls = content.filter(({ type }) => type === 'tool-call').map(toolCall);
    return [{ role, content: contentOfParts(message, content), ...(toolCalls.length > 0 && { toolCalls }) }];
  });
}

function contentOfParts({ role }: AiSdkAppMessage, parts: readonly AiSdkAppPart[]): Message['content'] {
  const said = parts.flatMap((part): readonly ContentPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text ?? '' }];
    if (part.type !== 'file') return [];
    const { mediaType = 'application/octet-stream', filename: name } = part;
    return [
      {
        type: mediaType.startsWith('image/') ? 'image' : 'file',
        data: dataText(part.data),
        mediaType,
        ...(name !== undefined && { name }),
      },
    ];
  });
  const isText = said.every(({ type }) => type === 'text');
  if (isText && (said.length < 2 || role === 'assistant'))
    return said.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return said;
}

/** Bare in V2 and V3, tagged in V4. */
function dataText(data: unknown): string {
  if (data instanceof Uint8Array) return Buffer.from(data).toString('base64');
  if (data instanceof URL) return data.href;
  if (typeof data === 'object' && data !== null) {
    const { data: bytes, url } = data as { readonly data?: unknown; readonly url?: unknown };
    return dataText(bytes ?? url ?? '');
  }
  return String(data ?? '');
}

function toolCall({ toolCallId = '', toolName = '', input }: AiSdkAppPart): ToolCall {
  return {
    id: toolCallId,
    name: toolName,
    arguments: typeof input === 'string' ? input : JSON.stringify(asJson(input ?? {})),
  };
}

function toolMessage({ toolCallId = '', output }: AiSdkAppPart): Message {
  return { role: 'tool', toolCallId, content: outputText(output) };
}

/** What a tool gave, as a model that takes text reads it. */
export function outputText(output: AiSdkAppPart['output']): string {
  const value = output?.value;
  if (typeof value === 'string') return value;
  return value === undefined ? (output?.type ?? '') : JSON.stringify(asJson(value));
}

/** JSON of a value that may hold bytes and addresses. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Uint8Array ? Buffer.from(inner).toString('base64') : inner,
  );
  return text === undefined ? undefined : JSON.parse(text);
}
