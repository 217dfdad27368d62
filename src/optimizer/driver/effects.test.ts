import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { nothing } from './amounts.ts';
import { type Account, createRunBudget } from './budget.ts';
import { createEffects, type EffectsOptions, type StopPoint, type Unit } from './effects.ts';
import type { OptimizationBudget } from './optimize-options.ts';
import { type EffectKey, type EffectRecord, rowKey, type Settled, textOf } from './record.ts';

interface Work extends Unit {
  readonly name: string;
}

/** A record in memory that holds names alone. */
function memoryRecord(known: readonly string[] = []): EffectRecord & { put(key: EffectKey): void } {
  const keys = new Set(known.map((name) => textOf(rowKey('c', name))));
  return {
    get: (key) => (keys.has(textOf(key)) ? ({} as Settled) : undefined),
    put: (key) => void keys.add(textOf(key)),
    keepLost: () => undefined,
    committed: async () => undefined,
  } as EffectRecord & { put(key: EffectKey): void };
}

interface BenchOptions {
  readonly budget?: OptimizationBudget;
  readonly known?: readonly string[];
  readonly points?: readonly StopPoint[];
  /** Calls that a unit takes; it may take up to `most`. */
  readonly taken?: (name: string) => number;
  readonly most?: number;
  readonly isOver?: () => boolean;
  readonly stop?: AbortSignal;
  readonly before?: (name: string) => Promise<void> | void;
}

function bench(options: BenchOptions = {}) {
  const { budget = {}, taken = () => 1, most = 1, isOver = () => false, before = () => undefined } = options;
  const record = memoryRecord(options.known);
  const account = createRunBudget(budget);
  const ran: string[] = [];
  const reasked: string[] = [];
  const points: StopPoint[] = [];
  const run: EffectsOptions<Work>['run'] = async (due, over) => {
    const ends = await Promise.allSettled(
      due.map(async ({ unit, reask }) => {
        if (over()) return;
        ran.push(unit.name);
        if (reask && most > 1) reasked.push(unit.name);
        await before(unit.name);
        record.put(unit.key);
      }),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  const effects = createEffects<Work>({
    record,
    stopRecord: {
      isOver,
      points: options.points ?? [],
      keep: async (kept) => void points.splice(0, points.length, ...kept),
    },
    stop: options.stop ?? new AbortController().signal,
    run,
    charge: ({ name }) => ({ ...nothing, calls: taken(name) }),
  });
  const unit = (name: string, from: Account = account): Work => ({
    name,
    key: rowKey('c', name),
    account: from,
    typical: { ...nothing, calls: 1 },
    most: { ...nothing, calls: most },
  });
  const ask = (
    names: string,
    { purpose = 'search', from }: { purpose?: 'search' | 'proof'; from?: Account } = {},
  ) => effects.request({ units: [...names].map((name) => unit(name, from)), purpose });
  const isSettled = (name: string) => effects.isSettled(rowKey('c', name));
  return { ask, ran, reasked, points, account, isSettled };
}

const statuses = async (...asked: Promise<void>[]) =>
  (await Promise.allSettled(asked)).map((end) =>
    end.status === 'fulfilled'
      ? 'done'
      : ((end.reason as HoneError).facts?.reason ?? (end.reason as Error).message),
  );

describe('one round', () => {
  test('runs everything that is asked for before anything is awaited, and answers in the order of asking', async () => {
    const order: string[] = [];
    const { ask } = bench({
      before: (name) => new Promise((resolve) => setTimeout(resolve, name === 'a' ? 20 : 1)),
    });
    await Promise.all([ask('a').then(() => order.push('first')), ask('b').then(() => order.push('second'))]);
    expect(order).toEqual(['first', 'second']);
  });

  test('asks for what two requests share once, and charges it once', async () => {
    const { ask, ran, account } = bench();
    await Promise.all([ask('abc'), ask('bcd')]);
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect(account.used.calls).toBe(4);
  });

  test('charges what an earlier process recorded without running it', async () => {
    const { ask, ran, account } = bench({ known: ['a', 'b'] });
    await ask('abc');
    expect(ran).toEqual(['c']);
    expect(account.used.calls).toBe(3);
  });
});

describe('a limit that is counted', () => {
  test('takes what was asked for first, spends what is left on the next, and names itself', async () => {
    const { ask, ran } = bench({ budget: { calls: 5 } });
    expect(await statuses(ask('abc'), ask('def'), ask('g'))).toEqual(['done', 'calls', 'calls']);
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('does not refuse what could have taken more than it took', async () => {
    const { ask, ran, reasked } = bench({ budget: { calls: 6 }, most: 2 });
    expect(await statuses(ask('abcdef'))).toEqual(['done']);
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    // The last call that is left pays for one answer, not for one that is asked for again.
    expect(reasked).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('holds exactly where every answer is asked for twice', async () => {
    const { ask, account } = bench({ budget: { calls: 6 }, most: 2, taken: () => 2 });
    expect(await statuses(ask('abcdef'))).toEqual(['calls']);
    expect(account.used.calls).toBe(6);
  });

  test('of a nested search ends that one alone', async () => {
    const { ask, account } = bench({ budget: { calls: 10 } });
    const nested = account.search({ total: () => nothing, of: () => new Map() }).nest(0.2);
    expect(await statuses(ask('abc', { from: nested }), ask('def'))).toEqual(['calls', 'done']);
  });

  test('strikes at the same unit again, though the proof has answered what did not fit', async () => {
    const { ask, ran, account } = bench({ budget: { calls: 5 }, known: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] });
    expect(await statuses(ask('abc'), ask('def'), ask('g'))).toEqual(['done', 'calls', 'calls']);
    expect(ran).toEqual([]);
    expect(account.used.calls).toBe(5);
  });

  test('strikes the same requests again when everything is recorded', async () => {
    const known = ['a', 'b', 'c', 'd', 'e'];
    const { ask, ran } = bench({ budget: { calls: 5 }, known });
    expect(await statuses(ask('abc'), ask('def'), ask('g'))).toEqual(['done', 'calls', 'calls']);
    expect(ran).toEqual([]);
  });
});

describe('a limit of time or of dollars that were paid', () => {
  test('is recorded with its round before anything acts on it, and the search is over', async () => {
    let over = false;
    const { ask, points, ran } = bench({ isOver: () => over });
    await ask('a');
    over = true;
    expect(await statuses(ask('b'), ask('c'))).toEqual(['time', 'time']);
    expect(points).toMatchObject([{ round: 2, purpose: 'search', reason: 'time' }]);
    expect(await statuses(ask('d'))).toEqual(['time']);
    expect(ran).toEqual(['a']);
  });

  test('leaves the proof, which has time of its own', async () => {
    const { ask } = bench({ isOver: () => true });
    expect(await statuses(ask('a'))).toEqual(['time']);
    expect(await statuses(ask('b', { purpose: 'proof' }))).toEqual(['done']);
  });

  test('keeps what was answered in its round, though the round is refused', async () => {
    let count = 0;
    const { ask, ran, account } = bench({
      isOver: () => count >= 2,
      before: () => {
        count += 1;
      },
    });
    expect(await statuses(ask('abcd'))).toEqual(['time']);
    expect(account.used.calls).toBe(ran.length);
  });

  test('of an earlier process strikes in the same round, whatever the time is now', async () => {
    const points = [
      {
        round: 2,
        purpose: 'search',
        reason: 'cost',
        missing: ['c', 'd'].map((name) => textOf(rowKey('c', name))),
      },
    ] as const;
    const { ask, ran, account, isSettled } = bench({ points, known: ['b', 'd'] });
    expect(await statuses(ask('a'))).toEqual(['done']);
    expect(await statuses(ask('bc'), ask('d'))).toEqual(['cost', 'cost']);
    expect(ran).toEqual(['a']);
    // The last one was answered later, by the proof.
    expect([account.used.calls, isSettled('b'), isSettled('d')]).toEqual([2, true, false]);
  });

  test('that the call path meets is one on cost', async () => {
    const { ask, points } = bench({
      before: (name) => {
        if (name === 'b') throw new HoneError('Spent.', { code: 'HONE_BUDGET_EXHAUSTED' });
      },
    });
    expect(await statuses(ask('abc'))).toEqual(['cost']);
    expect(points).toMatchObject([{ round: 1, purpose: 'search', reason: 'cost' }]);
  });
});

describe('what is no limit', () => {
  test('leaves the round unsettled, and nothing is decided after it', async () => {
    const { ask } = bench({
      before: (name) => {
        if (name === 'b') throw new Error('gone');
      },
    });
    expect(await statuses(ask('a'), ask('b'))).toEqual(['gone', 'gone']);
    expect(await statuses(ask('a'))).toEqual(['gone']);
  });

  test('a stop starts nothing more, but answers what is known', async () => {
    const stop = new AbortController();
    const { ask, ran } = bench({ stop: stop.signal, known: ['a'] });
    stop.abort(new Error('enough'));
    expect(await statuses(ask('a'))).toEqual(['done']);
    expect(await statuses(ask('ab'))).toEqual(['enough']);
    expect(ran).toEqual([]);
  });
});
