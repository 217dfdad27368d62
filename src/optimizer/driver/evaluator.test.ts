import { describe, expect, onTestFinished, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import { contentText } from '../../model/content.ts';
import { predict } from '../../program/predict.ts';
import type { Program } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { exactMatch } from '../../scorer/exact-match.ts';
import { signature } from '../../signature/shorthand.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { createBudgetMeter } from './budget.ts';
import { createEvaluator, type EvaluatorOptions, outcomeKey, type TimeLimit } from './evaluator.ts';
import type { OptimizationBudget } from './optimize-options.ts';

const program = predict(signature('text -> echo')) as unknown as Program;
const { seed } = program;
const other: Candidate = { ...seed, 'answer.instructions': { kind: 'text', text: 'Echo.' } };

function rowsOf(count: number, from = 0): readonly Example[] {
  return Array.from({ length: count }, (_, index) => {
    const text = String(from + index);
    return { id: text, inputs: { text }, expected: { echo: text } };
  });
}

interface Bench {
  readonly budget?: OptimizationBudget | undefined;
  readonly changes?: Partial<EvaluatorOptions> | undefined;
  readonly respond?: ((text: string) => string) | undefined;
}

async function bench({ budget = {}, changes, respond = (text) => text }: Bench = {}) {
  const store = await openMemoryStore();
  onTestFinished(() => store[Symbol.asyncDispose]());
  await store.createRun({ id: 'run', kind: 'optimization', name: 'test', identity: 'test', plan: {} });
  const model = scriptedModel({
    respond: ({ messages }) => respond(textOf(contentText(messages.at(-1)?.content ?? ''))),
  });
  const meter = createBudgetMeter(budget, { validation: 0, test: 0, seedCallsPerRow: 1 });
  const stops: unknown[] = [];
  const seen: RowResult[] = [];
  const never: TimeLimit = {
    isOver: () => false,
    record: async (stop) => {
      stops.push(stop);
    },
  };
  const evaluator = createEvaluator({
    runId: 'run',
    store,
    task: { program, model, scorers: [exactMatch('echo')] },
    scorer: 'exact',
    concurrency: 4,
    budget: meter,
    recorded: new Map(),
    stop: new AbortController().signal,
    clock: fakeClock(),
    onRow: (result) => seen.push(result),
    ...changes,
    timeLimit: { ...never, ...changes?.timeLimit },
  });
  return { store, model, meter, evaluator, stops, seen };
}

const textOf = (content = '') => content.split(': ')[1] ?? '';

async function recordedOf(store: Store): Promise<Map<string, RowResult>> {
  const recorded = new Map<string, RowResult>();
  for await (const { candidate, example, trial, outcome } of store.readOutcomes('run')) {
    const result = { candidate, exampleId: example, trial, ...JSON.parse(outcome) } as RowResult;
    recorded.set(outcomeKey(candidate, example, trial), result);
  }
  return recorded;
}

const spent = { code: 'HONE_BUDGET_EXHAUSTED' };

describe('an evaluator', () => {
  test('gives results in the order asked for, whichever rows were known', async () => {
    const { evaluator } = await bench();
    await evaluator.evaluate(seed, rowsOf(3, 2), 'search');
    const { results, mean } = await evaluator.evaluate(seed, rowsOf(6), 'search');
    expect(results.map(({ exampleId }) => exampleId)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(mean).toBe(1);
  });

  test('answers and charges a pair of candidate and row once', async () => {
    const { evaluator, model, meter } = await bench();
    await Promise.all([
      evaluator.evaluate(seed, rowsOf(5), 'search'),
      evaluator.evaluate(seed, rowsOf(7), 'search'),
    ]);
    await evaluator.evaluate(seed, rowsOf(7), 'proof');
    expect(model.callCount).toBe(7);
    expect(meter.usedCalls).toBe(7);
  });

  test('runs what is asked for together as one batch, candidate by candidate', async () => {
    const { evaluator, model } = await bench({ changes: { concurrency: 1 } });
    await Promise.all([
      evaluator.evaluate(seed, rowsOf(3), 'search'),
      evaluator.evaluate(other, rowsOf(3), 'search'),
    ]);
    const systems = model.calls.map(({ request }) =>
      contentText(request.messages[0]?.content ?? '').startsWith('Echo.'),
    );
    expect(systems).toEqual([false, false, false, true, true, true]);
  });

  test('keeps every outcome and candidate before it answers', async () => {
    const { evaluator, store } = await bench();
    const { hash } = await evaluator.evaluate(other, rowsOf(5), 'search');
    expect(await store.countOutcomes('run')).toBe(5);
    expect(await store.readCandidate(hash)).toEqual(other);
  });

  test('takes recorded outcomes instead of asking, and charges them all the same', async () => {
    const first = await bench();
    const before = await first.evaluator.evaluate(seed, rowsOf(6), 'search');
    const second = await bench({ changes: { recorded: await recordedOf(first.store) } });
    const after = await second.evaluator.evaluate(seed, rowsOf(6), 'search');
    expect(after).toEqual(JSON.parse(JSON.stringify(before)));
    expect(second.model.callCount).toBe(0);
    expect(second.meter.usedCalls).toBe(6);
    expect(second.seen).toEqual([]);
  });

  test('lets a failed batch not harm the next one', async () => {
    let broken = true;
    const { evaluator } = await bench({
      respond: (text) => {
        if (broken) throw new TypeError('a bug');
        return text;
      },
    });
    await expect(evaluator.evaluate(seed, rowsOf(2), 'search')).rejects.toThrow('a bug');
    broken = false;
    await expect(evaluator.evaluate(seed, rowsOf(2), 'search')).resolves.toMatchObject({ mean: 1 });
  });

  test('starts nothing after a stop, but still answers what is known', async () => {
    const stop = new AbortController();
    const { evaluator } = await bench({ changes: { stop: stop.signal } });
    await evaluator.evaluate(seed, rowsOf(2), 'search');
    stop.abort(new Error('enough'));
    await expect(evaluator.evaluate(seed, rowsOf(2), 'search')).resolves.toMatchObject({ mean: 1 });
    await expect(evaluator.evaluate(seed, rowsOf(3), 'search')).rejects.toThrow('enough');
  });

  test('loses a small batch without an end when rows were answered before', async () => {
    const { evaluator } = await bench({
      respond: (text) => {
        if (Number(text) >= 5) throw new HoneError('Down.', { code: 'HONE_MODEL_SERVER' });
        return text;
      },
    });
    await evaluator.evaluate(seed, rowsOf(5), 'search');
    const { results } = await evaluator.evaluate(seed, rowsOf(2, 5), 'search');
    expect(results.map(({ outcome }) => outcome.status)).toEqual([
      'infrastructure-error',
      'infrastructure-error',
    ]);
  });
});

describe('the budget of a search', () => {
  test('counts all requests of one batch together, in the order of asking', async () => {
    const { evaluator, model } = await bench({ budget: { calls: 10 } });
    const [first, second, third] = await Promise.allSettled([
      evaluator.evaluate(seed, rowsOf(6), 'search'),
      evaluator.evaluate(other, rowsOf(6), 'search'),
      evaluator.evaluate(other, rowsOf(4), 'search'),
    ]);
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(second).toMatchObject({ reason: { ...spent, facts: { reason: 'calls' } } });
    expect(model.callCount).toBe(10);
  });

  test('does not hold for the proof, for which it was kept back', async () => {
    const { evaluator } = await bench({ budget: { calls: 3 } });
    await expect(evaluator.evaluate(seed, rowsOf(6), 'search')).rejects.toMatchObject(spent);
    await expect(evaluator.evaluate(seed, rowsOf(6), 'proof')).resolves.toMatchObject({ mean: 1 });
  });

  test('that the call path refuses in the middle of a batch is recorded there, as a limit on cost', async () => {
    const { evaluator, stops } = await bench({
      respond: (text) => {
        if (text === '3') throw new HoneError('Spent.', { code: 'HONE_BUDGET_EXHAUSTED' });
        return text;
      },
    });
    await evaluator.evaluate(seed, rowsOf(2), 'search');
    await expect(evaluator.evaluate(seed, rowsOf(6), 'search')).rejects.toMatchObject({
      ...spent,
      facts: { reason: 'cost' },
    });
    expect(stops).toEqual([{ batch: 2, reason: 'cost' }]);
  });
});

describe('the time limit of a search', () => {
  test('is recorded where it takes effect, once, and ends every later batch', async () => {
    let isOver = false;
    const { evaluator, stops, model } = await bench({
      changes: { timeLimit: { isOver: () => isOver, record: async (stop) => void stops.push(stop) } },
    });
    await evaluator.evaluate(seed, rowsOf(3), 'search');
    isOver = true;
    for (const candidate of [seed, other]) {
      await expect(evaluator.evaluate(candidate, rowsOf(9), 'search')).rejects.toMatchObject({
        ...spent,
        facts: { reason: 'time' },
      });
    }
    expect(stops).toEqual([{ batch: 2, reason: 'time' }]);
    expect(model.callCount).toBe(3);
    await expect(evaluator.evaluate(other, rowsOf(3), 'proof')).resolves.toMatchObject({ mean: 1 });
  });

  test('takes effect in the middle of a batch, the rows in flight being kept', async () => {
    const { evaluator, stops, store, seen } = await bench({
      changes: {
        concurrency: 1,
        timeLimit: { isOver: () => seen.length >= 4, record: async (stop) => void stops.push(stop) },
      },
    });
    await expect(evaluator.evaluate(seed, rowsOf(20), 'search')).rejects.toMatchObject(spent);
    expect(stops).toEqual([{ batch: 1, reason: 'time' }]);
    expect(await store.countOutcomes('run')).toBe(4);
  });

  test('of an earlier process ends the replay in the same batch, whatever the time is now', async () => {
    const { evaluator, model } = await bench({
      changes: {
        timeLimit: {
          isOver: () => false,
          stoppedAt: { batch: 2, reason: 'time' },
          record: async () => undefined,
        },
      },
    });
    await expect(evaluator.evaluate(seed, rowsOf(3), 'search')).resolves.toMatchObject({ mean: 1 });
    await expect(evaluator.evaluate(seed, rowsOf(4), 'search')).rejects.toMatchObject({
      facts: { reason: 'time' },
    });
    expect(model.callCount).toBe(3);
  });
});
