/** Most bytes of one answer. No model writes more; a server that sends more is broken or hostile. */
export const answerBytesLimit = 16 * 1024 ** 2;

/** Most bytes of one streamed answer, in which each word has its own envelope. */
export const streamBytesLimit = 64 * 1024 ** 2;

/** An answer that was longer than anything that can be an answer. Nothing after the limit was read. */
export class BodyTooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`the answer is larger than ${limitBytes / 1024 ** 2} MiB`);
    this.name = 'BodyTooLargeError';
    this.limitBytes = limitBytes;
  }
}

/**
 * The text of a body, read piece by piece.
 *
 * @throws {BodyTooLargeError} once more than `limitBytes` arrived; the rest is not read.
 */
export async function readBoundedText(response: Response, limitBytes = answerBytesLimit): Promise<string> {
  const { body } = response;
  if (body === null) return '';
  const said = statedLength(response);
  if (said !== undefined && said > limitBytes) {
    await leave(body);
    throw new BodyTooLargeError(limitBytes);
  }
  // HTTP itself holds a stated length, unless the bytes were packed; this reads fastest.
  if (said !== undefined && response.headers.get('content-encoding') === null) return response.text();
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of boundedPieces(body, limitBytes)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

/**
 * The pieces of a body.
 *
 * @throws {BodyTooLargeError} once more than `limitBytes` arrived.
 */
export async function* boundedPieces(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > limitBytes) throw new BodyTooLargeError(limitBytes);
    yield piece;
  }
}

/** The same fetch, whose bodies end with an error where they grow too large: for packages that read on their own. */
export function boundedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    const isStream = headers.get('content-type')?.includes('text/event-stream') ?? false;
    const limitBytes = isStream ? streamBytesLimit : answerBytesLimit;
    const said = statedLength(response);
    if (said !== undefined && said <= limitBytes && headers.get('content-encoding') === null) return response;
    let bytes = 0;
    const counted = body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(piece, controller) {
          bytes += piece.byteLength;
          if (bytes > limitBytes) controller.error(new BodyTooLargeError(limitBytes));
          else controller.enqueue(piece);
        },
      }),
    );
    return new Response(counted, { status, statusText, headers });
  };
}

function statedLength({ headers }: Response): number | undefined {
  const said = headers.get('content-length');
  const bytes = said === null ? Number.NaN : Number(said);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

async function leave(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    await body.cancel();
  } catch {
    // The connection is gone already.
  }
}
