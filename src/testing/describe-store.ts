import type { OutcomeRecord, RunRecord, Store } from '../store/store.ts';
import { describe, expect, it } from './test-runner.ts';

/**
 * The contract of a store, as tests. Every implementation runs it.
 *
 * @param open Opens a new, empty store; each test disposes its own.
 */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a Store`, () => {
    it('gives back an answer that was written, and nothing for a key that was not', async () => {
      await using store = await open();
      await store.writeAnswer({ key: 'a', modelId: 'm', answer: '{"text":"yes"}' });
      expect(await store.readAnswer('a')).toBe('{"text":"yes"}');
      expect(await store.readAnswer('b')).toBeUndefined();
    });

    it('keeps the first answer of a key, within one group of writes and over several', async () => {
      await using store = await open();
      await Promise.all([
        store.writeAnswer({ key: 'a', modelId: 'm', answer: 'first' }),
        store.writeAnswer({ key: 'a', modelId: 'm', answer: 'second' }),
      ]);
      await store.writeAnswer({ key: 'a', modelId: 'm', answer: 'third' });
      expect(await store.readAnswer('a')).toBe('first');
      expect((await store.countAnswers()).answers).toBe(1);
    });

    it.each([1, 5, 63, 64, 65, 501, 1_203])(
      'answers %i writes and lookups asked for together',
      async (count) => {
        await using store = await open();
        const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
        await Promise.all(keys.map((key) => store.writeAnswer({ key, modelId: 'm', answer: `to ${key}` })));
        expect(await Promise.all(keys.map((key) => store.readAnswer(key)))).toEqual(
          keys.map((key) => `to ${key}`),
        );
      },
    );

    it('counts answers by model and clears them', async () => {
      await using store = await open();
      await store.writeAnswer({ key: 'a', modelId: 'x', answer: '1' });
      await store.writeAnswer({ key: 'b', modelId: 'y', answer: '2' });
      await store.writeAnswer({ key: 'c', modelId: 'y', answer: '3' });
      const { answers, bytes, byModel } = await store.countAnswers();
      expect({ answers, byModel }).toEqual({
        answers: 3,
        byModel: [
          { modelId: 'x', answers: 1 },
          { modelId: 'y', answers: 2 },
        ],
      });
      expect(bytes).toBeGreaterThan(0);
      expect(await store.clearAnswers()).toBe(3);
      expect(await store.readAnswer('a')).toBeUndefined();
    });

    it('keeps a run with its plan, and changes only what is asked to change', async () => {
      await using store = await open();
      const created = await store.createRun(run('r1'));
      expect(created).toMatchObject({ ...run('r1'), status: 'active', elapsedMs: 0 });
      await store.updateRun('r1', { elapsedMs: 12.4, limit: { reason: 'time' } });
      await store.updateRun('r1', { status: 'completed', result: { verdict: 'improved' } });
      expect(await store.readRun('r1')).toEqual({
        ...created,
        status: 'completed',
        elapsedMs: 12,
        limit: { reason: 'time' },
        result: { verdict: 'improved' },
        updatedAt: expect.any(Number),
      });
      expect(await store.readRun('r2')).toBeUndefined();
      await expect(store.updateRun('r2', { status: 'failed' })).rejects.toMatchObject({
        code: 'HONE_RUN_NOT_FOUND',
      });
    });

    it('finds the newest run of an identity and lists runs newest first', async () => {
      await using store = await open();
      await store.createRun(run('r1', { identity: 'same' }));
      await store.createRun(run('r2', { identity: 'same' }));
      await store.createRun(run('r3', { kind: 'optimization' }));
      expect((await store.findRun('same'))?.id).toBe('r2');
      expect(await store.findRun('unknown')).toBeUndefined();
      const ids = (runs: readonly RunRecord[]) => runs.map(({ id }) => id);
      expect(ids(await store.listRuns())).toEqual(['r3', 'r2', 'r1']);
      expect(ids(await store.listRuns({ limit: 2 }))).toEqual(['r3', 'r2']);
      expect(ids(await store.listRuns({ kind: 'evaluation' }))).toEqual(['r2', 'r1']);
    });

    it('gives a run to one owner at a time', async () => {
      await using store = await open();
      await store.createRun(run('r1'));
      const claim = await store.claimRun('r1');
      expect(claim.run.id).toBe('r1');
      await expect(store.claimRun('r1')).rejects.toMatchObject({
        code: 'HONE_RUN_LOCKED',
        message: expect.stringContaining(String(process.pid)),
      });
      await claim[Symbol.asyncDispose]();
      await using again = await store.claimRun('r1');
      expect(again.run.id).toBe('r1');
      await expect(store.claimRun('none')).rejects.toMatchObject({ code: 'HONE_RUN_NOT_FOUND' });
    });

    it('keeps the first outcome of each pair and reads them in the order of writing', async () => {
      await using store = await open();
      const written = Array.from({ length: 2_345 }, (_, index) => outcome(`row-${index}`));
      await Promise.all(written.map((row) => store.writeOutcome('r1', row)));
      await store.writeOutcome('r2', outcome('elsewhere'));
      await store.writeOutcome('r1', { ...outcome('row-7'), outcome: 'too late' });
      await store.writeOutcome('r1', { ...outcome('row-7'), trial: 1 });
      const expected = [...written, { ...outcome('row-7'), trial: 1 }];
      expect(await collect(store.readOutcomes('r1'))).toEqual(expected);
      expect(await collect(store.readOutcomes('r1', 2_340))).toEqual(expected.slice(2_340));
      expect(await store.countOutcomes('r1')).toBe(2_346);
      expect(await store.countOutcomes('none')).toBe(0);
    });

    it('keeps events by number and reads them from any number on', async () => {
      await using store = await open();
      await store.writeEvent('r1', 1, { type: 'second' });
      await store.writeEvent('r1', 0, { type: 'first' });
      await store.writeEvent('r1', 0, { type: 'too late' });
      expect(await store.readEvents('r1')).toEqual([
        { index: 0, event: { type: 'first' } },
        { index: 1, event: { type: 'second' } },
      ]);
      expect(await store.readEvents('r1', 1)).toEqual([{ index: 1, event: { type: 'second' } }]);
    });

    it('keeps candidates by their hash', async () => {
      await using store = await open();
      await store.writeCandidate('h', { 'answer.instructions': 'Say ‘yes’.\n' });
      expect(await store.readCandidate('h')).toEqual({ 'answer.instructions': 'Say ‘yes’.\n' });
      expect(await store.readCandidate('other')).toBeUndefined();
    });

    it('finishes the writes that it took before it closes, and takes none afterwards', async () => {
      const store = await open();
      const early = store.writeAnswer({ key: 'a', modelId: 'm', answer: '1' });
      await store[Symbol.asyncDispose]();
      await expect(early).resolves.toBeUndefined();
      const closed = { code: 'HONE_STORE_CLOSED' };
      await expect(store.writeAnswer({ key: 'b', modelId: 'm', answer: '1' })).rejects.toMatchObject(closed);
      await expect(store.readAnswer('a')).rejects.toMatchObject(closed);
      await expect(store.listRuns()).rejects.toMatchObject(closed);
      await store[Symbol.asyncDispose]();
    });
  });
}

type NewRun = Pick<RunRecord, 'id' | 'kind' | 'name' | 'identity' | 'plan'>;

function run(id: string, change: Partial<NewRun> = {}): NewRun {
  return { id, kind: 'evaluation', name: `run ${id}`, identity: `of ${id}`, plan: { rows: 3 }, ...change };
}

function outcome(example: string): OutcomeRecord {
  return { candidate: 'c', example, trial: 0, scorer: 's', outcome: `{"row":"${example}"}` };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
