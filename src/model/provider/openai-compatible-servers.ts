import type { MaxTokensField } from './server-dialect.ts';

/** A public server that speaks chat completions. */
export interface KnownServer {
  /** The first part of `Model.id`, and of references such as 'groq/llama-3.3-70b-versatile'. */
  readonly name: string;
  readonly baseUrl: string;
  /** The environment variable that usually holds its key; absent where none is needed. */
  readonly keyVariable?: string | undefined;
  /** Which field bounds the answer. @default 'max_tokens' */
  readonly maxTokensField?: MaxTokensField | undefined;
}

/** Sources: each provider's own page on OpenAI compatibility. */
export const knownServers: readonly KnownServer[] = [
  {
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    // Its reasoning models refuse the older field.
    maxTokensField: 'max_completion_tokens',
  },
  { name: 'anthropic', baseUrl: 'https://api.anthropic.com/v1', keyVariable: 'ANTHROPIC_API_KEY' },
  {
    name: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyVariable: 'GOOGLE_GENERATIVE_AI_API_KEY',
  },
  { name: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1', keyVariable: 'OPENROUTER_API_KEY' },
  { name: 'groq', baseUrl: 'https://api.groq.com/openai/v1', keyVariable: 'GROQ_API_KEY' },
  { name: 'mistral', baseUrl: 'https://api.mistral.ai/v1', keyVariable: 'MISTRAL_API_KEY' },
  { name: 'deepseek', baseUrl: 'https://api.deepseek.com/v1', keyVariable: 'DEEPSEEK_API_KEY' },
  { name: 'together', baseUrl: 'https://api.together.xyz/v1', keyVariable: 'TOGETHER_API_KEY' },
  {
    name: 'fireworks',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariable: 'FIREWORKS_API_KEY',
  },
  { name: 'cerebras', baseUrl: 'https://api.cerebras.ai/v1', keyVariable: 'CEREBRAS_API_KEY' },
  { name: 'xai', baseUrl: 'https://api.x.ai/v1', keyVariable: 'XAI_API_KEY' },
  { name: 'ollama', baseUrl: 'http://localhost:11434/v1' },
];

/** The known server that a base URL or a reference's first part means. */
export function findServer(by: {
  readonly name?: string | undefined;
  readonly host?: string | undefined;
}): KnownServer | undefined {
  return knownServers.find(({ name, baseUrl }) =>
    by.name === undefined ? new URL(baseUrl).host === by.host : name === by.name,
  );
}
