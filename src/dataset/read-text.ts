import { createReadStream } from 'node:fs';
import { invalidDataset, unreadableFile } from './dataset-errors.ts';

const chunkBytes = 256 * 1024;

/** A text file in pieces of up to 256 KiB, without its byte order mark. Lines may span pieces. */
export async function* readText(file: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw invalidDataset({ file }, { problem: 'the file is not UTF-8.', hint: 'Save it as UTF-8.', cause });
    }
  };
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  try {
    for await (const bytes of stream) yield decode(bytes as Uint8Array);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).syscall !== undefined) throw unreadableFile(file, thrown);
    throw thrown;
  } finally {
    stream.destroy();
  }
  yield decode(undefined);
}

/** A whole text file. */
export async function readWholeText(file: string): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of readText(file)) pieces.push(piece);
  return pieces.join('');
}
