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
  'apiBaseUrl',
  'apiHost',
]);

/** The model of the first provider that has a name here; the others, and what is not taken over, are noted. */
export function modelOf(given: unknown, notes: Set<string>): PromptfooModel {
  const list = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const providers = list.map(providerOf);
  const known = providers.map((each) => ({ ...each, model: nameOf(each.id, each.config) }));
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
  const beside = Object.keys(first.beside).filter((key) => first.beside[key] !== undefined);
  const all = [...left, ...beside];
  if (all.length > 0) notes.add(`${all.join(', ')} of the provider ${first.id}: left out.`);
  const { temperature } = first.config;
  const limits = ['max_tokens', 'max_completion_tokens', 'maxOutputTokens'];
  const most = limits.map((key) => first.config[key]).find((value) => value !== undefined);
  const tokens = typeof most === 'number' && most > 0 ? most : undefined;
  if (temperature !== undefined && typeof temperature !== 'number')
    notes.add(`The temperature ${JSON.stringify(temperature)} of the provider ${first.id}: left out.`);
  if (most !== undefined && tokens === undefined)
    notes.add(`The limit of tokens ${JSON.stringify(most)} of the provider ${first.id}: left out.`);
  return {
    model: first.model,
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof tokens === 'number' && { maxOutputTokens: tokens }),
  };
}

interface Provider {
  readonly id: string;
  readonly config: JsonObject;
  /** What else it says. */
  readonly beside: JsonObject;
}

/** A name, an object with `id`, or an object whose one key is the name. */
function providerOf(given: unknown): Provider {
  if (typeof given === 'string') return { id: given, config: {}, beside: {} };
  if (!isJsonObject(given)) return { id: 'that is code', config: {}, beside: {} };
  if (typeof given.id === 'string') return { id: given.id, ...settingsOf(given) };
  const [[id, value] = ['that has no id', {}]] = Object.entries(given);
  return { id, ...settingsOf(isJsonObject(value) ? value : {}) };
}

/** A label changes nothing of what is measured. */
function settingsOf({ id: _, label, config = {}, ...beside }: JsonObject): Omit<Provider, 'id'> {
  return { config: isJsonObject(config) ? config : {}, beside };
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
