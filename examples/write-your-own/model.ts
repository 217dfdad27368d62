import { HoneError } from 'hone-ai';
import { contentText, type Model, type ModelRequest, type ModelResponse } from 'hone-ai/models';

export interface TinyServerOptions {
  readonly modelId: string;
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** @default the fetch of this process */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A model behind a server with a protocol of its own: POST /complete. It only calls; the rest is around it. */
export function tinyServer({ modelId, baseUrl, apiKey, fetch = globalThis.fetch }: TinyServerOptions): Model {
  return {
    id: `tiny/${modelId}`,
    endpoint: baseUrl,
    capabilities: {
      choiceScores: false,
      tokenScores: false,
      jsonSchema: false,
      tools: false,
      completion: true,
    },
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      const startedAt = performance.now();
      const response = await fetch(`${baseUrl}/complete`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify(bodyOf(modelId, request)),
        signal: signal ?? null,
      });
      if (!response.ok) throw await errorOf(response, modelId);
      return { ...answerOf(await response.json()), latencyMs: performance.now() - startedAt };
    },
  };
}

function bodyOf(model: string, { messages, maxOutputTokens, temperature }: ModelRequest) {
  const prompt = messages.map(({ role, content }) => `${role}: ${contentText(content)}`).join('\n\n');
  return { model, prompt, max_tokens: maxOutputTokens, temperature };
}

interface TinyAnswer {
  readonly text?: string;
  readonly thoughts?: string;
  readonly ended: 'done' | 'limit' | 'filter';
  readonly tokens?: { readonly input?: number; readonly output?: number };
}

function answerOf({ text = '', thoughts, ended, tokens }: TinyAnswer): Omit<ModelResponse, 'latencyMs'> {
  return {
    text,
    ...(thoughts !== undefined && { reasoning: thoughts }),
    finishReason: ended === 'done' ? 'stop' : ended === 'limit' ? 'length' : 'content-filter',
    // What the server does not count is unknown, never 0.
    usage: { inputTokens: tokens?.input, outputTokens: tokens?.output },
  };
}

/** Says with the code what is wrong, and whether trying again can help. */
async function errorOf(response: Response, modelId: string): Promise<HoneError> {
  const { status } = response;
  const reason = (await response.text()).slice(0, 200);
  const retryAfterMs = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000;
  const isSpent = status === 429 && reason.includes('quota');
  return new HoneError(`tiny/${modelId} answered ${status}: ${reason}`, {
    code:
      status === 401
        ? 'HONE_MODEL_AUTHENTICATION'
        : status === 429
          ? 'HONE_MODEL_RATE_LIMITED'
          : status >= 500
            ? 'HONE_MODEL_SERVER'
            : 'HONE_MODEL_REJECTED',
    hint:
      status === 401 ? 'Check the key.' : isSpent ? 'Raise the quota of the account.' : 'Look at its log.',
    facts: {
      retryable: (status === 429 && !isSpent) || status >= 500,
      ...(Number.isFinite(retryAfterMs) && { retryAfterMs }),
    },
  });
}
