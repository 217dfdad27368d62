import { type Clock, systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { type EmbeddingModel, type EmbedOptions, requireVectors } from '../embedding-model.ts';
import { readCount } from '../read-count.ts';
import { readBoundedText } from './bounded-body.ts';
import { readAddress } from './openai-compatible.ts';
import {
  type Asked,
  badReplyError,
  failedAnswerError,
  unreachableError,
} from './openai-compatible-errors.ts';
import { findServer } from './openai-compatible-servers.ts';

export interface OpenaiCompatibleEmbeddingOptions {
  /** As the server calls it. */
  readonly modelId: string;
  /** Up to and without `/embeddings`, such as 'http://localhost:8000/v1'. */
  readonly baseUrl: string;
  /** Sent as a bearer token. Left out: none is sent. */
  readonly apiKey?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Most texts of one request. @default 96 */
  readonly textsPerCall?: number | undefined;
  /** US dollars per million tokens. @default unknown */
  readonly price?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * An embedding model behind any server that speaks OpenAI's `/embeddings`: vLLM, llama.cpp, Ollama, LM Studio and
 * their like. A list of texts is sent in parts.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a base URL that is none. Calls reject with `HONE_MODEL_…`.
 * @see https://platform.openai.com/docs/api-reference/embeddings/create
 */
export function openaiCompatibleEmbedding(options: OpenaiCompatibleEmbeddingOptions): EmbeddingModel {
  const { modelId, fetch = globalThis.fetch, textsPerCall = 96, price, clock = systemClock } = options;
  const { endpoint, url, authorization, secrets } = readAddress(options.baseUrl);
  const server = findServer({ host: new URL(endpoint).host });
  const address = url.replace(/\/chat\/completions(?=\?|$)/, '/embeddings');
  const bearer = options.apiKey ? `Bearer ${options.apiKey}` : authorization;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...options.headers,
    ...(bearer !== undefined && { authorization: bearer }),
  };
  const asked: Asked = {
    modelId,
    endpoint,
    keyVariable: server?.keyVariable,
    secrets: [options.apiKey ?? '', ...secrets, ...Object.values(options.headers ?? {})],
  };

  const embedPart = async (input: readonly string[], { signal, observe }: EmbedOptions) => {
    const startedAt = clock.monotonic();
    const body = JSON.stringify({ model: modelId, input, encoding_format: 'float' });
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, { method: 'POST', headers, body, signal });
      text = await readBoundedText(response);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw unreachableError(cause, asked);
    }
    const header = (name: string) => response.headers.get(name);
    const failed = () =>
      failedAnswerError({ status: response.status, header, body: text, now: clock.now() }, asked);
    if (!response.ok) throw failed();
    const answer = readJson(text, asked);
    if (!isJsonObject(answer) || answer.error) throw failed();
    const vectors = requireVectors(vectorsOf(answer.data, asked), { texts: input.length, modelId });
    const usage = isJsonObject(answer.usage) ? answer.usage : {};
    const inputTokens = readCount(usage.prompt_tokens ?? usage.total_tokens);
    observe?.({
      usage: { inputTokens, outputTokens: 0 },
      latencyMs: clock.monotonic() - startedAt,
      ...(price !== undefined && inputTokens !== undefined && { costUsd: (inputTokens * price) / 1e6 }),
    });
    return vectors;
  };

  return {
    id: `${server?.name ?? 'openai-compatible'}/${modelId}`,
    endpoint,
    async embed(texts, call = {}) {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += textsPerCall) {
        vectors.push(...(await embedPart(texts.slice(start, start + textsPerCall), call)));
      }
      return requireVectors(vectors, { texts: texts.length, modelId });
    },
  };
}

function readJson(text: string, asked: Asked): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badReplyError(`the answer is no complete JSON (${messageOf(cause)})`, asked, { cause });
  }
}

/** In the order of the texts: servers may answer in another one, and then number what they give. */
function vectorsOf(data: Json | undefined, asked: Asked): readonly Float32Array[] {
  if (!Array.isArray(data)) throw badReplyError('the answer has no vectors', asked);
  const items = (data as readonly Json[]).map((item, place) => {
    const { embedding, index = place } = isJsonObject(item) ? item : {};
    // What is no number would become 0 or a figure of its own in an array of floats.
    if (!Array.isArray(embedding) || !embedding.every(Number.isFinite) || typeof index !== 'number') {
      throw badReplyError('the answer has no vectors of numbers', asked);
    }
    return { index, vector: Float32Array.from(embedding as readonly number[]) };
  });
  return items.sort((a, b) => a.index - b.index).map(({ vector }) => vector);
}
