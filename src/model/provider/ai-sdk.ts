import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import type { CallOptions, Model, ModelDelta, ModelRequest, ModelResponse } from '../model.ts';
import { wholeCallOf, wholeResult } from './ai-sdk-app-call.ts';
import { aiSdkAnswer, aiSdkCall } from './ai-sdk-convert.ts';
import { aiSdkFailure, aiSdkRefusal } from './ai-sdk-errors.ts';
import {
  type AiSdkCallOptions,
  type AiSdkContent,
  type AiSdkResult,
  type AiSdkStreamPart,
  type AnyAiSdkModel,
  isKnownVersion,
} from './ai-sdk-model.ts';
import { type Asked, badReplyError, failedAnswerError } from './openai-compatible-errors.ts';
import { findServer } from './openai-compatible-servers.ts';
import { type FailedAnswer, isContentFilter } from './server-complaint.ts';
import { createServerDialect, type ServerLack } from './server-dialect.ts';

export interface FromAiSdkOptions {
  /** Where the answers come from. @default the base URL of the model, else the name of its provider */
  readonly endpoint?: string | undefined;
  /** What the provider does not take. What it refuses is left out from then on. @default nothing */
  readonly lacks?: readonly ServerLack[] | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A language model of the AI SDK (specification V2, V3 or V4, told apart by its shape) as a Hone model. Its
 * own retries do not matter: only `doGenerate` and `doStream` are called, which make one attempt.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a version that Hone does not know. Calls reject with
 *   `HONE_MODEL_…`.
 */
export function fromAiSdk(languageModel: AnyAiSdkModel, options: FromAiSdkOptions = {}): Model {
  if (!isKnownVersion(languageModel)) throw unknownVersion(languageModel);
  const { clock = systemClock } = options;
  const provider = languageModel.provider.split('.')[0] ?? languageModel.provider;
  const { modelId, specificationVersion } = languageModel;
  const target = { provider, modelId, specificationVersion };
  const endpoint = options.endpoint ?? baseUrlOf(languageModel) ?? `ai-sdk:${languageModel.provider}`;
  const keyVariable = findServer({ name: provider })?.keyVariable;
  const asked: Asked = { modelId, endpoint, keyVariable, secrets: [] };
  const about = `${modelId} at ${endpoint}`;
  const dialect = createServerDialect({ about, lacks: options.lacks });
  const failure = (thrown: unknown, { signal }: CallOptions) =>
    signal?.aborted ? signal.reason : aiSdkFailure(thrown, asked, clock.now());

  /** Asks, and asks again without it as long as the provider refuses an option of the request. */
  const ask = async <Result>(
    send: (sent: ModelRequest) => PromiseLike<Result>,
    { request, call }: Asking,
  ): Promise<Result | 'filtered'> => {
    call.signal?.throwIfAborted();
    while (true) {
      const sent = dialect.adapt(request);
      try {
        return await send(sent);
      } catch (thrown) {
        const { status, complaint } = aiSdkRefusal(thrown);
        if (complaint !== undefined && isContentFilter(complaint, status)) return 'filtered';
        // The whole call of an app is sent as the app made it, or not at all.
        const isWhole = wholeCallOf(request, specificationVersion) !== undefined;
        if (call.signal?.aborted || isWhole || !dialect.learn({ status, complaint }, { request: sent })) {
          throw failure(thrown, call);
        }
      }
    }
  };

  const finished = (result: AiSdkResult, latencyMs: number): ModelResponse => {
    let answer: ModelResponse;
    try {
      answer = aiSdkAnswer(result, latencyMs, about);
    } catch (cause) {
      throw HoneError.isInstance(cause) ? cause : badReplyError('in a form of its own', asked, { cause });
    }
    if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
    return answer;
  };

  const model: Model = {
    id: `${provider}/${modelId}`,
    endpoint,
    capabilities: {
      choiceScores: false,
      tokenScores: false,
      get jsonSchema() {
        return !dialect.lacks.has('json-schema');
      },
      tools: true,
      completion: false,
      aiSdkCalls: specificationVersion,
    },

    async generate(request, call = {}) {
      const startedAt = clock.monotonic();
      const whole = wholeCallOf(request, specificationVersion);
      const optionsOf = (sent: ModelRequest) =>
        whole === undefined
          ? aiSdkCall(sent, call, target)
          : ({ ...whole, abortSignal: call.signal } as unknown as AiSdkCallOptions);
      const result = await ask((sent) => languageModel.doGenerate(optionsOf(sent)), { request, call });
      const latencyMs = clock.monotonic() - startedAt;
      if (result === 'filtered') return refusedPrompt(latencyMs);
      const complaint = isJsonObject(result.response?.body) ? result.response.body.error : undefined;
      // Packages read what they look for, and an answer beside an error is not what was asked for.
      if (complaint) throw failedAnswerError(insideAnswer({ error: complaint }), asked);
      const response = finished(result, latencyMs);
      return whole === undefined
        ? dialect.noted(response, request)
        : { ...response, providerResult: wholeResult(result) };
    },

    async *stream(request, call = {}): AsyncGenerator<ModelDelta, void, void> {
      if (wholeCallOf(request, specificationVersion) !== undefined) {
        // The app wants its result whole, whoever else watches it.
        const response = await model.generate(request, call);
        yield { type: 'text-delta', text: response.text };
        yield { type: 'finish', response };
        return;
      }
      const startedAt = clock.monotonic();
      const latencyMs = () => clock.monotonic() - startedAt;
      const result = await ask((sent) => languageModel.doStream(aiSdkCall(sent, call, target)), {
        request,
        call,
      });
      if (result === 'filtered') {
        yield { type: 'finish', response: refusedPrompt(latencyMs()) };
        return;
      }
      try {
        let text = '';
        let reasoning = '';
        const toolCalls: AiSdkContent[] = [];
        let warnings: AiSdkResult['warnings'];
        let finish: AiSdkStreamPart | undefined;
        for await (const part of result.stream) {
          if (part.type === 'error') throw part.error;
          if (part.type === 'text-delta' && part.delta) {
            text += part.delta;
            yield { type: 'text-delta', text: part.delta };
          } else if (part.type === 'reasoning-delta') reasoning += part.delta ?? '';
          else if (part.type === 'tool-call') toolCalls.push(part);
          else if (part.type === 'stream-start') warnings = part.warnings;
          else if (part.type === 'finish') finish = part;
        }
        if (finish === undefined) throw badReplyError('the stream ended before the answer did', asked);
        const { finishReason = 'other', usage = {}, providerMetadata } = finish;
        const content = [{ type: 'text', text }, { type: 'reasoning', text: reasoning }, ...toolCalls];
        const response = finished({ content, finishReason, usage, providerMetadata, warnings }, latencyMs());
        yield { type: 'finish', response: dialect.noted(response, request) };
      } catch (thrown) {
        throw failure(thrown, call);
      }
    },
  };
  return model;
}

interface Asking {
  readonly request: ModelRequest;
  readonly call: CallOptions;
}

/** What is not answered because of its contents is not charged. */
function refusedPrompt(latencyMs: number): ModelResponse {
  return { text: '', finishReason: 'content-filter', usage: {}, costUsd: 0, latencyMs };
}

function insideAnswer(body: object): FailedAnswer {
  return { status: 200, header: () => null, body: JSON.stringify(body), now: 0 };
}

/**
 * The address that a model of the AI SDK's own packages would call, so that answers of two servers never mix.
 * It is no part of the specification, hence read with care.
 */
function baseUrlOf(languageModel: AnyAiSdkModel): string | undefined {
  const { config } = languageModel as { readonly config?: unknown };
  if (typeof config !== 'object' || config === null) return undefined;
  const { baseURL, url } = config as { readonly baseURL?: unknown; readonly url?: unknown };
  let address = baseURL;
  if (typeof url === 'function') {
    try {
      address = url.call(config, { path: '', modelId: languageModel.modelId });
    } catch {
      return undefined;
    }
  }
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function unknownVersion({ provider, modelId, specificationVersion }: AnyAiSdkModel): HoneError {
  return new HoneError(
    `The AI SDK model ${provider}/${modelId} has the specification "${specificationVersion}"; Hone knows v2, v3 and v4.`,
    {
      code: 'HONE_OPTION_INVALID',
      hint: 'Install a version of its package that goes with ai 5, 6 or 7, or update Hone.',
    },
  );
}
