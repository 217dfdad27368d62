import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { evaluate } from '../../evaluation/evaluate.ts';
import type { Model } from '../../model/model.ts';
import { program } from '../../program/custom-program.ts';
import { scorer } from '../../scorer/custom-scorer.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { finishTriage, startTriage, type TriageRunOptions } from '../../testing/triage-run.ts';
import { triage, triageExamples, triageModel, triageScorer } from '../../testing/triage-task.ts';
import { labeledFewShot } from '../method/labeled-few-shot.ts';
import type { Optimizer } from '../optimizer.ts';

/** What a caller who has no types to hold them may give. */
const anything = <Value>(value: unknown) => value as Value;

const throwing = (name: string): object =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      throw new TypeError('out of order');
    },
  });

const plain: Optimizer = {
  name: 'mine',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: true },
  estimate: () => ({ task: 0, reflection: 0 }),
  async *optimize({ seed }) {
    yield { type: 'notice', message: 'nothing to do' };
    return seed;
  },
};

type Changes = TriageRunOptions['changes'];

/** The error of a run, and what was asked before it. */
async function refused(parts: { readonly optimizer?: unknown; readonly changes?: unknown }) {
  const { optimizer, changes } = { optimizer: plain, ...parts };
  await using store = await openMemoryStore();
  const { run, asked } = startTriage({
    optimizer: anything<Optimizer>(optimizer),
    store,
    changes: anything<Changes>(changes),
  });
  const error: unknown = await run.result().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!HoneError.isInstance(error)) throw new Error(`It ended with ${String(error)}, no HoneError.`);
  return { code: error.code, message: error.message, hint: error.hint, asked: asked() };
}

describe('what is malformed is refused by name before anything is asked', () => {
  const { shape, ...withoutShape } = triage;
  test.each<{ what: string; message: string; optimizer?: unknown; changes?: unknown }>([
    { what: 'no optimizer', optimizer: undefined, message: 'The optimizer is undefined' },
    { what: 'an optimizer without a name', optimizer: { ...plain, name: '' }, message: "`name` is ''" },
    {
      what: 'an optimizer whose optimize is no function',
      optimizer: { ...plain, optimize: 'soon' },
      message: 'The optimizer "mine": `optimize` is \'soon\', and must be a function.',
    },
    {
      what: 'an optimizer without needs',
      optimizer: { ...plain, needs: undefined },
      message: '"mine": `needs` is missing',
    },
    {
      what: 'an optimizer whose needs are no list',
      optimizer: { ...plain, needs: { parameters: 'text', labels: true } },
      message: 'The needs of the optimizer "mine": `parameters`',
    },
    {
      what: 'a factory that makes nothing',
      optimizer: () => undefined,
      message: 'The optimizer is undefined',
    },
    {
      what: 'an optimizer with a getter that throws',
      optimizer: Object.defineProperties(throwing('needs'), {
        name: { value: 'mine' },
        version: { value: 1 },
        options: { value: {} },
      }),
      message: 'out of order',
    },
    { what: 'a program without a shape', changes: { program: withoutShape }, message: '`shape` is missing' },
    {
      what: 'a program without a name',
      changes: { program: { ...triage, shape: { ...shape, name: undefined } } },
      message: "The program's shape: `name` is missing",
    },
    {
      what: 'a program whose forward is no function',
      changes: { program: { ...triage, forward: true } },
      message: '"answer": `forward` is true',
    },
    {
      what: 'a program whose calls cannot be counted',
      changes: { program: { ...triage, calls: () => Number.NaN } },
      message: 'counts its calls as NaN',
    },
    {
      what: 'a program whose count of calls throws',
      changes: {
        program: {
          ...triage,
          calls: () => {
            throw new TypeError('no idea');
          },
        },
      },
      message: '`calls` threw: no idea',
    },
    { what: 'no scorer', changes: { scorer: undefined }, message: 'The scorer is undefined' },
    { what: 'an empty list of scorers', changes: { scorer: [] }, message: 'needs a scorer' },
    {
      what: 'a scorer without a name',
      changes: { scorer: { ...triageScorer, name: undefined } },
      message: 'The scorer: `name` is missing',
    },
    {
      what: 'a scorer without a version',
      changes: { scorer: { ...triageScorer, version: 2 } },
      message: '`version` is 2, and must be a text',
    },
    {
      what: 'a scorer whose score is no function',
      changes: { scorer: { ...triageScorer, score: 1 } },
      message: '`score` is 1, and must be a function',
    },
    {
      what: 'two scorers of one name',
      changes: { scorer: [triageScorer, triageScorer] },
      message: 'Two scorers are called',
    },
    {
      what: 'a scorer with a getter that throws',
      changes: { scorer: throwing('name') },
      message: 'reading `name` threw: out of order',
    },
    { what: 'a model that is a text', changes: { model: 'gpt' }, message: "The task model is 'gpt'" },
    {
      what: 'a model that cannot generate',
      changes: { model: { ...triageModel(), generate: undefined } },
      message: '`generate` is missing',
    },
    {
      what: 'a judge that is none',
      changes: { models: { judge: {} } },
      message: 'The judge model: `id` is missing',
    },
  ])('$what', async ({ message, ...parts }) => {
    const error = await refused(parts);
    expect(error).toMatchObject({ code: 'HONE_OPTION_INVALID', message: expect.stringContaining(message) });
    expect(error.hint).toBeTruthy();
    expect(error.asked).toEqual([]);
  });
});

describe('an optimizer at fault ends the run with its name and what it did', () => {
  const search = (optimize: unknown): Optimizer => ({ ...plain, optimize: anything(optimize) });
  test.each<{ what: string; optimizer: Optimizer; message: string }>([
    { what: 'optimize is no generator', optimizer: search(() => plain), message: 'no async generator' },
    {
      what: 'optimize throws at once',
      optimizer: search(() => {
        throw new TypeError('not today');
      }),
      message: 'it threw: not today',
    },
    {
      what: 'it throws on the way',
      optimizer: search(async function* () {
        yield { type: 'notice', message: 'so far so good' };
        throw new RangeError('list is empty');
      }),
      message: 'it threw: list is empty',
    },
    {
      what: 'it returns nothing',
      optimizer: search(async function* () {
        yield { type: 'notice', message: 'done' };
      }),
      message: 'it returned undefined, and must return a candidate',
    },
    {
      what: 'it returns a text',
      optimizer: search(async function* () {
        yield { type: 'notice', message: 'done' };
        return 'Sort the ticket.';
      }),
      message: "it returned 'Sort the ticket.'",
    },
    {
      what: 'it yields what is no decision',
      optimizer: search(async function* () {
        yield { type: 'candidate-proposed', candidate: 'abc' };
      }),
      message: 'which is no decision',
    },
    {
      what: 'it changes a row',
      optimizer: search(async function* ({
        seed,
        train,
      }: {
        seed: unknown;
        train: { inputs: JsonObject }[];
      }) {
        yield { type: 'phase-started', phase: 'cheating' };
        const [row] = train;
        if (row !== undefined) row.inputs = { ticket: 'easy' };
        return seed;
      }),
      message: 'read only',
    },
    {
      what: 'it sorts the rows in place',
      optimizer: search(async function* ({ seed, train }: { seed: unknown; train: unknown[] }) {
        yield { type: 'phase-started', phase: 'sorting' };
        train.reverse();
        return seed;
      }),
      message: 'read only',
    },
  ])('$what', async ({ optimizer, message }) => {
    expect(await refused({ optimizer })).toMatchObject({
      code: 'HONE_OPTIMIZER_FAILED',
      message: expect.stringMatching(new RegExp(`^The optimizer "mine" is at fault: .*${message}`)),
    });
  });

  test('an estimate that is no number, where six searches are weighed against the budget', async () => {
    const optimizer = { ...plain, fresh: () => plain, estimate: () => ({ task: 'few' }) };
    expect(await refused({ optimizer, changes: { dataset: triageExamples(40) } })).toMatchObject({
      code: 'HONE_OPTIMIZER_FAILED',
      message: expect.stringContaining('`estimate` gave'),
    });
  });

  test('a nested one is named itself', async () => {
    const inner = search(async function* () {
      yield { type: 'notice', message: 'inside' };
    });
    const outer: Optimizer = {
      ...plain,
      name: 'outer',
      async *optimize({ nest }) {
        return (yield* nest({ ...inner, name: 'inner' }, { label: 'inner' })).candidate;
      },
    };
    expect(await refused({ optimizer: outer })).toMatchObject({
      code: 'HONE_OPTIMIZER_FAILED',
      message: expect.stringMatching(/^The optimizer "inner" is at fault/),
    });
  });
});

test('an optimizer that asks on and on after its budget is spent is ended, and its best goes to the proof', async () => {
  const deaf: Optimizer = {
    ...plain,
    async *optimize({ seed, validation, evaluate, admit }) {
      for (let round = 0; ; round += 1) {
        const [admission] = admit([
          {
            changes: { 'answer.instructions': { kind: 'text', text: `Sort it, way ${round}.` } },
            origin: 'mine',
          },
        ]);
        if (admission?.status !== 'admitted') return seed;
        await evaluate(admission.candidate, validation).catch(() => undefined);
        if (round % 100 === 0) yield { type: 'notice', message: `round ${round}` };
      }
    },
  };
  const { report } = await finishTriage({ optimizer: deaf, changes: { budget: { calls: 150 } } });
  expect(report.stopReason).toBe('calls');
  expect(report.notices).toContainEqual(expect.stringContaining('"mine" went on asking'));
  expect(report.sealedTest?.rows).toBe(20);
});

test('a candidate that an optimizer accepts and never had admitted is said, and nothing is accepted', async () => {
  const stranger: Optimizer = {
    ...plain,
    async *optimize({ seed }) {
      yield { type: 'candidate-accepted', candidate: anything('0123456789abcdef'), mean: 1, note: 'mine' };
      return seed;
    },
  };
  const { report } = await finishTriage({ optimizer: stranger });
  expect(report.notices).toContainEqual(expect.stringContaining('never admitted'));
});

describe('a scorer that gives what is no score loses that row, and says which and why', () => {
  const giving = (score: unknown): Scorer => ({
    name: 'mine',
    version: '1',
    passFail: false,
    score: ({ example }) => (example.id === 'row-1' ? anything(score) : { status: 'scored', value: 1 }),
  });
  test.each<{ what: string; score: unknown; reason: string }>([
    { what: 'NaN', score: { status: 'scored', value: Number.NaN }, reason: 'no number from 0 to 1' },
    { what: '2', score: { status: 'scored', value: 2 }, reason: 'no number from 0 to 1' },
    { what: 'a text', score: { status: 'scored', value: 'good' }, reason: 'no number from 0 to 1' },
    { what: 'a bare number', score: 1, reason: 'neither "scored" nor "unscored"' },
    { what: 'nothing', score: undefined, reason: 'neither "scored" nor "unscored"' },
    { what: 'no reason', score: { status: 'unscored' }, reason: 'without a reason' },
    {
      what: 'an objective of 3',
      score: { status: 'scored', value: 1, objectives: { short: 3 } },
      reason: 'its objective "short"',
    },
    { what: 'a value whose getter throws', score: throwing('status'), reason: 'out of order' },
  ])('$what', async ({ score, reason }) => {
    await using store = await openMemoryStore();
    const evaluation = await evaluate({
      program: triage,
      dataset: triageExamples(3),
      scorer: giving(score),
      model: triageModel(),
      store,
    }).result();
    expect(evaluation.summaries[0]).toMatchObject({ rows: 2, infrastructureErrors: 1, mean: 1 });
    const rows = [];
    for await (const { outcome } of evaluation.results()) rows.push(outcome);
    expect(rows[1]).toMatchObject({
      status: 'infrastructure-error',
      code: 'HONE_SCORER_FAILED',
      reason: expect.stringMatching(new RegExp(`Scorer "mine" .*row row-1: .*${reason}`)),
    });
  });

  test('the mean of nothing is no number, and where no row has a score there is no winner', async () => {
    const none = scorer('none', () => null);
    const { report, verdict } = await finishTriage({ optimizer: plain, changes: { scorer: none } });
    expect(verdict).not.toBe('improved');
    expect(report.candidates.map(({ mean }) => mean)).toEqual([undefined]);
    const share = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const ofNothing = scorer('share', () => share([]));
    await expect(finishTriage({ optimizer: plain, changes: { scorer: ofNothing } })).rejects.toMatchObject({
      code: 'HONE_SCORER_FAILED',
      message: expect.stringContaining('but NaN'),
    });
  });
});

describe('a program whose code is at fault', () => {
  const run = async (forward: unknown) => {
    await using store = await openMemoryStore();
    const evaluation = await evaluate({
      program: { ...triage, forward: anything<typeof triage.forward>(forward) },
      dataset: triageExamples(3),
      scorer: triageScorer,
      model: triageModel(),
      store,
    }).result();
    const outcomes = [];
    for await (const { outcome } of evaluation.results()) outcomes.push(outcome);
    return outcomes;
  };

  test.each<{ what: string; prediction: unknown; message: string }>([
    { what: 'nothing', prediction: undefined, message: '`forward` gave undefined' },
    { what: 'its bare outputs', prediction: { queue: 'billing' }, message: 'the `trace` of its prediction' },
    {
      what: 'an unknown status',
      prediction: { status: 'ok', outputs: {}, trace: [] },
      message: "the `status` of its prediction is 'ok'",
    },
    {
      what: 'outputs that are a text',
      prediction: { status: 'completed', outputs: 'billing', trace: [] },
      message: 'the `outputs` of its prediction',
    },
  ])('ends the evaluation when forward gives $what', async ({ prediction, message }) => {
    await expect(run(async () => prediction)).rejects.toMatchObject({
      code: 'HONE_PROGRAM_FAILED',
      message: expect.stringContaining(message),
    });
  });

  test('fails its rows when it throws, at once or later, with the message as feedback', async () => {
    const failures = [
      () => {
        throw new TypeError('no index');
      },
      async () => {
        throw new TypeError('no index');
      },
    ];
    for (const forward of failures) {
      expect(await run(forward)).toEqual(
        Array.from({ length: 3 }, () => ({ status: 'failed', value: 0, feedback: 'no index', text: '' })),
      );
    }
  });

  test('fails its rows when what it gives cannot be written down', async () => {
    const odd = (outputs: unknown) =>
      program('odd', { signature: triage.signature, steps: { triage } }, async () =>
        anything<{ queue: 'billing' }>(outputs),
      );
    const circular: Record<string, unknown> = { queue: 'billing' };
    circular.self = circular;
    const getter = Object.assign(throwing('note'), { queue: 'billing' });
    for (const outputs of [circular, getter, { queue: 1n }]) {
      const prediction = await odd(outputs).forward({ ticket: '#001 x' }, { model: triageModel() });
      expect(prediction).toMatchObject({ status: 'failed', text: '' });
    }
  });
});

test.each<{ what: string; reply: unknown }>([
  { what: 'nothing', reply: undefined },
  { what: 'a bare text', reply: 'billing' },
  { what: 'a text that is none', reply: { text: 7, finishReason: 'stop', usage: {}, latencyMs: 0 } },
  { what: 'a getter that throws', reply: throwing('text') },
])('a model that answers $what loses its rows with a code that names it', async ({ reply }) => {
  await using store = await openMemoryStore();
  const model: Model = { ...scriptedModel({ replies: ['x'] }), generate: async () => anything(reply) };
  // Nobody waits between retries.
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => systemClock.sleep(ms > 60_000 ? ms : 1, signal),
  };
  const dataset = triageExamples(3);
  const run = evaluate({ program: triage, dataset, scorer: triageScorer, model, store, clock });
  const error = await run.result().then(
    async (evaluation) => {
      for await (const { outcome } of evaluation.results()) return outcome;
      return undefined;
    },
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
});

test('a need that is not met is refused before anything is asked', async () => {
  const needing = (needs: Partial<Optimizer['needs']>) => ({ ...plain, needs: { ...plain.needs, ...needs } });
  const cases = [
    { needs: { preference: true }, message: 'no model was given that judges' },
    { needs: { reflectionModel: true }, message: 'asks a reflection model' },
    {
      needs: { feedback: true },
      message: 'learns from feedback',
      changes: { scorer: scorer('mine', () => 1) },
    },
    { needs: { parameters: ['number'] as const }, message: 'sets number parameters' },
  ];
  for (const { needs, message, changes } of cases) {
    const error = await refused({ optimizer: needing(needs), changes });
    expect(error).toMatchObject({ code: 'HONE_OPTION_INVALID', message: expect.stringContaining(message) });
    expect(error.asked).toEqual([]);
  }
  const judge = scriptedModel({ replies: ['x'] });
  const met = await finishTriage({
    optimizer: needing({ preference: true, reflectionModel: true, feedback: true }),
    changes: { models: { judge, reflection: judge } },
  });
  expect(met.report.stopReason).toBe('done');
});

test('the parts that a run is made of stay as they were given', async () => {
  const rows = triageExamples(80);
  const before = structuredClone(rows);
  await finishTriage({ optimizer: labeledFewShot({ demos: 4 }), changes: { dataset: rows } });
  expect(rows).toEqual(before);
  expect(Object.isFrozen(rows[0])).toBe(false);
});
