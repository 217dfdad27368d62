import { expect, test, vi } from 'vitest';
import { longestTimerMs, systemClock } from './clock.ts';

test('a wait that is longer than any timer does not end at once', async () => {
  vi.useFakeTimers();
  try {
    let isOver = false;
    void systemClock.sleep(longestTimerMs + 5_000).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(longestTimerMs);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isOver).toBe(true);

    const stop = new AbortController();
    const endless = systemClock.sleep(Number.POSITIVE_INFINITY, stop.signal);
    await vi.advanceTimersByTimeAsync(3 * longestTimerMs);
    stop.abort(new Error('enough'));
    await expect(endless).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
