import { expect, test } from 'vitest';
import type { Example } from '../../dataset/dataset.ts';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import { enterTest } from './test-ledger.ts';

const rows: readonly Example[] = [{ id: 'a', inputs: { text: 'one' }, expected: { kind: 'x' } }];

async function entered(store: Store, identity: string, tested = rows): Promise<number> {
  await using claim = await store.runs.open({ kind: 'optimization', name: identity, identity, plan: {} });
  const earlier = await enterTest(store, { owner: claim, name: identity, identity, rows: tested });
  await store.runs.update(claim, { status: 'completed' });
  return earlier;
}

test('each further comparison on the same rows counts those before it', async () => {
  await using store = await openStore({ file: ':memory:' });
  expect(await entered(store, 'first')).toBe(0);
  expect(await entered(store, 'second')).toBe(1);
  expect(await entered(store, 'third')).toBe(2);
  expect(await entered(store, 'other rows', [{ ...rows[0], id: 'b', inputs: { text: 'two' } }])).toBe(0);
});

test('a comparison that is made again counts what it counted first, whatever came in between', async () => {
  await using store = await openStore({ file: ':memory:' });
  await entered(store, 'first');
  await entered(store, 'second');
  expect(await entered(store, 'first')).toBe(0);
  expect(await entered(store, 'second')).toBe(1);
  expect(await entered(store, 'third')).toBe(2);
});
