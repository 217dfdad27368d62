import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { createRowIndexes } from './row-index.ts';
import { matchingRows, pageOf, slicedFields } from './row-pages.ts';

const rows = 3_000;
let store: Store;
let runId = '';

beforeAll(async () => {
  store = await openMemoryStore();
  const claim = await store.runs.open({ kind: 'evaluation', name: 'notes', identity: 'a', plan: {} });
  runId = claim.runId;
  const write = (at: number, trial: number) =>
    store.outcomes.write(claim, {
      candidate: 'c',
      example: `row-${at}`,
      trial,
      scorer: 's',
      outcome: JSON.stringify({
        outcome: outcomeOf(at),
        inputs: { note: `note ${at} ${'long '.repeat(200)}`, channel: at % 3 === 0 ? 'mail' : 'chat' },
        outputs: { mood: at % 5 === 0 ? 'bad' : 'good' },
        expected: { mood: 'good' },
        usage: {
          calls: 1,
          cachedCalls: 0,
          failedCalls: 0,
          latencyMs: at,
          costUsd: 0.001,
          retries: 0,
          requests: [],
        },
      }),
    });
  await Promise.all(Array.from({ length: rows }, (_, at) => write(at, 0)));
  await write(0, 1);
});

afterAll(() => store[Symbol.asyncDispose]());

function outcomeOf(at: number): object {
  if (at === 7) return { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'away' };
  if (at === 8) return { status: 'failed', value: 0, feedback: 'not one of them', text: 'neither' };
  return { status: 'scored', value: at % 5 === 0 ? 0 : 1 };
}

describe('the index of the rows of a run', () => {
  const open = async () => {
    const index = await createRowIndexes(store).open(runId);
    if (index === undefined) throw new Error('no index');
    return index;
  };

  it('has each row once, its trials together, and what was lost and unusable first', async () => {
    const index = await open();
    expect(index.rows).toHaveLength(rows);
    expect(index.byId('row-0')?.trials).toEqual([0, 0]);
    const page = pageOf(index, { sort: 'failures', from: 0, limit: 3 });
    expect(page).toMatchObject({ total: rows, matched: rows });
    expect(page.rows.map(({ id, status }) => [id, status])).toEqual([
      ['row-7', 'lost'],
      ['row-8', 'failed'],
      ['row-0', 'wrong'],
    ]);
  });

  it('filters by status, by the value of a field and by words, and sorts', async () => {
    const { rows: all } = await open();
    const ids = (query: Partial<Parameters<typeof matchingRows>[1]>) =>
      matchingRows(all, { sort: 'stored', ...query }).map(({ id }) => id);
    expect(ids({ status: ['failed'] })).toEqual(['row-8']);
    expect(ids({ slice: 'channel:mail' })).toHaveLength(rows / 3);
    expect(ids({ q: 'NOTE 2999' })).toEqual(['row-2999']);
    expect(ids({ sort: 'latency' })[0]).toBe(`row-${rows - 1}`);
  });

  it('divides by fields with a few values, not one and not many, each with its own interval', async () => {
    const { rows: all } = await open();
    const fields = slicedFields(all);
    expect(fields.map(({ field }) => field)).toEqual(['channel']);
    const [channel] = fields;
    expect(channel?.slices.map(({ value, rows: of }) => [value, of])).toEqual([
      ['chat', 2_000],
      ['mail', 1_000],
    ]);
    expect(channel?.slices[0]?.mean).toBeCloseTo(0.8, 2);
    expect(channel?.slices[0]?.interval?.[0]).toBeLessThan(0.8);
  });

  it('adds what has come since, and nothing twice, whoever asks at once', async () => {
    const indexes = createRowIndexes(store);
    const [first, second] = await Promise.all([indexes.open(runId), indexes.open(runId)]);
    expect(first?.rows).toHaveLength(rows);
    expect(second?.rows).toHaveLength(rows);
    expect(await indexes.open('no-such-run')).toBeUndefined();
  });
});
