export {
  type Content,
  type ContentPart,
  contentText,
  type FilePart,
  type TextPart,
} from '../model/content.ts';
export {
  type EmbeddedModelOptions,
  embeddedEmbeddingModel,
  embeddedModel,
  type FindOptions,
} from '../model/embedded.ts';
export {
  type PulledModel,
  type PullOptions,
  type PullProgress,
  pullEmbeddedModel,
} from '../model/embedded-pull.ts';
export { cosineSimilarity, type EmbeddingModel, type EmbedOptions } from '../model/embedding-model.ts';
export type { AnswerLog } from '../model/middleware/answer-cache.ts';
export { type AnswerCacheMode, type CallPathOptions, callPath } from '../model/middleware/call-path.ts';
export type { Circuit, ProbeOptions } from '../model/middleware/circuit.ts';
export type { RateLimiters } from '../model/middleware/rate-limit.ts';
export type { RateLimiter, Turn, Until } from '../model/middleware/rate-limiter.ts';
export type { ObservedCall } from '../model/middleware/record.ts';
export type { RetryOptions } from '../model/middleware/retry.ts';
export type { SpendLedger, SpendReservation } from '../model/middleware/spend-limit.ts';
export type {
  CallAccount,
  CallOptions,
  CallRecord,
  ChoiceScores,
  FinishReason,
  Message,
  MessageRole,
  Model,
  ModelCall,
  ModelCapabilities,
  ModelDelta,
  ModelMiddleware,
  ModelPrice,
  ModelRequest,
  ModelResponse,
  TokenScores,
  ToolCall,
  ToolDefinition,
  Usage,
} from '../model/model.ts';
export { wrapCalls } from '../model/model.ts';
export { type FromAiSdkOptions, fromAiSdk } from '../model/provider/ai-sdk.ts';
export {
  type AiSdkEmbeddingModel,
  type FromAiSdkEmbeddingOptions,
  fromAiSdkEmbedding,
} from '../model/provider/ai-sdk-embedding.ts';
export type { AnyAiSdkModel } from '../model/provider/ai-sdk-model.ts';
export { type HandoffOptions, handoff } from '../model/provider/handoff.ts';
export type { LlamaCppOptions } from '../model/provider/llama-cpp.ts';
export type { LlamaRuntime } from '../model/provider/llama-cpp-runtime.ts';
export { type OpenaiCompatibleOptions, openaiCompatible } from '../model/provider/openai-compatible.ts';
export {
  type OpenaiCompatibleEmbeddingOptions,
  openaiCompatibleEmbedding,
} from '../model/provider/openai-compatible-embedding.ts';
export { type ServerLack, serverLacks } from '../model/provider/server-dialect.ts';
export {
  type EmbeddedReference,
  type ModelReference,
  type ResolveModelOptions,
  resolveModel,
} from '../model/resolve-model.ts';
