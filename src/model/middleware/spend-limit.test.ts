import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { createSpendLedger, withSpendLimit } from './spend-limit.ts';

const request = { messages: [{ role: 'user' as const, content: 'a' }], maxOutputTokens: 1_000 };
const price = { input: 0, output: 100 };

describe('the ledger', () => {
  test('replaces what was set aside by what was spent, once', async () => {
    const ledger = createSpendLedger({ limitUsd: 1 });
    const reservation = await ledger.reserve(0.6);
    expect([ledger.reservedUsd, ledger.spentUsd]).toEqual([0.6, 0]);
    reservation.settle(0.2);
    reservation.settle(0.2);
    expect([ledger.reservedUsd, ledger.spentUsd]).toEqual([0, 0.2]);
  });

  test('what was spent before counts', async () => {
    const ledger = createSpendLedger({ limitUsd: 1, spentUsd: 0.95 });
    await expect(ledger.reserve(0.1)).rejects.toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED' });
  });

  test('a call that may still fit waits for those under way', async () => {
    const ledger = createSpendLedger({ limitUsd: 1 });
    const first = await ledger.reserve(0.8);
    const second = ledger.reserve(0.5);
    first.settle(0.3);
    await expect(second).resolves.toBeDefined();
    expect(ledger.reservedUsd).toBeCloseTo(0.5);
  });

  test('a call that turns out not to fit is refused', async () => {
    const ledger = createSpendLedger({ limitUsd: 1 });
    const first = await ledger.reserve(0.8);
    const second = ledger.reserve(0.5);
    first.settle(0.7);
    await expect(second).rejects.toMatchObject({
      code: 'HONE_BUDGET_EXHAUSTED',
      facts: { estimateUsd: 0.5, spentUsd: 0.7, limitUsd: 1 },
    });
  });

  test('whoever aborts while waiting leaves the queue', async () => {
    const ledger = createSpendLedger({ limitUsd: 1 });
    const first = await ledger.reserve(0.8);
    const controller = new AbortController();
    const second = ledger.reserve(0.5, controller.signal);
    const third = ledger.reserve(0.2);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await third;
    first.settle(0);
    expect(ledger.reservedUsd).toBeCloseTo(0.2);
  });
});

test('concurrent calls together never spend more than the limit', async () => {
  const ledger = createSpendLedger({ limitUsd: 0.35 });
  const clock = fakeClock();
  const source = scriptedModel({ respond: () => ({ text: 'x', costUsd: 0.1 }), latencyMs: 10, clock, price });
  const model = withSpendLimit({ ledger })(source);
  const calls = Promise.allSettled(Array.from({ length: 10 }, () => model.generate(request)));
  await clock.advance(1_000);
  const answered = (await calls).filter(({ status }) => status === 'fulfilled');
  expect(answered).toHaveLength(3);
  expect(source.callCount).toBe(3);
  expect(ledger.spentUsd).toBeCloseTo(0.3);
});

test.each([
  { case: 'a refused call costs nothing', code: 'HONE_MODEL_RATE_LIMITED', spent: 0 },
  { case: 'a timed-out call may have been charged', code: 'HONE_MODEL_TIMEOUT', spent: 0.1 },
  { case: 'an answer that broke off may have been charged', code: 'HONE_MODEL_BAD_REPLY', spent: 0.1 },
] as const)('$case', async ({ code, spent }) => {
  const ledger = createSpendLedger({ limitUsd: 1 });
  const source = scriptedModel({ replies: ['x'], failures: [new HoneError('no', { code })], price });
  await expect(withSpendLimit({ ledger })(source).generate(request)).rejects.toMatchObject({ code });
  expect(ledger.spentUsd).toBeCloseTo(spent);
  expect(ledger.reservedUsd).toBe(0);
});

test('an unknown price is refused with the flags that set it, and the user’s price is taken', () => {
  const model = { ...scriptedModel({ id: 'acme/one', replies: ['x'] }), price: undefined };
  const ledger = createSpendLedger({ limitUsd: 1 });
  expect(() => withSpendLimit({ ledger })(model)).toThrow(
    expect.objectContaining({ code: 'HONE_PRICE_UNKNOWN', hint: expect.stringContaining('--price-input') }),
  );
  expect(() => withSpendLimit({ ledger, price })(model)).not.toThrow();
});
