import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import type { CallOptions, Model, ModelDelta, ModelRequest, ModelResponse } from '../model.ts';
import { readCompletion, type WireCompletion } from './openai-compatible-answer.ts';
import {
  type Asked,
  badReplyError,
  failedAnswerError,
  isHtml,
  unreachableError,
} from './openai-compatible-errors.ts';
import { requestBody } from './openai-compatible-request.ts';
import { findServer } from './openai-compatible-servers.ts';
import { assembleCompletion, eventData } from './openai-compatible-stream.ts';

export interface OpenaiCompatibleOptions {
  /** As the server calls it. */
  readonly modelId: string;
  /** Up to and without `/chat/completions`, such as 'http://localhost:8000/v1'. */
  readonly baseUrl: string;
  /** Sent as a bearer token. Left out: none is sent. */
  readonly apiKey?: string | undefined;
  /** The environment variable that the key comes from, for messages. @default the known provider's */
  readonly keyVariable?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default the known provider's name, or 'openai-compatible', then '/' and the model id */
  readonly id?: string | undefined;
  /** Whether the server takes `response_format` with a schema. @default true */
  readonly jsonSchema?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A model behind any server that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, LM Studio,
 * OpenRouter and their like.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a base URL that is none. Calls reject with `HONE_MODEL_…`;
 *   `facts.retryable` says whether trying again can help, `facts.retryAfterMs` when.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): Model {
  const { modelId, fetch = globalThis.fetch, jsonSchema = true, clock = systemClock } = options;
  const { endpoint, url, authorization, password } = readAddress(options.baseUrl);
  const server = findServer({ host: new URL(endpoint).host });
  const id = options.id ?? `${server?.name ?? 'openai-compatible'}/${modelId}`;
  const headers: Record<string, string> = { 'content-type': 'application/json', ...options.headers };
  const bearer = options.apiKey ? `Bearer ${options.apiKey}` : authorization;
  if (bearer !== undefined) headers.authorization = bearer;
  const secrets = [options.apiKey ?? '', password, ...secretHeaders(options.headers)];
  const asked: Asked = {
    modelId,
    endpoint,
    keyVariable: options.keyVariable ?? server?.keyVariable,
    secrets,
  };
  const body = { modelId, jsonSchema, maxTokensField: server?.maxTokensField ?? ('max_tokens' as const) };

  const post = async (
    request: ModelRequest,
    isStream: boolean,
    { signal }: CallOptions,
  ): Promise<Response> => {
    const text = requestBody(request, { ...body, isStream });
    try {
      return await fetch(url, { method: 'POST', headers, body: text, signal });
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw unreachableError(cause, asked);
    }
  };

  const readText = async (response: Response, { signal }: CallOptions): Promise<string> => {
    try {
      return await response.text();
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw badReplyError(`the answer broke off (${messageOf(cause)})`, asked, { cause });
    }
  };

  const failed = (response: Response, text: string) =>
    failedAnswerError(
      {
        status: response.status,
        header: (name) => response.headers.get(name),
        body: text,
        now: clock.now(),
      },
      asked,
    );

  return {
    id,
    endpoint,
    capabilities: { choiceScores: false, tokenScores: false, jsonSchema, tools: true, completion: false },

    async generate(request, call = {}) {
      const startedAt = clock.monotonic();
      const response = await post(request, false, call);
      const text = await readText(response, call);
      const latencyMs = clock.monotonic() - startedAt;
      if (!response.ok) throw failed(response, text);
      return completed(text, latencyMs, { asked, failed: () => failed(response, text) });
    },

    async *stream(request, call = {}): AsyncGenerator<ModelDelta, void, void> {
      const startedAt = clock.monotonic();
      const response = await post(request, true, call);
      const latencyMs = () => clock.monotonic() - startedAt;
      const isEvents = response.headers.get('content-type')?.includes('text/event-stream');
      if (!response.ok || !isEvents || response.body === null) {
        const text = await readText(response, call);
        if (!response.ok) throw failed(response, text);
        // A server without streaming answers in one piece.
        const whole = completed(text, latencyMs(), { asked, failed: () => failed(response, text) });
        if (whole.text !== '') yield { type: 'text-delta', text: whole.text };
        yield { type: 'finish', response: whole };
        return;
      }
      const assembly = assembleCompletion();
      try {
        for await (const data of eventData(response.body)) {
          if (data === '[DONE]') break;
          const chunk = parsed(data, asked);
          if (chunk.error) throw insideError(chunk, asked, clock.now());
          const text = assembly.add(chunk);
          if (text !== '') yield { type: 'text-delta', text };
        }
      } catch (cause) {
        if (call.signal?.aborted) throw call.signal.reason;
        if (HoneError.isInstance(cause)) throw cause;
        throw badReplyError(`the stream broke off (${messageOf(cause)})`, asked, { cause });
      }
      const answer = assembly.finish();
      if (answer === undefined) throw badReplyError('the stream ended before the answer did', asked);
      if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
      yield { type: 'finish', response: { ...answer, latencyMs: latencyMs() } };
    },
  };
}

function completed(
  text: string,
  latencyMs: number,
  { asked, failed }: { readonly asked: Asked; failed(): HoneError },
): ModelResponse {
  if (isHtml(text)) throw failed();
  const completion = parsed(text, asked);
  if (completion.error && !completion.choices?.length) throw insideError(completion, asked, 0);
  const answer = readCompletion(completion);
  if (typeof answer === 'string') throw badReplyError(`the answer is ${answer}`, asked);
  // A failed generation is no answer: it must be tried again, not stored.
  if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
  return { ...answer, latencyMs };
}

function parsed(text: string, asked: Asked): WireCompletion {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badReplyError(`the answer is no complete JSON (${text.length} characters)`, asked, { cause });
  }
  if (typeof json === 'object' && json !== null) return json;
  throw badReplyError('the answer is no JSON object', asked);
}

/** Gateways answer 200 and put the error, with its status as `code`, inside. */
function insideError({ error }: WireCompletion, asked: Asked, now: number): HoneError {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : Number.NaN;
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : 500;
  return failedAnswerError({ status, header: () => null, body: JSON.stringify({ error }), now }, asked);
}

interface Address {
  /** Without credentials and query: it is stored and shown. */
  readonly endpoint: string;
  readonly url: string;
  /** From credentials in the URL, which fetch refuses. */
  readonly authorization: string | undefined;
  /** Empty without one. */
  readonly password: string;
}

function secretHeaders(headers: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    /auth|key|token|secret|cookie/i.test(name) ? [value] : [],
  );
}

function readAddress(baseUrl: string): Address {
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new HoneError(`"${baseUrl.replace(/\/\/[^/]*@/, '//')}" is not the base URL of a server.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give an address such as http://localhost:8000/v1.',
    });
  }
  const address = new URL(baseUrl);
  const { username, search } = address;
  const password = decodeURIComponent(address.password);
  const path = address.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  const endpoint = `${address.origin}${path}`;
  const credentials = `${decodeURIComponent(username)}:${password}`;
  return {
    endpoint,
    url: `${endpoint}/chat/completions${search}`,
    authorization: username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
    password,
  };
}
