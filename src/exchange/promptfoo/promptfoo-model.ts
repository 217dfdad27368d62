import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** How the first provider that has a counterpart is asked. */
export interface PromptfooModel {
  readonly model?: string | undefined;
  readonly temperature?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
}

const quiet = new Set([
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'maxOutputTokens',
  'apiKey',
  'apiKeyEnvar',
  'apiBaseUrl',
  'apiHost',
]);

/** The model of the first provider that has a name here; the others, and what is not taken over, are noted. */
export function modelOf(given: unknown, notes: Set<string>): PromptfooModel {
  const list = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const providers = list.map(providerOf);
  const known = providers.map(({ id, config }) => ({ id, config, model: nameOf(id, config) }));
  for (const { id, model } of known) {
    if (model === undefined) notes.add(`The provider ${id} has no counterpart: name a model with --model.`);
  }
  const [first, ...others] = known.filter(({ model }) => model !== undefined);
  for (const { id, model } of others) {
    notes.add(
      `The provider ${id} is asked too there: here, run \`hone eval -m ${model}\` and \`hone compare\`.`,
    );
  }
  if (first === undefined) return {};
  const left = Object.keys(first.config).filter((key) => !quiet.has(key) && first.config[key] !== undefined);
  if (left.length > 0) notes.add(`${left.join(', ')} of the provider ${first.id}: left out.`);
  const { temperature } = first.config;
  const most = ['max_tokens', 'max_completion_tokens', 'maxOutputTokens'].map((key) => first.config[key]);
  const tokens = most.find((value) => typeof value === 'number' && value > 0);
  return {
    model: first.model,
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof tokens === 'number' && { maxOutputTokens: tokens }),
  };
}

interface Provider {
  readonly id: string;
  readonly config: JsonObject;
}

/** A name, an object with `id`, or an object whose one key is the name. */
function providerOf(given: unknown): Provider {
  if (typeof given === 'string') return { id: given, config: {} };
  if (!isJsonObject(given)) return { id: 'that is code', config: {} };
  const own = given as Readonly<Record<string, unknown>>;
  if (typeof own.id === 'string') return { id: own.id, config: isJsonObject(own.config) ? own.config : {} };
  const [[id, value] = ['that has no id', {}]] = Object.entries(own);
  const config = isJsonObject(value) && isJsonObject(value.config) ? value.config : {};
  return { id, config };
}

/** How the model is called here. */
function nameOf(id: string, config: JsonObject): string | undefined {
  const [provider = '', ...rest] = id.split(':');
  const kind = rest.length > 1 ? rest[0] : undefined;
  const name = (kind !== undefined && kinds.has(kind) ? rest.slice(1) : rest).join(':');
  const base = config.apiBaseUrl ?? config.apiHost;
  if (provider === 'openai' && typeof base === 'string' && name !== '') {
    return `openai-compatible:${base.includes('://') ? base : `https://${base}/v1`}#${name}`;
  }
  if (name === '' || (kind !== undefined && noAnswers.has(kind))) return undefined;
  if (provider === 'openai' || provider === 'anthropic') return `${provider}/${name}`;
  if (provider === 'google') return `google/${name}`;
  if (provider === 'ollama') return `openai-compatible:http://127.0.0.1:11434/v1#${name}`;
  if (provider === 'openrouter') return `openai-compatible:https://openrouter.ai/api/v1#${name}`;
  return undefined;
}

const kinds = new Set(['chat', 'completion', 'responses', 'messages', 'gemini']);
const noAnswers = new Set([
  'embedding',
  'embeddings',
  'image',
  'moderation',
  'realtime',
  'assistant',
  'transcription',
  'speech',
  'agents',
  'video',
]);
