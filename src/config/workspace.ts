import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { defaultModelFolder, defaultRuntimeFolder } from '../model/embedded-folders.ts';
import { defaultEmbeddedModelId } from '../model/embedded-models.ts';
import type { Model } from '../model/model.ts';
import type { ServerLack } from '../model/provider/server-dialect.ts';
import { type ModelReference, resolveModel } from '../model/resolve-model.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import { databaseRegistry } from '../registry/database-registry.ts';
import { fileRegistry } from '../registry/file-registry.ts';
import type { Registry } from '../registry/registry.ts';
import { openStore, withoutPassword } from '../store/open-store.ts';
import { type Environment, processVariables, readEnvironment, type Variables } from './environment.ts';
import { type OnDemandStore, onDemandStore } from './on-demand-store.ts';

/** What one invocation works with: its folders, its store and its models. */
export interface Workspace extends AsyncDisposable {
  /** The folder that paths start from. */
  readonly folder: string;
  /** `.hone`: the database and the reports. */
  readonly honeFolder: string;
  /** Where model files are kept. */
  readonly modelFolder: string;
  /** Where the inference library is kept when the project has none. */
  readonly runtimeFolder: string;
  readonly environment: Environment;
  readonly variables: Variables;
  /** Opens at its first use. */
  readonly store: OnDemandStore;
  /** The one home of the project's prompts: its folder, or the database of the team. */
  readonly prompts: Registry;
  /** `hone/prompts`: their home where there is no database. */
  readonly promptFolder: string;
  /**
   * Opens a model by name, or takes one as it is. Models opened here are disposed with the workspace.
   *
   * @param reference Left out: `HONE_MODEL`, else the embedded local model.
   */
  openModel(reference: ModelReference | undefined, options?: OpenModelOptions): Promise<Model>;
}

export interface OpenModelOptions {
  /**
   * An OpenAI-compatible server that answers for the model; its key is `HONE_API_KEY`. Credentials that it
   * lacks are taken from `HONE_BASE_URL`, where that names the same server.
   */
  readonly baseUrl?: string | undefined;
  /** What the server does not take. @default nothing, until it refuses it */
  readonly lacks?: readonly ServerLack[] | undefined;
  /** Longest time that a request of `handoff` waits for its answer, in milliseconds. @default 0 */
  readonly handoffWaitMs?: number | undefined;
}

export interface WorkspaceOptions {
  /** @default the working folder of the process */
  readonly folder?: string | undefined;
  /** @default those of the process */
  readonly variables?: Variables | undefined;
}

/**
 * Puts together what belongs to a folder. Nothing is opened or written before it is used.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for an environment variable that cannot be used.
 */
export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const { folder = process.cwd(), variables = processVariables() } = options;
  const environment = readEnvironment(variables);
  const honeFolder = resolve(folder, environment.dir ?? '.hone');
  const surroundings = { env: variables, platform: process.platform, homeFolder: homedir() };
  const modelFolder =
    environment.modelDir === undefined
      ? defaultModelFolder(surroundings)
      : resolve(folder, environment.modelDir);
  const runtimeFolder = defaultRuntimeFolder(surroundings);
  const { databaseUrl } = environment;
  const location = databaseUrl === undefined ? join(honeFolder, 'hone.db') : withoutPassword(databaseUrl);
  const store =
    databaseUrl === undefined
      ? onDemandStore(location, () => {
          keepOutOfGit(honeFolder);
          return openStore({ folder: honeFolder });
        })
      : onDemandStore(
          location,
          () => openStore({ address: databaseUrl }),
          () => true,
        );
  const promptFolder = join(folder, 'hone', 'prompts');
  const opened: Model[] = [];

  const openEmbedded = async (reference: string): Promise<Model> => {
    const { embeddedModel } = await import('../model/embedded.ts');
    return embeddedModel({
      model: reference,
      modelFolder,
      modelPath: environment.modelPath && resolve(folder, environment.modelPath),
      runtimeFolder,
      projectFolder: folder,
    });
  };

  return {
    folder,
    honeFolder,
    modelFolder,
    runtimeFolder,
    environment,
    variables,
    store,
    promptFolder,
    prompts: databaseUrl === undefined ? fileRegistry({ folder: promptFolder }) : databaseRegistry({ store }),
    async openModel(reference = environment.model ?? defaultEmbeddedModelId, options = {}) {
      const { baseUrl, lacks, handoffWaitMs } = options;
      const model = await resolveModel(inFolder(reference, folder), {
        baseUrl: withKnownCredentials(baseUrl, environment.baseUrl),
        lacks,
        apiKey: isOwnServer(reference, baseUrl) ? variables.HONE_API_KEY : undefined,
        keyVariable: isOwnServer(reference, baseUrl) ? 'HONE_API_KEY' : undefined,
        environment: variables,
        handoff: { folder: join(honeFolder, 'handoff'), waitMs: handoffWaitMs },
        embedded: ({ model: name }) => openEmbedded(name),
      });
      if (typeof reference === 'string') opened.push(model);
      return model;
    },
    async [Symbol.asyncDispose]() {
      for (const model of opened.splice(0)) await model.dispose?.();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The folder of a handoff, from that of the workspace. */
function inFolder(reference: ModelReference, folder: string): ModelReference {
  if (typeof reference !== 'string') return reference;
  const named = /^handoff:\s*(.+)$/.exec(reference)?.[1];
  return named === undefined ? reference : `handoff:${resolve(folder, named)}`;
}

/** Credentials are never stored, so a run that goes on finds them in the environment. */
function withKnownCredentials(baseUrl: string | undefined, known: string | undefined): string | undefined {
  if (baseUrl === undefined || known === undefined) return baseUrl;
  const plain = (address: string) => withoutCredentials(address).replace(/\/+$/, '');
  return plain(known) === baseUrl.replace(/\/+$/, '') ? known : baseUrl;
}

/** A server that is named by its address has no key variable of its own. */
function isOwnServer(reference: ModelReference, baseUrl: string | undefined): boolean {
  return (
    baseUrl !== undefined || (typeof reference === 'string' && reference.startsWith('openai-compatible:'))
  );
}

/** A folder that is made here ignores itself, so that nobody commits a database of answers by accident. */
function keepOutOfGit(honeFolder: string): void {
  if (existsSync(honeFolder)) return;
  try {
    makeFolder(honeFolder);
    writeFileSync(join(honeFolder, '.gitignore'), '*\n');
  } catch {
    // The store says what is wrong with the folder.
  }
}
