export {
  type Content,
  type ContentPart,
  contentText,
  type FilePart,
  type TextPart,
} from '../model/content.ts';
export { type EmbeddedModelOptions, embeddedModel } from '../model/embedded.ts';
export { type PulledModel, type PullOptions, pullEmbeddedModel } from '../model/embedded-pull.ts';
export { type AnswerCacheMode, type CallPathOptions, callPath } from '../model/middleware/call-path.ts';
export type {
  CallAccount,
  CallOptions,
  CallRecord,
  ChoiceScores,
  FinishReason,
  Message,
  Model,
  ModelCapabilities,
  ModelDelta,
  ModelMiddleware,
  ModelPrice,
  ModelRequest,
  ModelResponse,
  ToolCall,
  ToolDefinition,
  Usage,
} from '../model/model.ts';
export { wrapModel } from '../model/model.ts';
export { type FromAiSdkOptions, fromAiSdk } from '../model/provider/ai-sdk.ts';
export { type OpenaiCompatibleOptions, openaiCompatible } from '../model/provider/openai-compatible.ts';
export { type ServerLack, serverLacks } from '../model/provider/server-dialect.ts';
export { type ModelReference, type ResolveModelOptions, resolveModel } from '../model/resolve-model.ts';
