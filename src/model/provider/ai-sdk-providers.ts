import type { Model } from '../model.ts';
import { type FromAiSdkOptions, fromAiSdk } from './ai-sdk.ts';
import { anthropicLanguageModel } from './ai-sdk-anthropic.ts';
import { googleLanguageModel } from './ai-sdk-google.ts';
import type { AnyAiSdkModel } from './ai-sdk-model.ts';
import { openaiLanguageModel } from './ai-sdk-openai.ts';
import { boundedFetch } from './bounded-body.ts';

/** In the AI SDK's own words, because it is handed on to the provider's package. */
export interface AiSdkProviderOptions {
  readonly modelId: string;
  /** @default what the package finds in its own environment variable */
  readonly apiKey?: string | undefined;
  readonly baseURL?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const providers = {
  openai: openaiLanguageModel,
  anthropic: anthropicLanguageModel,
  google: googleLanguageModel,
} as const satisfies Record<string, (options: AiSdkProviderOptions) => Promise<AnyAiSdkModel>>;

/** A provider whose own AI SDK package is used. */
export type AiSdkProviderName = keyof typeof providers;

export const aiSdkProviderNames = Object.keys(providers) as readonly AiSdkProviderName[];

export function isAiSdkProvider(name: string): name is AiSdkProviderName {
  return Object.hasOwn(providers, name);
}

/**
 * Loads a model through the provider's own AI SDK package.
 *
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` with the command that installs the package.
 */
export async function loadAiSdkProvider(
  name: AiSdkProviderName,
  { lacks, fetch = globalThis.fetch, ...options }: AiSdkProviderOptions & Pick<FromAiSdkOptions, 'lacks'>,
): Promise<Model> {
  const languageModel = await providers[name]({ ...options, fetch: boundedFetch(fetch) });
  return fromAiSdk(languageModel, { lacks });
}
