import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { CallOptions, Model, ModelDelta } from '../model.ts';
import { aiSdkAnswer, aiSdkCall } from './ai-sdk-convert.ts';
import { aiSdkFailure } from './ai-sdk-errors.ts';
import {
  type AiSdkContent,
  type AiSdkStreamPart,
  type AnyAiSdkModel,
  isKnownVersion,
} from './ai-sdk-model.ts';
import { type Asked, badReplyError } from './openai-compatible-errors.ts';
import { findServer } from './openai-compatible-servers.ts';

export interface FromAiSdkOptions {
  /** Where the answers come from. @default the base URL of the model, else the name of its provider */
  readonly endpoint?: string | undefined;
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
  const failure = (thrown: unknown, { signal }: CallOptions) =>
    signal?.aborted ? signal.reason : aiSdkFailure(thrown, asked, clock.now());

  return {
    id: `${provider}/${modelId}`,
    endpoint,
    capabilities: {
      choiceScores: false,
      tokenScores: false,
      jsonSchema: true,
      tools: true,
      completion: false,
    },

    async generate(request, call = {}) {
      call.signal?.throwIfAborted();
      const startedAt = clock.monotonic();
      try {
        const result = await languageModel.doGenerate(aiSdkCall(request, call, target));
        const answer = aiSdkAnswer(result, clock.monotonic() - startedAt);
        if (answer.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
        return answer;
      } catch (thrown) {
        throw failure(thrown, call);
      }
    },

    async *stream(request, call = {}): AsyncGenerator<ModelDelta, void, void> {
      call.signal?.throwIfAborted();
      const startedAt = clock.monotonic();
      try {
        const { stream } = await languageModel.doStream(aiSdkCall(request, call, target));
        let text = '';
        const toolCalls: AiSdkContent[] = [];
        let finish: AiSdkStreamPart | undefined;
        for await (const part of stream) {
          if (part.type === 'error') throw part.error;
          if (part.type === 'text-delta' && part.delta) {
            text += part.delta;
            yield { type: 'text-delta', text: part.delta };
          } else if (part.type === 'tool-call') toolCalls.push(part);
          else if (part.type === 'finish') finish = part;
        }
        if (finish === undefined) throw badReplyError('the stream ended before the answer did', asked);
        const { finishReason = 'other', usage = {}, providerMetadata } = finish;
        const content = [{ type: 'text', text }, ...toolCalls];
        const response = aiSdkAnswer(
          { content, finishReason, usage, providerMetadata },
          clock.monotonic() - startedAt,
        );
        if (response.finishReason === 'error') throw badReplyError('it says that generating failed', asked);
        yield { type: 'finish', response };
      } catch (thrown) {
        throw failure(thrown, call);
      }
    },
  };
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
