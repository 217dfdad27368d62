import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import type { CallOptions, Model, ModelDelta, ModelRequest } from '../model.ts';
import { withoutCredentials } from '../without-credentials.ts';
import { BodyTooLargeError, boundedPieces, readBoundedText, streamBytesLimit } from './bounded-body.ts';
import {
  type CompletionAnswer,
  filteredAnswer,
  readCompletion,
  type WireCompletion,
} from './openai-compatible-answer.ts';
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
import { complaintOf, isContentFilter } from './server-complaint.ts';
import { createServerDialect, type ServerLack } from './server-dialect.ts';

export interface OpenaiCompatibleOptions {
  /** As the server calls it. */
  readonly modelId: string;
  /**
   * Up to and without `/chat/completions`, such as 'http://localhost:8000/v1'. A user, a password and a query
   * in it are sent, and neither stored nor shown.
   */
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
  /** Whether the server takes `response_format` with a schema. @default true, until it refuses one */
  readonly jsonSchema?: boolean | undefined;
  /** What else the server does not take. What it refuses is left out from then on. @default nothing */
  readonly lacks?: readonly ServerLack[] | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A model behind any server that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, LM Studio,
 * OpenRouter and their like. An option that the server refuses is left out from then on, and every answer
 * made so says it in `notices`.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a base URL that is none. Calls reject with `HONE_MODEL_…`;
 *   `facts.retryable` says whether trying again can help, `facts.retryAfterMs` when.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): Model {
  const { modelId, fetch = globalThis.fetch, jsonSchema = true, clock = systemClock } = options;
  const { endpoint, url, authorization, secrets: secretsInUrl } = readAddress(options.baseUrl);
  const server = findServer({ host: new URL(endpoint).host });
  const id = options.id ?? `${server?.name ?? 'openai-compatible'}/${modelId}`;
  const headers: Record<string, string> = { 'content-type': 'application/json', ...options.headers };
  const bearer = options.apiKey ? `Bearer ${options.apiKey}` : authorization;
  if (bearer !== undefined) headers.authorization = bearer;
  const secrets = [options.apiKey ?? '', ...secretsInUrl, ...secretHeaders(options.headers)];
  const asked: Asked = {
    modelId,
    endpoint,
    keyVariable: options.keyVariable ?? server?.keyVariable,
    secrets,
  };
  const dialect = createServerDialect({
    about: `${modelId} at ${endpoint}`,
    lacks: [...(options.lacks ?? []), ...(jsonSchema ? [] : (['json-schema'] as const))],
    maxTokensField: server?.maxTokensField,
  });

  const send = async (body: string, { signal }: CallOptions): Promise<Response> => {
    try {
      return await fetch(url, { method: 'POST', headers, body, signal });
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw unreachableError(cause, asked);
    }
  };

  /** The answer of the server; asked again, without it, as long as it refuses an option of the request. */
  const post = async (request: ModelRequest, isStream: boolean, call: CallOptions): Promise<Posted> => {
    while (true) {
      const { maxTokensField } = dialect;
      const sent = { request: dialect.adapt(request), maxTokensField };
      const response = await send(requestBody(sent.request, { modelId, maxTokensField, isStream }), call);
      if (response.ok) return { status: 'answered', response };
      const { status } = response;
      const text = await readText(response, call);
      const complaint = complaintOf(text);
      if (complaint !== undefined && isContentFilter(complaint, status)) return { status: 'filtered' };
      if (!dialect.learn({ status, complaint }, sent)) throw failed(response, text);
    }
  };

  const readText = async (response: Response, { signal }: CallOptions): Promise<string> => {
    try {
      return await readBoundedText(response);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw brokenBody(cause, 'the answer', asked);
    }
  };

  const failed = (response: Response, body: string) =>
    failedAnswerError(
      { status: response.status, header: (name) => response.headers.get(name), body, now: clock.now() },
      asked,
    );

  const read = (text: string, response: Response): CompletionAnswer => {
    if (isHtml(text)) throw failed(response, text);
    const completion = parsed(text, asked);
    const complaint = completion.error ?? completion.choices?.[0]?.error;
    // An error beside a part of an answer: the part is not what was asked for.
    if (complaint) throw failed(response, JSON.stringify({ error: complaint }));
    const answer = readSafely(completion, asked);
    if (typeof answer === 'string') throw badReplyError(`the answer is ${answer}`, asked);
    // A failed generation is no answer: it must be tried again, not stored.
    if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
    return answer;
  };

  return {
    id,
    endpoint,
    capabilities: {
      choiceScores: false,
      tokenScores: false,
      get jsonSchema() {
        return !dialect.lacks.has('json-schema');
      },
      tools: true,
      completion: false,
    },

    async generate(request, call = {}) {
      const startedAt = clock.monotonic();
      const posted = await post(request, false, call);
      const latencyMs = () => clock.monotonic() - startedAt;
      if (posted.status === 'filtered') return { ...refusedPrompt, latencyMs: latencyMs() };
      const text = await readText(posted.response, call);
      return dialect.noted({ ...read(text, posted.response), latencyMs: latencyMs() }, request);
    },

    async *stream(request, call = {}): AsyncGenerator<ModelDelta, void, void> {
      const startedAt = clock.monotonic();
      const posted = await post(request, true, call);
      const finish = (answer: CompletionAnswer): ModelDelta => {
        const response = { ...answer, latencyMs: clock.monotonic() - startedAt };
        return { type: 'finish', response: dialect.noted(response, request) };
      };
      if (posted.status === 'filtered') {
        yield finish(refusedPrompt);
        return;
      }
      const { response } = posted;
      const isEvents = response.headers.get('content-type')?.includes('text/event-stream');
      if (!isEvents || response.body === null) {
        // A server without streaming answers in one piece.
        const whole = read(await readText(response, call), response);
        if (whole.text !== '') yield { type: 'text-delta', text: whole.text };
        yield finish(whole);
        return;
      }
      const assembly = assembleCompletion();
      try {
        for await (const data of eventData(boundedPieces(response.body, streamBytesLimit))) {
          if (data === '[DONE]') break;
          const chunk = parsed(data, asked);
          const complaint = chunk.error ?? chunk.choices?.[0]?.error;
          if (complaint) throw failed(response, JSON.stringify({ error: complaint }));
          const text = assembly.add(chunk);
          if (text !== '') yield { type: 'text-delta', text };
        }
      } catch (cause) {
        if (call.signal?.aborted) throw call.signal.reason;
        throw HoneError.isInstance(cause) ? cause : brokenBody(cause, 'the stream', asked);
      }
      const answer = assembly.finish();
      if (answer === undefined) throw badReplyError('the stream ended before the answer did', asked);
      if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
      yield finish(answer);
    },
  };
}

type Posted =
  | { readonly status: 'answered'; readonly response: Response }
  /** The prompt itself was kept back by a content filter. */
  | { readonly status: 'filtered' };

/** What is not answered because of its contents is not charged. */
const refusedPrompt: CompletionAnswer = { ...filteredAnswer(), costUsd: 0 };

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

/** Servers send what no type foresees; whatever reading stumbles over is their fault. */
function readSafely(completion: WireCompletion, asked: Asked): CompletionAnswer | string {
  try {
    return readCompletion(completion);
  } catch (cause) {
    throw badReplyError(`the answer has a form of its own (${messageOf(cause)})`, asked, { cause });
  }
}

function brokenBody(cause: unknown, what: string, asked: Asked): HoneError {
  if (cause instanceof BodyTooLargeError) {
    const hint = 'Check that the base URL names a server of models; no answer of a model is that long.';
    return badReplyError(cause.message, asked, { cause, hint, retryable: false });
  }
  return badReplyError(`${what} broke off (${messageOf(cause)})`, asked, { cause });
}

export interface Address {
  /** Without credentials and query: it is stored and shown. */
  readonly endpoint: string;
  readonly url: string;
  /** From credentials in the URL, which fetch refuses. */
  readonly authorization: string | undefined;
  /** What of the URL must never be shown. */
  readonly secrets: readonly string[];
}

function secretHeaders(headers: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    /auth|key|token|secret|cookie/i.test(name) ? [value] : [],
  );
}

export function readAddress(baseUrl: string): Address {
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new HoneError(`"${withoutCredentials(baseUrl)}" is not the base URL of a server.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give an address such as http://localhost:8000/v1.',
    });
  }
  const address = new URL(baseUrl);
  const { search } = address;
  const [username, password] = [decoded(address.username), decoded(address.password)];
  const path = address.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  const endpoint = `${address.origin}${path}`;
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    endpoint,
    url: `${endpoint}/chat/completions${search}`,
    authorization: username === '' && password === '' ? undefined : `Basic ${credentials}`,
    secrets: [credentials, username, password, address.password, ...address.searchParams.values()],
  };
}

/** A percent sign in a password stands for itself where it opens no code. */
function decoded(part: string): string {
  return part.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
    try {
      return decodeURIComponent(codes);
    } catch {
      return codes;
    }
  });
}
