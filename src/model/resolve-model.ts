import { homedir } from 'node:os';
import { editDistance } from '../base/closest-match.ts';
import { HoneError } from '../base/errors.ts';
import { defaultModelFolder, defaultRuntimeFolder } from './embedded-folders.ts';
import type { Model } from './model.ts';
import { fromAiSdk } from './provider/ai-sdk.ts';
import { type AnyAiSdkModel, isAiSdkModel } from './provider/ai-sdk-model.ts';
import { aiSdkProviderNames, isAiSdkProvider, loadAiSdkProvider } from './provider/ai-sdk-providers.ts';
import { type HandoffOptions, handoff } from './provider/handoff.ts';
import { openaiCompatible } from './provider/openai-compatible.ts';
import { findServer, knownServers } from './provider/openai-compatible-servers.ts';
import type { ServerLack } from './provider/server-dialect.ts';
import { withoutCredentials } from './without-credentials.ts';

/** A model by name, a Hone model, or a language model of the AI SDK. */
export type ModelReference = string | Model | AnyAiSdkModel;

export interface ResolveModelOptions {
  /** Any OpenAI-compatible server; the reference is then the model as that server calls it. */
  readonly baseUrl?: string | undefined;
  /** @default what the provider's own environment variable holds */
  readonly apiKey?: string | undefined;
  /** The environment variable that `apiKey` comes from, for messages. */
  readonly keyVariable?: string | undefined;
  /**
   * Where keys are looked up by their usual names when `apiKey` is left out, and the folders of local models
   * when they are. @default nowhere
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** What the server does not take; what it refuses is learned. @default nothing */
  readonly lacks?: readonly ServerLack[] | undefined;
  /** Where the files of local models lie. @default in this user's cache folder */
  readonly modelFolder?: string | undefined;
  /** How `handoff` is asked. @default in `.hone/handoff` of the working folder, without waiting */
  readonly handoff?: HandoffOptions | undefined;
  /** Opens local models. @default the embedded model, loaded at its first use */
  readonly embedded?: ((options: EmbeddedReference) => Model | Promise<Model>) | undefined;
}

export interface EmbeddedReference {
  /** 'local/…', a path to a `.gguf` file, or 'hf:…' */
  readonly model: string;
  readonly modelFolder: string;
  /** `HONE_MODEL_PATH` of the environment. */
  readonly modelPath?: string | undefined;
  readonly runtimeFolder: string;
  readonly projectFolder: string;
}

/**
 * Finds the model that a reference means:
 * - `local/smollm2-135m-instruct`, `path/to/model.gguf`, `hf:user/repository/file.gguf`: in this process;
 * - `openai/…`, `anthropic/…`, `google/…`: through the provider's AI SDK package;
 * - `groq/…`, `mistral/…`, `openrouter/…`, `ollama/…` and the like: by their OpenAI-compatible servers;
 * - `openai-compatible:<base URL>#<model>`, or any name with `baseUrl`: any such server;
 * - `handoff`, `handoff:<folder>`: whoever answers the files of a folder;
 * - a language model of the AI SDK, or a Hone model, as it is.
 *
 * @throws {HoneError} `HONE_MODEL_UNKNOWN` when it means none, `HONE_MISSING_DEPENDENCY` when a package has
 *   to be installed first.
 */
export async function resolveModel(
  reference: ModelReference,
  options: ResolveModelOptions = {},
): Promise<Model> {
  if (typeof reference !== 'string') return isAiSdkModel(reference) ? fromAiSdk(reference) : reference;
  const { keyVariable, fetch, environment, lacks } = options;
  // An empty variable counts as unset, as everywhere in a shell.
  const apiKey = options.apiKey || undefined;
  if (isLocal(reference) && options.baseUrl === undefined) {
    const { embedded = openEmbedded } = options;
    return embedded(embeddedReference(reference, options));
  }
  if (reference === 'handoff' || reference.startsWith('handoff:')) return openHandoff(reference, options);
  if (reference.startsWith('openai-compatible:')) {
    return openaiCompatible({ ...splitAddress(reference), apiKey, keyVariable, fetch, lacks });
  }
  if (options.baseUrl !== undefined) {
    return openaiCompatible({
      modelId: reference,
      baseUrl: options.baseUrl,
      apiKey,
      keyVariable,
      fetch,
      lacks,
    });
  }
  const slash = reference.indexOf('/');
  const provider = reference.slice(0, slash);
  const modelId = reference.slice(slash + 1);
  if (slash < 1 || modelId === '') throw unknownReference(reference);
  const server = findServer({ name: provider });
  const key =
    apiKey ??
    (server?.keyVariable === undefined ? undefined : environment?.[server.keyVariable] || undefined);
  if (isAiSdkProvider(provider)) return loadAiSdkProvider(provider, { modelId, apiKey: key, fetch, lacks });
  if (server !== undefined)
    return openaiCompatible({ modelId, baseUrl: server.baseUrl, apiKey: key, fetch, lacks });
  throw unknownReference(reference);
}

function isLocal(reference: string): boolean {
  return /^(?:local\/|hf:)/.test(reference) || reference.endsWith('.gguf');
}

function embeddedReference(
  model: string,
  { environment: env = {}, modelFolder }: ResolveModelOptions,
): EmbeddedReference {
  const surroundings = { env, platform: process.platform, homeFolder: homedir() };
  return {
    model,
    modelFolder: modelFolder ?? defaultModelFolder(surroundings),
    modelPath: env.HONE_MODEL_PATH,
    runtimeFolder: defaultRuntimeFolder(surroundings),
    projectFolder: process.cwd(),
  };
}

function openHandoff(reference: string, { handoff: given }: ResolveModelOptions): Model {
  const { folder = '.hone/handoff', ...options } = given ?? {};
  const named = reference.slice('handoff:'.length).trim();
  return handoff({ ...options, folder: named === '' ? folder : named });
}

async function openEmbedded(options: EmbeddedReference): Promise<Model> {
  const { embeddedModel } = await import('./embedded.ts');
  return embeddedModel(options);
}

function splitAddress(reference: string): { readonly baseUrl: string; readonly modelId: string } {
  const address = reference.slice('openai-compatible:'.length);
  const hash = address.lastIndexOf('#');
  const modelId = address.slice(hash + 1);
  if (hash < 1 || modelId === '') {
    throw new HoneError(`The reference "${withoutCredentials(reference)}" names no model.`, {
      code: 'HONE_MODEL_UNKNOWN',
      hint: 'Write openai-compatible:<base URL>#<model>, such as openai-compatible:http://localhost:8000/v1#qwen3-8b.',
    });
  }
  return { baseUrl: address.slice(0, hash), modelId };
}

const forms = [
  'local/smollm2-135m-instruct, a path to a .gguf file, or hf:<user>/<repository>/<file>.gguf',
  `${aiSdkProviderNames.map((name) => `${name}/…`).join(', ')}`,
  knownServers
    .filter(({ name }) => !isAiSdkProvider(name))
    .map(({ name }) => `${name}/…`)
    .join(', '),
  'openai-compatible:<base URL>#<model>',
  'handoff, or handoff:<folder>',
];

function unknownReference(reference: string): HoneError {
  const closest = closestReference(reference);
  return new HoneError(`"${withoutCredentials(reference)}" names no model that Hone knows.`, {
    code: 'HONE_MODEL_UNKNOWN',
    hint: `${closest === undefined ? '' : `Did you mean ${closest}? `}Write one of: ${forms.join('; ')}.`,
    facts: { reference: withoutCredentials(reference), closest },
  });
}

/** Which model family belongs to which provider, for names that come without one. */
const families: readonly (readonly [start: RegExp, provider: string])[] = [
  [/^(?:gpt-|o\d|chatgpt)/i, 'openai'],
  [/^claude/i, 'anthropic'],
  [/^gem(?:ini|ma)/i, 'google'],
  [/^(?:mistral|ministral|codestral|magistral)/i, 'mistral'],
  [/^deepseek/i, 'deepseek'],
  [/^grok/i, 'xai'],
  [/^smollm/i, 'local'],
];

function closestReference(reference: string): string | undefined {
  const slash = reference.indexOf('/');
  if (slash < 0) {
    const family = families.find(([start]) => start.test(reference));
    return family && `${family[1]}/${reference}`;
  }
  const provider = reference.slice(0, slash).toLowerCase();
  const names = ['local', ...knownServers.map(({ name }) => name)];
  const near = names
    .map((name) => ({ name, distance: editDistance(provider, name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((left, right) => left.distance - right.distance)[0];
  return near && `${near.name}${reference.slice(slash)}`;
}
