import { expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { createRateLimiters, withRateLimit } from './rate-limit.ts';
import { createRateLimiter, type Turn } from './rate-limiter.ts';

const request = { messages: [{ role: 'user' as const, content: 'a' }] };

test('no more attempts run at once than allowed, first come first served', async () => {
  const limiter = createRateLimiter({ concurrency: 2, clock: fakeClock() });
  const started: number[] = [];
  const turns: Turn[] = [];
  const asked = [0, 1, 2, 3].map(async (index) => {
    const turn = await limiter.turn(0);
    started.push(index);
    turns.push(turn);
  });
  await Promise.all(asked.slice(0, 2));
  expect([limiter.active, limiter.waiting]).toEqual([2, 2]);
  turns[0]?.done();
  await asked[2];
  expect(started).toEqual([0, 1, 2]);
  turns[1]?.done();
  await asked[3];
  expect(started).toEqual([0, 1, 2, 3]);
});

test('a rejection halves the limit, once for all attempts that were under way together', async () => {
  const limiter = createRateLimiter({ concurrency: 16, clock: fakeClock() });
  const turns = await Promise.all(Array.from({ length: 16 }, () => limiter.turn(0)));
  for (const turn of turns) turn.rejected();
  expect(limiter.limit).toBe(8);
  const later = await limiter.turn(0);
  later.rejected();
  expect(limiter.limit).toBe(4);
});

test('the limit never falls below one, and grows by one with each full round of answers', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 4, clock });
  for (let round = 0; round < 5; round += 1) {
    const turn = limiter.turn(0);
    await clock.advance(10_000);
    (await turn).rejected();
  }
  expect(limiter.limit).toBe(1);
  await clock.advance(10_000);
  const limits: number[] = [];
  for (let answer = 0; answer < 10; answer += 1) {
    (await limiter.turn(0)).done();
    limits.push(limiter.limit);
  }
  expect(limits).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 4]);
});

test('nothing starts before the time that the server named', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 8, clock });
  (await limiter.turn(0)).rejected(3_000);
  let hasStarted = false;
  const turn = limiter.turn(0).then(() => {
    hasStarted = true;
  });
  await clock.advance(2_999);
  expect(hasStarted).toBe(false);
  await clock.advance(1);
  await turn;
  expect(hasStarted).toBe(true);
});

test('requests per minute are spread: ten seconds’ worth at once, then an even flow', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 100, requestsPerMinute: 60, clock });
  let started = 0;
  for (let call = 0; call < 30; call += 1) {
    void limiter.turn(0).then((turn) => {
      started += 1;
      turn.done();
    });
  }
  await clock.advance(0);
  expect(started).toBe(10);
  await clock.advance(5_000);
  expect(started).toBe(15);
});

test('tokens per minute are kept, and a request larger than the bucket still gets its turn', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ tokensPerMinute: 6_000, clock });
  (await limiter.turn(600)).done();
  let isDone = false;
  void limiter.turn(50_000).then((turn) => {
    isDone = true;
    turn.done();
  });
  await clock.advance(5_900);
  expect(isDone).toBe(false);
  await clock.advance(100);
  expect(isDone).toBe(true);
});

test('whoever aborts while waiting leaves the queue', async () => {
  const limiter = createRateLimiter({ concurrency: 1, clock: fakeClock() });
  const first = await limiter.turn(0);
  const controller = new AbortController();
  const second = limiter.turn(0, { signal: controller.signal });
  const third = limiter.turn(0);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  first.done();
  await third;
  expect(limiter.waiting).toBe(0);
});

test('the wait for a turn is not part of the latency', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 1, clock });
  const model = withRateLimit(limiter)(scriptedModel({ replies: ['x'], latencyMs: 50, clock }));
  const calls = Promise.all([model.generate(request), model.generate(request)]);
  await clock.advance(200);
  expect((await calls).map(({ latencyMs }) => latencyMs)).toEqual([50, 50]);
});

test('a failed attempt gives its turn back', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 1, clock });
  const rejection = new HoneError('slow down', {
    code: 'HONE_MODEL_RATE_LIMITED',
    facts: { retryable: true },
  });
  const model = withRateLimit(limiter)(
    scriptedModel({ replies: ['x'], failures: [new Error('odd'), rejection] }),
  );
  await expect(model.generate(request)).rejects.toThrow('odd');
  await expect(model.generate(request)).rejects.toThrow('slow down');
  await clock.advance(500);
  await expect(model.generate(request)).resolves.toMatchObject({ text: 'x' });
  expect(limiter.active).toBe(0);
});

test('a server that rejects one at a time is asked ever more seldom, until it answers', async () => {
  const clock = fakeClock();
  const limiter = createRateLimiter({ concurrency: 1, clock });
  /** Milliseconds until the turn came. */
  const wait = async (end: (turn: Turn) => void) => {
    const askedAt = clock.monotonic();
    let startedAt: number | undefined;
    const asked = limiter.turn(0).then((turn) => {
      startedAt = clock.monotonic();
      end(turn);
    });
    while (startedAt === undefined) await clock.advance(100);
    await asked;
    // The clock has gone on since the turn came.
    return Math.ceil((startedAt - askedAt) / 500) * 500;
  };
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) waits.push(await wait((turn) => turn.rejected()));
  waits.push(await wait((turn) => turn.done()), await wait((turn) => turn.rejected()));
  waits.push(await wait((turn) => turn.done()));
  expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 0, 500]);
});

test('models of one endpoint share a limiter', () => {
  const limiters = createRateLimiters({ concurrency: 3 });
  expect(limiters.of('http://a')).toBe(limiters.of('http://a'));
  expect(limiters.of('http://a')).not.toBe(limiters.of('http://b'));
});

test.each([0, -1, 1.5, Number.NaN])('a concurrency of %s is refused', (concurrency) => {
  expect(() => createRateLimiter({ concurrency })).toThrow(
    expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
  );
});
