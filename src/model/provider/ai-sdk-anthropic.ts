import { loadOptional } from '../load-optional.ts';
import type { AnyAiSdkModel } from './ai-sdk-model.ts';
import type { AiSdkProviderOptions } from './ai-sdk-providers.ts';

/** Anthropic's models through `@ai-sdk/anthropic`; the only file that loads it. */
export async function anthropicLanguageModel({
  modelId,
  ...settings
}: AiSdkProviderOptions): Promise<AnyAiSdkModel> {
  const { createAnthropic } = await loadOptional('@ai-sdk/anthropic', () => import('@ai-sdk/anthropic'));
  return createAnthropic(settings)(modelId);
}
