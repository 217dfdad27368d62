import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { followSignal } from '../base/abort.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import type { HubFile } from './embedded-models.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds without a byte after which the download counts as failed. */
  readonly stallMs: number;
  onProgress?(receivedBytes: number, totalBytes: number | undefined): void;
}

/** Address of a file on a hub. */
export function hubAddress(hubUrl: string, { repository, path, revision }: HubFile): string {
  const parts = path.split('/').map(encodeURIComponent).join('/');
  return `${hubUrl.replace(/\/+$/, '')}/${repository}/resolve/${encodeURIComponent(revision)}/${parts}`;
}

/**
 * Fetches an address into a file and gives the SHA-256 of what came, in hexadecimal.
 *
 * @throws {HoneError} `HONE_DOWNLOAD_FAILED` when the server does not answer, answers with an error, stalls,
 * or sends less than it announced.
 */
export async function downloadFile(address: string, file: string, options: DownloadOptions): Promise<string> {
  const follower = followSignal(options.signal);
  const stalled = new Error(`no answer for ${Math.round(options.stallMs / 1000)} seconds`);
  let timer = setTimeout(() => follower.abort(stalled), options.stallMs);
  const hash = createHash('sha256');
  let received = 0;
  try {
    const response = await options.fetch(address, { signal: follower.signal });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    const announced = Number(response.headers.get('content-length')) || undefined;
    const watch = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = setTimeout(() => follower.abort(stalled), options.stallMs);
        hash.update(chunk);
        received += chunk.length;
        options.onProgress?.(received, announced);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body as never), watch, createWriteStream(file), {
      signal: follower.signal,
    });
    if (announced !== undefined && received !== announced) {
      throw new Error(`${received} of ${announced} bytes arrived`);
    }
    return hash.digest('hex');
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const reason = follower.signal.aborted ? stalled.message : reasonOf(thrown);
    throw new HoneError(`${address}: ${reason}`, { code: 'HONE_DOWNLOAD_FAILED', cause: thrown });
  } finally {
    clearTimeout(timer);
    follower.release();
  }
}

/** `fetch` says "fetch failed" and hides why in the cause. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause === undefined ? messageOf(thrown) : `${messageOf(thrown)} (${messageOf(cause)})`;
}
