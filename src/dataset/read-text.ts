import { createReadStream } from 'node:fs';
import { invalidDataset, unreadableFile } from './dataset-errors.ts';

const chunkBytes = 256 * 1024;

/**
 * A text file in pieces of up to 256 KiB, without its byte order mark. Lines may span pieces. UTF-8, or UTF-16 where
 * a byte order mark says so.
 */
export async function* readText(file: string): AsyncGenerator<string, void, void> {
  let decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw invalidDataset(
        { file },
        {
          problem: 'the file is neither UTF-8 nor UTF-16 with a byte order mark.',
          hint: 'Save it as UTF-8.',
          cause,
        },
      );
    }
  };
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  try {
    for await (const piece of stream) {
      const bytes = piece as Uint8Array;
      // A byte order mark says for certain what wrote the file.
      const encoding = isFirst ? encodingOf(bytes) : undefined;
      if (encoding !== undefined) decoder = new TextDecoder(encoding, { fatal: true });
      isFirst = false;
      yield decode(bytes);
    }
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

function encodingOf([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}
