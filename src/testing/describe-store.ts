import type { NewRun, OutcomeRecord, RunRecord, Store } from '../store/store.ts';
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
      await store.answers.write({ key: 'a', modelId: 'm', answer: '{"text":"yes"}' });
      expect(await store.answers.read('a')).toBe('{"text":"yes"}');
      expect(await store.answers.read('b')).toBeUndefined();
    });

    it('keeps the first answer of a key, within one group of writes and over several', async () => {
      await using store = await open();
      await Promise.all([
        store.answers.write({ key: 'a', modelId: 'm', answer: 'first' }),
        store.answers.write({ key: 'a', modelId: 'm', answer: 'second' }),
      ]);
      await store.answers.write({ key: 'a', modelId: 'm', answer: 'third' });
      expect(await store.answers.read('a')).toBe('first');
      expect((await store.answers.count()).answers).toBe(1);
    });

    it.each([1, 5, 63, 64, 65, 501, 1_203])(
      'answers %i writes and lookups asked for together',
      async (count) => {
        await using store = await open();
        const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
        await Promise.all(keys.map((key) => store.answers.write({ key, modelId: 'm', answer: `to ${key}` })));
        expect(await Promise.all(keys.map((key) => store.answers.read(key)))).toEqual(
          keys.map((key) => `to ${key}`),
        );
      },
    );

    it('counts answers by model and clears them', async () => {
      await using store = await open();
      await store.answers.write({ key: 'a', modelId: 'x', answer: '1' });
      await store.answers.write({ key: 'b', modelId: 'y', answer: '2' });
      await store.answers.write({ key: 'c', modelId: 'y', answer: '3' });
      const { answers, bytes, byModel } = await store.answers.count();
      expect({ answers, byModel }).toEqual({
        answers: 3,
        byModel: [
          { modelId: 'x', answers: 1 },
          { modelId: 'y', answers: 2 },
        ],
      });
      expect(bytes).toBeGreaterThan(0);
      expect(await store.answers.clear()).toBe(3);
      expect(await store.answers.read('a')).toBeUndefined();
    });

    it('keeps a run with its plan, and changes only what is asked to change', async () => {
      await using store = await open();
      await using claim = await store.runs.open(run('a'));
      expect(claim).toMatchObject({ isResumed: false, run: { ...run('a'), status: 'active', elapsedMs: 0 } });
      await store.runs.update(claim, { elapsedMs: 12.4, limit: { reason: 'time' } });
      await store.runs.update(claim, { status: 'completed', result: { verdict: 'improved' } });
      expect(await store.runs.read(claim.runId)).toEqual({
        ...claim.run,
        status: 'completed',
        elapsedMs: 12,
        limit: { reason: 'time' },
        result: { verdict: 'improved' },
        updatedAt: expect.any(Number),
      });
      expect(await store.runs.read('none')).toBeUndefined();
    });

    it('keeps the first snapshot of a run, whatever comes later', async () => {
      await using store = await open();
      await using claim = await store.runs.open(run('a'));
      expect(claim.run.snapshot).toBeUndefined();
      await store.runs.update(claim, { snapshot: { rows: 3 } });
      await store.runs.update(claim, { snapshot: { rows: 4 }, elapsedMs: 5 });
      expect(await store.runs.read(claim.runId)).toMatchObject({ snapshot: { rows: 3 }, elapsedMs: 5 });
    });

    it('finds the newest run of an identity and lists runs newest first', async () => {
      await using store = await open();
      const opened: string[] = [];
      for (const change of [{ resume: false }, { resume: false }, { kind: 'optimization' as const }]) {
        await using claim = await store.runs.open(run('same', change));
        await store.runs.update(claim, { status: 'completed' });
        opened.push(claim.runId);
      }
      const [first, second, third] = opened;
      expect((await store.runs.find('of same'))?.id).toBe(third);
      expect(await store.runs.find('unknown')).toBeUndefined();
      const ids = (runs: readonly RunRecord[]) => runs.map(({ id }) => id);
      expect(ids(await store.runs.list())).toEqual([third, second, first]);
      expect(ids(await store.runs.list({ limit: 2 }))).toEqual([third, second]);
      expect(ids(await store.runs.list({ kind: 'evaluation' }))).toEqual([second, first]);
      expect(ids(await store.runs.list({ status: ['active', 'interrupted'] }))).toEqual([]);
    });

    it('goes on with an unfinished run, and makes a new one after a finished one or when told to', async () => {
      await using store = await open();
      const first = await store.runs.open(run('a'));
      await first[Symbol.asyncDispose]();
      expect((await store.runs.read(first.runId))?.status).toBe('interrupted');
      const again = await store.runs.open(run('a'));
      expect(again).toMatchObject({ runId: first.runId, isResumed: true });
      await store.runs.update(again, { status: 'completed' });
      await again[Symbol.asyncDispose]();
      expect((await store.runs.read(first.runId))?.status).toBe('completed');
      await using fresh = await store.runs.open(run('a'));
      expect(fresh).toMatchObject({ isResumed: false });
      await using another = await store.runs.open(run('a', { resume: false }));
      expect(new Set([first.runId, fresh.runId, another.runId]).size).toBe(3);
    });

    it('gives a run to one of any number of callers at once', async () => {
      await using store = await open();
      const ends = await Promise.allSettled(Array.from({ length: 5 }, () => store.runs.open(run('a'))));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const end of ends) {
        if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'HONE_RUN_LOCKED' });
      }
      expect(await store.runs.list()).toHaveLength(1);
    });

    it('takes nothing for a run from who does not own it', async () => {
      await using store = await open();
      const claim = await store.runs.open(run('a'));
      await claim[Symbol.asyncDispose]();
      await using owner = await store.runs.open(run('a'));
      const refused = { code: 'HONE_RUN_LOST' };
      await expect(store.runs.update(claim, { elapsedMs: 9 })).rejects.toMatchObject(refused);
      await expect(store.outcomes.write(claim, outcome('row'))).rejects.toMatchObject(refused);
      await expect(store.events.write(claim, 0, { type: 'late' })).rejects.toMatchObject(refused);
      expect(await store.outcomes.count(owner.runId)).toBe(0);
      expect(await store.events.read(owner.runId)).toEqual([]);
    });

    it('keeps the first outcome of each key and reads them in the order of writing', async () => {
      await using store = await open();
      await using one = await store.runs.open(run('a'));
      await using other = await store.runs.open(run('b'));
      const written = Array.from({ length: 2_345 }, (_, index) => outcome(`row-${index}`));
      await Promise.all(written.map((row) => store.outcomes.write(one, row)));
      await store.outcomes.write(other, outcome('elsewhere'));
      await store.outcomes.write(one, { ...outcome('row-7'), outcome: 'too late' });
      const reflection = { ...outcome('row-7'), effect: 'reflection' as const };
      await store.outcomes.write(one, reflection);
      const expected = [...written, reflection];
      expect(await collect(store.outcomes.read(one.runId))).toEqual(expected);
      expect(await collect(store.outcomes.read(one.runId, { from: 2_340 }))).toEqual(expected.slice(2_340));
      expect(await collect(store.outcomes.read(one.runId, { effect: 'reflection' }))).toEqual([reflection]);
      expect(await collect(store.outcomes.read(one.runId, { candidate: 'none' }))).toEqual([]);
      expect(await store.outcomes.count(one.runId)).toBe(2_346);
      expect(await store.outcomes.count('none')).toBe(0);
      const keys = [outcome('row-3'), outcome('missing'), reflection];
      expect(await store.outcomes.get(one.runId, keys)).toEqual([outcome('row-3'), undefined, reflection]);
    });

    it('keeps events by number with the time of their storing, and reads them from any number on', async () => {
      await using store = await open();
      await using claim = await store.runs.open(run('a'));
      await store.events.write(claim, 1, { type: 'second' });
      await store.events.write(claim, 0, { type: 'first' });
      await store.events.write(claim, 0, { type: 'too late' });
      const at = expect.any(Number);
      expect(await store.events.read(claim.runId)).toEqual([
        { index: 0, event: { type: 'first' }, at },
        { index: 1, event: { type: 'second' }, at },
      ]);
      expect(await store.events.read(claim.runId, 1)).toEqual([{ index: 1, event: { type: 'second' }, at }]);
    });

    it('shows what is stored of a run and what comes, until nobody works on it', async () => {
      await using store = await open();
      const claim = await store.runs.open(run('a'));
      await store.events.write(claim, 0, { type: 'first' });
      const seen: unknown[] = [];
      const watching = (async () => {
        for await (const { event } of store.events.watch(claim.runId)) seen.push(event.type);
      })();
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['first']);
      await store.events.write(claim, 1, { type: 'second' });
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['first', 'second']);
      await claim[Symbol.asyncDispose]();
      await watching;
      await expect(collect(store.events.watch('none'))).rejects.toMatchObject({ code: 'HONE_RUN_NOT_FOUND' });
    });

    it('stops watching when told to', async () => {
      await using store = await open();
      await using claim = await store.runs.open(run('a'));
      const controller = new AbortController();
      const watching = collect(store.events.watch(claim.runId, 0, { signal: controller.signal }));
      controller.abort();
      expect(await watching).toEqual([]);
    });

    it('numbers the uses of a sealed test, one for each run', async () => {
      await using store = await open();
      await using one = await store.runs.open(run('a'));
      await using other = await store.runs.open(run('b'));
      const use = { test: 'rows', name: 'a', rows: 60 };
      expect(await store.sealedTests.use(one, use)).toMatchObject({ number: 1, runId: one.runId });
      expect(await store.sealedTests.use(other, use)).toMatchObject({ number: 2 });
      expect(await store.sealedTests.use(one, use)).toMatchObject({ number: 1 });
      expect((await store.sealedTests.list('rows')).map(({ number }) => number)).toEqual([1, 2]);
      expect(await store.sealedTests.list('others')).toEqual([]);
    });

    it('keeps candidates by their hash', async () => {
      await using store = await open();
      await store.candidates.write('h', { 'answer.instructions': 'Say ‘yes’.\n' });
      expect(await store.candidates.read('h')).toEqual({ 'answer.instructions': 'Say ‘yes’.\n' });
      expect(await store.candidates.read('other')).toBeUndefined();
    });

    it('adds a version of a prompt once by number and by hash, and a move once by number', async () => {
      await using store = await open();
      const { prompts } = store;
      const version = { number: 1, hash: 'a', content: '{"text":"one"}' };
      expect(await prompts.addVersion('triage', version)).toBe(true);
      expect(await prompts.addVersion('triage', { ...version, hash: 'b' })).toBe(false);
      expect(await prompts.addVersion('triage', { ...version, number: 2 })).toBe(false);
      expect(await prompts.addVersion('triage', { number: 2, hash: 'b', content: '{}' })).toBe(true);
      expect(await prompts.addVersion('other', version)).toBe(true);
      expect(await prompts.addMove('triage', { number: 1, content: '{"to":1}' })).toBe(true);
      expect(await prompts.addMove('triage', { number: 1, content: '{"to":2}' })).toBe(false);
      expect(await prompts.names()).toEqual(['other', 'triage']);
      expect(await prompts.read('triage')).toEqual({
        versions: [
          { number: 1, content: '{"text":"one"}' },
          { number: 2, content: '{}' },
        ],
        moves: [{ number: 1, content: '{"to":1}' }],
      });
      expect(await prompts.read('none')).toEqual({ versions: [], moves: [] });
    });

    it('of many who add the same number at once takes one', async () => {
      await using store = await open();
      const added = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          store.prompts.addMove('triage', { number: 1, content: `{"to":${index}}` }),
        ),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
    });

    it('finishes the writes that it took before it closes, and takes none afterwards', async () => {
      const store = await open();
      const early = store.answers.write({ key: 'a', modelId: 'm', answer: '1' });
      await store[Symbol.asyncDispose]();
      await expect(early).resolves.toBeUndefined();
      const closed = { code: 'HONE_STORE_CLOSED' };
      await expect(store.answers.write({ key: 'b', modelId: 'm', answer: '1' })).rejects.toMatchObject(
        closed,
      );
      await expect(store.answers.read('a')).rejects.toMatchObject(closed);
      await expect(store.runs.list()).rejects.toMatchObject(closed);
      await store[Symbol.asyncDispose]();
    });
  });
}

function run(name: string, change: Partial<NewRun> = {}): NewRun {
  return { kind: 'evaluation', name: `run ${name}`, identity: `of ${name}`, plan: { rows: 3 }, ...change };
}

function outcome(example: string): OutcomeRecord {
  return {
    effect: 'row',
    candidate: 'c',
    example,
    trial: 0,
    scorer: 's',
    outcome: `{"row":"${example}"}`,
  };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
