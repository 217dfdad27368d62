import { expect, test } from 'vitest';
import { openMemoryStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { onDemandStore } from './on-demand-store.ts';

/** Counts how often a store is opened and closed. */
async function counted() {
  const store = await openMemoryStore();
  const counts = { opened: 0, closed: 0 };
  const open = async (): Promise<Store> => {
    counts.opened += 1;
    return {
      ...store,
      async [Symbol.asyncDispose]() {
        counts.closed += 1;
      },
    };
  };
  return { store: onDemandStore('here', open), counts };
}

test('it opens at the first use, and closes after the last', async () => {
  const { store, counts } = await counted();
  expect(counts).toEqual({ opened: 0, closed: 0 });
  await store.answers.count();
  expect(counts).toEqual({ opened: 1, closed: 1 });
});

test('a hold keeps it open between uses, and releasing twice is harmless', async () => {
  const { store, counts } = await counted();
  const release = store.hold();
  await store.answers.count();
  await store.answers.count();
  expect(counts).toEqual({ opened: 1, closed: 0 });
  await release();
  await release();
  expect(counts).toEqual({ opened: 1, closed: 1 });
  await store.answers.count();
  expect(counts).toEqual({ opened: 2, closed: 2 });
});

test('it stays open while outcomes are read and while a run is claimed', async () => {
  const { store, counts } = await counted();
  const release = store.hold();
  const claim = await store.runs.open({ kind: 'evaluation', name: 'run', identity: 'run', plan: {} });
  for (const example of ['a', 'b']) {
    await store.outcomes.write(claim, { candidate: 'c', example, trial: 0, scorer: 's', outcome: '{}' });
  }
  await release();
  expect(counts.closed).toBe(0);
  await claim[Symbol.asyncDispose]();
  expect(counts.closed).toBe(1);
  for await (const { example } of store.outcomes.read(claim.runId)) {
    expect(['a', 'b']).toContain(example);
    expect(counts.closed).toBe(1);
  }
  expect(counts.closed).toBe(2);
});

test('a failure to open is told each time, and tried again', async () => {
  let tries = 0;
  const store = onDemandStore('here', async () => {
    tries += 1;
    throw new Error('locked');
  });
  await expect(store.answers.count()).rejects.toThrow('locked');
  await expect(store.answers.count()).rejects.toThrow('locked');
  expect(tries).toBe(2);
});
