import { loadOptional } from '../load-optional.ts';
import type { AnyAiSdkModel } from './ai-sdk-model.ts';
import type { AiSdkProviderOptions } from './ai-sdk-providers.ts';

/** Google's models through `@ai-sdk/google`; the only file that loads it. */
export async function googleLanguageModel({
  modelId,
  ...settings
}: AiSdkProviderOptions): Promise<AnyAiSdkModel> {
  const { createGoogleGenerativeAI } = await loadOptional('@ai-sdk/google', () => import('@ai-sdk/google'));
  return createGoogleGenerativeAI(settings)(modelId);
}
