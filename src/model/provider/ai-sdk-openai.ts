import { loadOptional } from '../load-optional.ts';
import type { AnyAiSdkModel } from './ai-sdk-model.ts';
import type { AiSdkProviderOptions } from './ai-sdk-providers.ts';

/** OpenAI's models through `@ai-sdk/openai`; the only file that loads it. */
export async function openaiLanguageModel({
  modelId,
  ...settings
}: AiSdkProviderOptions): Promise<AnyAiSdkModel> {
  const { createOpenAI } = await loadOptional('@ai-sdk/openai', () => import('@ai-sdk/openai'));
  return createOpenAI(settings)(modelId);
}
