import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { expect, test } from 'vitest';
import { batchTokens, TokenTape } from './llama-cpp-tape.ts';

/** A sequence that keeps what it is told to evaluate; `forgetsAll` as recurrent models do. */
function sequence({ forgetsAll = false } = {}) {
  const batches: number[] = [];
  let held: Token[] = [];
  const fake = {
    get nextTokenIndex() {
      return held.length;
    },
    controlledEvaluate: async (items: readonly Token[]) => {
      batches.push(items.length);
      held = [...held, ...items];
      return items.map(() => undefined);
    },
    eraseContextTokenRanges: async ([range]: readonly { readonly start: number }[]) => {
      held = forgetsAll ? [] : held.slice(0, range?.start);
    },
    clearHistory: async () => {
      held = [];
    },
  };
  return { batches, held: () => held, sequence: fake as unknown as LlamaContextSequence };
}

const tokens = (count: number) => Array.from({ length: count }, (_, index) => index as Token);

test('each segment is batched from its own start', async () => {
  const fake = sequence();
  const tape = new TokenTape(fake.sequence, { monotonic: () => 0 });
  await tape.append(tokens(batchTokens + 10));
  await tape.append(tokens(batchTokens + 20));
  expect(fake.batches).toEqual([batchTokens, 10, batchTokens, 20]);
  expect(tape.length).toBe(2 * batchTokens + 30);
});

test('rewinding takes the end off and evaluates nothing', async () => {
  const fake = sequence();
  const tape = new TokenTape(fake.sequence, { monotonic: () => 0 });
  await tape.append(tokens(10));
  await tape.append(tokens(5));
  await tape.rewind(10);
  expect(fake.held()).toEqual(tokens(10));
  expect(fake.batches).toEqual([10, 5]);
  expect(tape.length).toBe(10);
});

test('a model that cannot forget single tokens evaluates the same batches again', async () => {
  const fake = sequence({ forgetsAll: true });
  const tape = new TokenTape(fake.sequence, { monotonic: () => 0 });
  await tape.append(tokens(batchTokens + 10));
  await tape.append(tokens(5));
  await tape.rewind(batchTokens + 10);
  expect(fake.held()).toEqual(tokens(batchTokens + 10).map((_, index) => index));
  expect(fake.batches).toEqual([batchTokens, 10, 5, batchTokens, 10]);
});

test('an abort is honoured before each batch', async () => {
  const fake = sequence();
  const stop = new AbortController();
  const reason = new Error('stopped by the test');
  const tape = new TokenTape(fake.sequence, { monotonic: () => 0, observe: () => stop.abort(reason) });
  await expect(tape.append(tokens(batchTokens + 1), stop.signal)).rejects.toBe(reason);
  expect(fake.batches).toEqual([batchTokens]);
});
