import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { withRetry } from './middleware/retry.ts';
import { type Model, type ModelDelta, wrapCalls } from './model.ts';

const request = { messages: [{ role: 'user' as const, content: 'a' }] };
const down = new HoneError('down', { code: 'HONE_MODEL_SERVER', facts: { retryable: true } });

/** Breaks off after its first piece, or answers. */
function breaking(breaksAt: number | undefined): Model & { readonly opened: number } {
  let opened = 0;
  return {
    ...scriptedModel({ replies: ['Paris of course'] }),
    get opened() {
      return opened;
    },
    async *stream(): AsyncGenerator<ModelDelta, void, void> {
      opened += 1;
      if (breaksAt === 0 && opened === 1) throw down;
      yield { type: 'text-delta', text: 'Paris ' };
      if (breaksAt === 1) throw down;
      yield {
        type: 'finish',
        response: { text: 'Paris ', finishReason: 'stop', usage: {}, latencyMs: 1 },
      };
    },
  };
}

async function read(model: Model): Promise<string[]> {
  const pieces: string[] = [];
  for await (const delta of model.stream?.(request) ?? []) {
    pieces.push(delta.type === 'text-delta' ? delta.text : 'end');
  }
  return pieces;
}

const eager = withRetry({ baseDelayMs: 0 });

test('a stream that fails before its first piece is tried again', async () => {
  const source = breaking(0);
  await expect(read(eager({ ...source, stream: source.stream }))).resolves.toEqual(['Paris ', 'end']);
  expect(source.opened).toBe(2);
});

test('a stream that breaks off after a piece is not, because the reader has seen it', async () => {
  const source = breaking(1);
  await expect(read(eager(source))).rejects.toMatchObject({
    code: 'HONE_MODEL_SERVER',
    message: expect.stringContaining('after 6 characters'),
    facts: { retryable: false },
  });
  expect(source.opened).toBe(1);
});

test('a reader who leaves ends the call', async () => {
  let reason: unknown;
  const source: Model = {
    ...scriptedModel({ replies: ['x'] }),
    async *stream(_, options): AsyncGenerator<ModelDelta, void, void> {
      yield { type: 'text-delta', text: 'first' };
      await new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => {
          reason = options.signal?.reason;
          reject(reason);
        });
      });
    },
  };
  const wrapped = wrapCalls(source, (call) => call.proceed());
  for await (const _ of wrapped.stream?.(request) ?? []) break;
  expect(reason).toMatchObject({ name: 'AbortError' });
});
