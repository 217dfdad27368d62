import { existsSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { modelFileSha256 } from './embedded-file.ts';
import {
  defaultEmbeddedModelId,
  type EmbeddedModelEntry,
  type HubFile,
  readLocalModel,
} from './embedded-models.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import type { Model } from './model.ts';
import { type LlamaCppOptions, llamaCpp } from './provider/llama-cpp.ts';
import { llamaCppEmbedding } from './provider/llama-cpp-embedding.ts';
import { requireLlamaRuntime } from './provider/llama-cpp-runtime.ts';

export interface FindOptions {
  /** `local/…`, `hf:…` or the path of a GGUF file. @default 'local/smollm2-135m-instruct' */
  readonly model?: string | undefined;
  /** Where `hone models pull` keeps model files. */
  readonly modelFolder: string;
  /** A file, or a folder with the file, that the user named (`HONE_MODEL_PATH`). */
  readonly modelPath?: string | undefined;
}

export type FoundModel =
  | {
      readonly status: 'found';
      readonly path: string;
      readonly sha256: string;
      readonly source: 'model-folder' | 'model-path';
    }
  /** `tried` names each place with why it did not do. */
  | { readonly status: 'missing'; readonly tried: readonly string[] };

/**
 * Looks for a model's file without fetching anything: in the model folder, then at `modelPath`. A known model
 * must have its pinned SHA-256.
 *
 * @throws {HoneError} `HONE_MODEL_UNKNOWN` for a name that is none.
 */
export function findEmbeddedModel({
  model = defaultEmbeddedModelId,
  modelFolder,
  modelPath,
}: FindOptions): FoundModel {
  const reference = readLocalModel(model);
  if (reference.kind === 'file') return findAt(resolve(reference.path), 'model-path');
  if (reference.kind === 'hub') return findAt(hubFilePath(modelFolder, reference.file), 'model-folder');
  const { entry } = reference;
  const inFolder = findAt(join(modelFolder, entry.fileName), 'model-folder', entry);
  if (inFolder.status === 'found') return inFolder;
  if (!modelPath) return { status: 'missing', tried: [...inFolder.tried, 'HONE_MODEL_PATH: not set'] };
  const given = findAt(fileAt(modelPath, entry.fileName), 'model-path', entry);
  if (given.status === 'found') return given;
  return {
    status: 'missing',
    tried: [...inFolder.tried, ...given.tried.map((reason) => `HONE_MODEL_PATH: ${reason}`)],
  };
}

/** Where a file of the hub is kept. */
export function hubFilePath(modelFolder: string, { repository, path, revision }: HubFile): string {
  const name = revision === 'main' ? repository : `${repository}#${encodeURIComponent(revision)}`;
  return join(modelFolder, 'hub', ...name.split('/'), ...path.split('/'));
}

export interface EmbeddedModelOptions
  extends FindOptions,
    Omit<LlamaCppOptions, 'modelPath' | 'runtime' | 'modelId' | 'sha256'> {
  /** Hone's own cache folder for the inference library. */
  readonly runtimeFolder: string;
  /** The user's project, whose own node-llama-cpp is preferred. */
  readonly projectFolder: string;
}

/**
 * A local model by name: a known one, a GGUF file, or a file of the Hugging Face hub that was pulled. It
 * loads at its first call. The first use of a file of one's own reads it once, to know its identity.
 *
 * @throws {HoneError} `HONE_MODEL_FILE_INVALID` when the file is missing or is not the pinned one;
 * `HONE_MISSING_DEPENDENCY` when the inference library is missing; `HONE_MODEL_UNKNOWN` for a name that is
 * none.
 */
export function embeddedModel(options: EmbeddedModelOptions): Model {
  return llamaCpp(openedOptions(options));
}

/**
 * The same model as one that embeds texts, loaded apart from the one that answers.
 *
 * @throws {HoneError} What {@link embeddedModel} throws.
 */
export function embeddedEmbeddingModel(options: EmbeddedModelOptions): EmbeddingModel {
  return llamaCppEmbedding(openedOptions(options));
}

function openedOptions(options: EmbeddedModelOptions): LlamaCppOptions {
  const {
    model = defaultEmbeddedModelId,
    modelFolder,
    modelPath,
    runtimeFolder,
    projectFolder,
    ...rest
  } = options;
  const reference = readLocalModel(model);
  const found = findEmbeddedModel({ model, modelFolder, modelPath });
  if (found.status === 'missing') {
    const isFile = reference.kind === 'file';
    throw new HoneError(`The file of the model ${model} is missing. ${found.tried.join('; ')}`, {
      code: 'HONE_MODEL_FILE_INVALID',
      hint: isFile
        ? 'Give the path of a GGUF file that exists.'
        : `Run: hone models pull${reference.kind === 'hub' ? ` ${reference.uri}` : ''}`,
      facts: { model, tried: found.tried },
    });
  }
  return {
    ...rest,
    modelPath: found.path,
    sha256: found.sha256,
    modelId:
      reference.kind === 'known' ? reference.entry.id : `local/${basename(found.path, extname(found.path))}`,
    runtime: requireLlamaRuntime({ projectFolder, runtimeFolder, gpu: options.gpu }),
  };
}

function findAt(
  path: string,
  source: 'model-folder' | 'model-path',
  entry?: EmbeddedModelEntry | undefined,
): FoundModel {
  if (!existsSync(path) || !statSync(path).isFile()) {
    return { status: 'missing', tried: [`${path}: not there`] };
  }
  const { size } = statSync(path);
  if (entry && size !== entry.bytes) {
    return { status: 'missing', tried: [`${path}: ${size} bytes instead of ${entry.bytes}`] };
  }
  const sha256 = modelFileSha256(path);
  if (entry && sha256 !== entry.sha256) {
    return { status: 'missing', tried: [`${path}: not the expected file (SHA-256 ${sha256})`] };
  }
  return { status: 'found', path, sha256, source };
}

/** A folder that the user names stands for the file in it. */
function fileAt(path: string, fileName: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, fileName) : path;
}
