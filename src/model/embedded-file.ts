import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { z } from 'zod';

const sidecarSchema = z.object({ size: z.number(), mtimeMs: z.number(), sha256: z.string().length(64) });

/** Bytes read at once while hashing. */
const chunkBytes = 4 * 1024 * 1024;

/**
 * SHA-256 of a model file in hexadecimal. It is computed once and kept beside the file (`<file>.sha256.json`)
 * until size or time of change differ; in a folder that cannot be written it is computed at each start.
 * The first time it reads the whole file and blocks: about 0.3 s per 100 MB.
 */
export function modelFileSha256(file: string): string {
  const { size, mtimeMs } = statSync(file);
  const known = readSidecar(file);
  if (known?.size === size && known.mtimeMs === mtimeMs) return known.sha256;
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const descriptor = openSync(file, 'r');
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  const sha256 = hash.digest('hex');
  rememberSha256(file, sha256);
  return sha256;
}

/** SHA-256 of a file in hexadecimal, read as a stream. */
export async function streamedSha256(file: string, signal?: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) hash.update(chunk);
  return hash.digest('hex');
}

/** Keeps a hash that was just computed beside its file, where the folder allows it. */
export function rememberSha256(file: string, sha256: string): void {
  const { size, mtimeMs } = statSync(file);
  try {
    writeFileSync(sidecarOf(file), JSON.stringify({ size, mtimeMs, sha256 }));
  } catch {
    // Only a cache: a folder that cannot be written costs time, nothing else.
  }
}

function readSidecar(file: string): z.infer<typeof sidecarSchema> | undefined {
  try {
    return sidecarSchema.parse(JSON.parse(readFileSync(sidecarOf(file), 'utf8')));
  } catch {
    return undefined;
  }
}

function sidecarOf(file: string): string {
  return `${file}.sha256.json`;
}
