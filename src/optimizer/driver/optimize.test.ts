import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { splitDataset } from '../../dataset/split.ts';
import type { ModelRequest } from '../../model/model.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import { scorer } from '../../scorer/custom-scorer.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { courseOf, finishTriage, serverError, startTriage } from '../../testing/triage-run.ts';
import { triage, triageExamples, triageRoles } from '../../testing/triage-task.ts';
import { auto } from '../method/auto.ts';
import { calibrate } from '../method/calibrate.ts';
import { labeledFewShot } from '../method/labeled-few-shot.ts';
import type { OptimizationEvent } from '../optimizer.ts';

describe('a run refuses to start', () => {
  const examples = triageExamples();
  test.each([
    {
      what: 'when every row expects the same answer',
      dataset: examples.map((example) => ({ ...example, expected: { queue: 'billing' } })),
      code: 'HONE_DATASET_ONE_CLASS',
    },
    {
      what: 'when no row has a label',
      dataset: examples.map(({ id, inputs }) => ({ id, inputs })),
      code: 'HONE_DATASET_EMPTY',
    },
    {
      what: 'when the label is in another column',
      dataset: examples.map(({ id, inputs }) => ({ id, inputs, expected: { label: 'billing' } })),
      code: 'HONE_DATASET_EMPTY',
    },
    { what: 'without rows', dataset: [], code: 'HONE_DATASET_EMPTY' },
  ])('$what', async ({ dataset, code }) => {
    await using store = await openMemoryStore();
    const { run, asked } = startTriage({ optimizer: labeledFewShot(), store, changes: { dataset } });
    await expect(run.result()).rejects.toMatchObject({ code });
    await expect(run.id).rejects.toMatchObject({ code });
    expect(asked()).toEqual([]);
  });

  test('when its optimizer needs choice scores and the model has none', async () => {
    await expect(finishTriage({ optimizer: calibrate(), choiceScores: false })).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining('scripted/model'),
    });
  });

  test('when the budget cannot even hold the seed and one candidate, and says how many calls can', async () => {
    const refused = finishTriage({ optimizer: labeledFewShot(), changes: { budget: { calls: 7 } } });
    await expect(refused).rejects.toMatchObject({
      code: 'HONE_BUDGET_EXHAUSTED',
      exitCode: 4,
      hint: expect.stringContaining('--max-calls 8'),
    });
  });
});

describe('a small budget', () => {
  test('that does not hold the proof is spent on the search, and the best is given without a proof', async () => {
    const { verdict, candidate, report, asked } = await finishTriage({
      optimizer: labeledFewShot(),
      changes: { budget: { calls: 40 } },
    });
    expect(verdict).toBe('incomplete');
    expect(candidate).toEqual(triage.seed);
    expect(report.best.hash).not.toBe(report.seed.hash);
    expect(report.sealedTest).toBeUndefined();
    expect(report.notices).toContainEqual(expect.stringContaining('cannot hold the test'));
    expect(asked.length).toBeLessThanOrEqual(40);
  });

  test('whose test is begun and not ended is incomplete, and no lack of rows', async () => {
    const calls = { test: 0 };
    const { verdict, report } = await finishTriage({
      optimizer: labeledFewShot(),
      choiceScores: false,
      // Answers that cannot be read are asked for again, and only in the test.
      around: (model) => ({
        ...model,
        generate: async (request, options) => {
          const answer = await model.generate(request, options);
          const isTest = triageRoles().test.some(({ inputs }) => asksAbout(request, String(inputs.ticket)));
          calls.test += Number(isTest);
          return isTest ? { ...answer, text: 'mu' } : answer;
        },
      }),
      changes: { budget: { calls: 21 + 21 + 40 } },
    });
    expect(calls.test).toBeGreaterThan(20);
    expect(report.sealedTest).toBeUndefined();
    expect(report.notices).toContainEqual(expect.stringContaining('could not be completed'));
    expect(verdict).toBe('incomplete');
  });

  test('works on fewer validation rows so that the proof still fits', async () => {
    const { report, asked } = await finishTriage({
      optimizer: labeledFewShot(),
      changes: { budget: { calls: 2 * 20 + 2 * 12 } },
    });
    expect(report.rows.validation).toBe(12);
    expect(report.sealedTest?.rows).toBe(20);
    expect(report.notices).toContainEqual(expect.stringContaining('12 of 21 validation rows'));
    expect(asked.length).toBeLessThanOrEqual(64);
  });
});

describe('rows', () => {
  test('without an expected value are left out, and a notice says how many', async () => {
    const dataset = [...triageExamples(240), { id: 'unlabelled', inputs: { ticket: '#999 hm' } }];
    const { events, report } = await finishTriage({ optimizer: labeledFewShot(), changes: { dataset } });
    expect(events[0]).toEqual({
      type: 'notice',
      message: '1 row without an expected value was left out.',
    });
    const { train, validation, test: sealed } = report.rows;
    expect(train + validation + sealed).toBe(240);
  });

  test('below 80 are cross-fitted: each is tested once, by a search that did not see it', async () => {
    const dataset = triageExamples(60);
    const { calls, report, events } = await finishTriage({
      optimizer: labeledFewShot({ demos: 12 }),
      changes: { dataset },
    });
    expect(report.sealedTest).toMatchObject({ method: 'cross-fit', rows: 60, verdict: 'improved' });
    expect(
      events.filter((event) => event.type === 'phase-started' && event.phase.startsWith('fold')),
    ).toHaveLength(5);
    const tested = calls.filter(({ phase }) => phase === 'sealed test');
    expect(new Set(tested.map(({ rowId }) => rowId)).size).toBe(60);
    for (const { rowId, request } of tested) {
      const number = `#${rowId.replace('row-', '').padStart(3, '0')} `;
      expect(
        request.messages
          .map(({ content }) => content)
          .join('\n')
          .split(number),
      ).toHaveLength(2);
    }
  });

  test.each([
    { what: 'fewer than 20', rows: 15, budget: {} },
    { what: '60 with a budget that holds no six searches', rows: 60, budget: { calls: 150 } },
  ])('$what are too few: the best candidate is an estimate and the seed stays', async ({ rows, budget }) => {
    const { verdict, candidate, report } = await finishTriage({
      optimizer: labeledFewShot(),
      changes: { dataset: triageExamples(rows), budget },
    });
    expect(verdict).toBe('too-few-rows');
    expect(candidate).toEqual(triage.seed);
    expect(report).toMatchObject({ rowsNeeded: 80, rows: { test: 0 } });
    expect(report.sealedTest).toBeUndefined();
    expect(report.best.hash).not.toBe(report.seed.hash);
  });

  test('of which a fold is lost to the time limit prove nothing, and the run still ends', async () => {
    let calls = 0;
    const clock = {
      now: () => 0,
      monotonic: () => calls * 1_000,
      sleep: () => new Promise<void>(() => undefined),
    };
    const { verdict, report, events } = await finishTriage({
      optimizer: labeledFewShot(),
      onCall: ({ count }) => {
        calls = count;
      },
      changes: { dataset: triageExamples(60), budget: { minutes: 3 }, clock },
    });
    expect(verdict).toBe('too-few-rows');
    expect(report.sealedTest).toBeUndefined();
    expect(events).toContainEqual({ type: 'notice', message: expect.stringContaining('nothing is proven') });
  });
});

describe('a limit', () => {
  test.each([
    { limit: 'calls', budget: { calls: 21 + 3 * 21 + 3 * 20 + 30 } },
    { limit: 'cost', budget: { usd: 0.045 } },
  ])('on $limit ends the search and not the proof', async ({ limit, budget }) => {
    const price = { input: 1, output: 10 };
    const { report, events } = await finishTriage({
      optimizer: auto({ sets: 8 }),
      choiceScores: false,
      around: (model) => ({ ...model, price }),
      changes: { budget },
    });
    expect(report.stopReason).toBe(limit);
    expect(events).toContainEqual({ type: 'budget-exhausted', reason: limit });
    expect(report.sealedTest).toMatchObject({ rows: 20, lost: 0 });
    expect(report.usage.spentUsd).toBeLessThanOrEqual(budget.usd ?? 1);
  });

  test('on time takes effect in the same place when the run is replayed with all the time there is', async () => {
    await using store = await openMemoryStore();
    const settings = { optimizer: auto({ sets: 4 }), store };
    let calls = 0;
    const slow = {
      now: () => 0,
      monotonic: () => calls * 1_000,
      sleep: () => new Promise<void>(() => undefined),
    };
    const changes = { budget: { minutes: 2 }, concurrency: 1 };
    // Cut off in the sealed test, after the search ran out of time.
    const cut = startTriage({
      ...settings,
      changes: { ...changes, clock: slow },
      onCall: ({ count, phase, cancel }) => {
        calls = count;
        if (phase === 'sealed test') cancel();
      },
    });
    await expect(cut.run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
    const runId = await cut.run.id;
    expect(await store.runs.read(runId)).toMatchObject({
      status: 'interrupted',
      limit: [{ purpose: 'search', reason: 'time' }],
    });
    const before = (await store.events.read(runId)).map(({ event }) => event as unknown as OptimizationEvent);
    const fast = { now: () => 0, monotonic: () => 0, sleep: () => new Promise<void>(() => undefined) };
    const resumed = await finishTriage({ ...settings, changes: { ...changes, clock: fast } });
    expect(resumed.report).toMatchObject({ runId, stopReason: 'time' });
    expect(resumed.events.slice(0, before.length)).toEqual(before);
  });

  test('on candidates holds', async () => {
    const { report, events } = await finishTriage({ optimizer: auto(), changes: { maxCandidates: 2 } });
    expect(events.filter(({ type }) => type === 'candidate-proposed')).toHaveLength(2);
    expect(report.stopReason).toBe('done');
  });
});

describe('the result', () => {
  test('is the winner when improved, with everything needed to believe it', async () => {
    const { verdict, candidate, report, events } = await finishTriage({ optimizer: labeledFewShot() });
    expect(verdict).toBe('improved');
    expect(hashCandidate(candidate)).toBe(report.best.hash);
    expect(report).toMatchObject({ verdict, stopReason: 'done', rows: { validation: 21, test: 20 } });
    expect(report.fixed.length - report.broken.length).toBe(
      Math.round((report.sealedTest?.difference ?? 0) * 20),
    );
    expect(events.at(-1)).toEqual({
      type: 'finished',
      verdict,
      candidate: report.candidate.hash,
      stopReason: 'done',
    });
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({ schemaVersion: 1 });
  });

  test('is the seed when nothing is proven', async () => {
    const { verdict, candidate } = await finishTriage({
      optimizer: labeledFewShot({ demos: 1 }),
      bias: {},
      knowledge: 9,
    });
    expect(verdict).toBe('no-reliable-improvement');
    expect(candidate).toEqual(triage.seed);
  });

  test('of graded scores is tested by permutation', async () => {
    const graded = scorer<JsonObject, { queue: string }, { queue: string }>(
      'graded',
      ({ outputs, expected }) => (outputs.queue === expected.queue ? 0.9 : 0.2),
      { expects: ['queue'] },
    );
    const { report } = await finishTriage({ optimizer: labeledFewShot(), changes: { scorer: graded } });
    expect(report.sealedTest).toMatchObject({ test: 'sign-flip', verdict: 'improved' });
  });

  test('is incomplete when too many test pairs were lost', async () => {
    const lost = splitDataset(triageExamples(), { seed: 1 })
      .test.slice(0, 2)
      .map(({ id }) => id);
    const { verdict, candidate } = await finishTriage({
      optimizer: labeledFewShot(),
      onCall: ({ rowId }) => {
        if (lost.includes(rowId)) throw serverError();
      },
    });
    expect(verdict).toBe('incomplete');
    expect(candidate).toEqual(triage.seed);
  });
});

describe('watching', () => {
  test('late or by several shows every event', async () => {
    await using store = await openMemoryStore();
    const { run } = startTriage({ optimizer: labeledFewShot(), store });
    const watch = async () => {
      const events: OptimizationEvent[] = [];
      for await (const event of run) events.push(event);
      return events;
    };
    const [one, two] = await Promise.all([watch(), watch()]);
    expect(two).toEqual(one);
    expect(await watch()).toEqual(one);
    expect(one.at(-1)?.type).toBe('finished');
  });

  test('never sleeps through the end of the run, however slow the watcher', async () => {
    await using store = await openMemoryStore();
    const { run } = startTriage({ optimizer: labeledFewShot(), store });
    const events: OptimizationEvent[] = [];
    for await (const event of run) {
      events.push(event);
      await run.result();
    }
    expect(events.at(-1)?.type).toBe('finished');
  });

  test('is no duty: leaving the loop does not stop the run', async () => {
    await using store = await openMemoryStore();
    const { run } = startTriage({ optimizer: labeledFewShot(), store });
    for await (const event of run) {
      void event;
      break;
    }
    await expect(run.result()).resolves.toMatchObject({ verdict: 'improved' });
  });

  test('two optimizers of one kind in one process share nothing', async () => {
    const optimizer = auto({ sets: 2, channelDemos: 0 });
    const [one, two] = await Promise.all([finishTriage({ optimizer }), finishTriage({ optimizer })]);
    expect(courseOf(one)).toEqual(courseOf(two));
    expect(two.calls.length).toBe(one.calls.length);
  });
});

/** Whether the last message asks about this ticket. */
function asksAbout({ messages }: ModelRequest, ticket: string): boolean {
  return messages.some(({ role, content }) => role === 'user' && String(content).includes(ticket));
}
