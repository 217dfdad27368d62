import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Message, ModelRequest, ModelResponse, ToolCall, ToolDefinition } from '../model/model.ts';
import { findObjects } from '../prompt/tolerant-json.ts';
import type { AgentResult } from './agent-history.ts';

/** How tools are offered to a model, and how its calls are read. */
export interface AgentProtocol {
  /** Said after the instructions. */
  rules(tools: readonly ToolDefinition[]): string;
  /** What a request has beside its messages. */
  request(tools: readonly ToolDefinition[]): Pick<ModelRequest, 'tools' | 'responseSchema'>;
  /** The calls that a response makes, each with an id of its own. */
  calls(response: ModelResponse, round: number): readonly ToolCall[];
  /** What the model said, for the conversation. */
  said(response: ModelResponse, calls: readonly ToolCall[]): Message;
  result(call: ToolCall, text: string): AgentResult;
}

const manner =
  'Use the tools where they help; several calls may be made at once. As soon as you know the answer, call "submit" with it.';

/** Tools as providers have them. */
export const nativeProtocol: AgentProtocol = {
  rules: () => manner,
  request: (tools) => ({ tools }),
  calls: ({ toolCalls = [] }, round) => withIds(toolCalls, round),
  said: ({ text }, calls) => ({
    role: 'assistant',
    content: text,
    ...(calls.length > 0 && { toolCalls: calls }),
  }),
  result: ({ id, name }, content) => ({ tool: name, message: { role: 'tool', toolCallId: id, content } }),
};

/** Tools in words, for models that know none: a call is a JSON object. */
export function textProtocol({ schema }: { readonly schema: boolean }): AgentProtocol {
  return {
    rules: (tools) => `${manner}\n\nThe tools:\n${tools.map(described).join('\n')}\n\n${form}`,
    request: (tools) => (schema ? { responseSchema: callSchema(tools) } : {}),
    calls: ({ text }, round) =>
      withIds(
        findObjects(text).flatMap(({ value }): readonly ToolCall[] => {
          if (!isJsonObject(value) || typeof value.tool !== 'string') return [];
          return [{ id: '', name: value.tool, arguments: JSON.stringify(value.arguments ?? {}) }];
        }),
        round,
      ),
    said: ({ text }) => ({ role: 'assistant', content: text }),
    result: ({ name }, text) => ({
      tool: name,
      message: { role: 'user', content: `Result of ${name}:\n${text}` },
    }),
  };
}

const form = 'Call a tool with a JSON object and nothing else: {"tool": "<name>", "arguments": { … }}';

function described({ name, description, parameters }: ToolDefinition): string {
  return `- ${name}: ${description} Arguments: ${JSON.stringify(parameters.properties ?? {})}`;
}

function callSchema(tools: readonly ToolDefinition[]): JsonObject {
  const calls = tools.map(({ name, parameters }) => ({
    type: 'object',
    properties: { tool: { const: name }, arguments: parameters },
    required: ['tool', 'arguments'],
    additionalProperties: false,
  }));
  const [only] = calls;
  return calls.length === 1 && only !== undefined ? only : { anyOf: calls };
}

/** Some servers give no ids, or one id twice. */
function withIds(calls: readonly ToolCall[], round: number): readonly ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call, index) => {
    const id =
      call.id === '' || call.id === undefined || seen.has(call.id) ? `call-${round}-${index + 1}` : call.id;
    seen.add(id);
    return id === call.id ? call : { ...call, id };
  });
}
