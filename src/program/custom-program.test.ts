import { describe, expect, expectTypeOf, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedModelOptions, scriptedModel } from '../testing/scripted-model.ts';
import { program } from './custom-program.ts';
import { predict } from './predict.ts';

const books = ['Ada wrote notes.', 'Grace found a moth.'];
const find = (query: string) => books.filter((text) => text.toLowerCase().includes(query.toLowerCase()));

const search = predict(signature('question -> query'), { name: 'search' });
const answer = predict(signature('question, passages: string[] -> answer'), { name: 'answer' });

function lookUp(changes: { readonly version?: string; readonly find?: typeof find } = {}) {
  const { version, find: look = find } = changes;
  return program(
    'look-up',
    { signature: signature('question -> answer'), steps: { search, answer }, version },
    async ({ inputs, steps, retrieve }) => {
      const { query } = await steps.search(inputs);
      const passages = await retrieve(query, look);
      return await steps.answer({ ...inputs, passages: passages.map(String) });
    },
  );
}

const replying = (replies: ScriptedModelOptions['replies']) => scriptedModel({ replies });

describe('a program of one’s own', () => {
  test('runs its steps, and says how in its trace', async () => {
    const model = replying(['moth', 'Grace']);
    const prediction = await lookUp().forward({ question: 'Who found a moth?' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { answer: 'Grace' },
      trace: [
        { id: 'search', kind: 'predict', step: 'search', outputs: { query: 'moth' } },
        { id: 'retrieve', kind: 'retrieve', query: 'moth', passages: ['Grace found a moth.'] },
        { id: 'answer', kind: 'predict', step: 'answer', messages: [{ role: 'system' }, { role: 'user' }] },
      ],
    });
  });

  test('infers what its steps take and give', () => {
    expectTypeOf(lookUp().run).returns.resolves.toEqualTypeOf<{ readonly answer: string }>();
  });

  test('has the parameters of all its steps, and counts their calls', () => {
    const { seed, shape, calls } = lookUp();
    expect(Object.keys(seed)).toContain('search.instructions');
    expect(Object.keys(seed)).toContain('answer.demos');
    expect(shape.steps.map(({ name }) => name)).toEqual(['search', 'answer']);
    expect(calls(seed)).toEqual({ typical: 2, most: 4 });
    const sets = { 'search.demos': { kind: 'demos', sets: [{ demos: [] }, { demos: [] }] } } as const;
    expect(calls(sets)).toEqual({ typical: 3, most: 6 });
  });

  test('counts a step as often as it says that it asks it', () => {
    const often = program(
      'often',
      { signature: signature('question -> query'), steps: { search }, times: { search: 3 } },
      async ({ inputs, steps }) => steps.search(inputs),
    );
    expect(often.calls(often.seed)).toEqual({ typical: 3, most: 6 });
  });

  test('is another program when its code, its version or a step changes', () => {
    const versions = [
      lookUp(),
      lookUp({ version: '2' }),
      program(
        'look-up',
        { signature: signature('question -> answer'), steps: { search, answer } },
        async ({ steps, inputs }) => steps.answer({ ...inputs, passages: [] }),
      ),
    ].map(({ shape }) => shape.version);
    expect(new Set(versions).size).toBe(3);
    expect(lookUp().shape).toEqual(lookUp().shape);
  });

  test('gives asking the same thing again a draw of its own', async () => {
    const model = replying(['a', 'b']);
    const twice = program(
      'twice',
      { signature: signature('question -> query'), steps: { search } },
      async ({ inputs, steps }) => {
        await steps.search(inputs, { draw: 'first' });
        return steps.search(inputs, { draw: 'second' });
      },
    );
    const { trace } = await twice.forward({ question: 'x' }, { model, draw: '3' });
    expect(model.calls.map(({ draw }) => draw)).toEqual(['3/first', '3/second']);
    expect(trace.map(({ id }) => id)).toEqual(['search', 'search#2']);
  });

  test('keeps the order of starting in its trace when steps run at once', async () => {
    const model = scriptedModel({
      respond: async ({ messages }) => {
        const slow = String(messages.at(-1)?.content).includes('slow');
        if (slow) await new Promise((resolve) => setTimeout(resolve, 20));
        return slow ? 'slow' : 'fast';
      },
    });
    const both = program(
      'both',
      { signature: signature('question -> query'), steps: { search } },
      async ({ steps }) => {
        const asked = ['slow', 'fast'].map((question) => steps.search({ question }));
        return (await Promise.all(asked))[0] ?? { query: '' };
      },
    );
    const { trace } = await both.forward({ question: '' }, { model });
    expect(trace).toMatchObject([
      { id: 'search', outputs: { query: 'slow' } },
      { id: 'search#2', outputs: { query: 'fast' } },
    ]);
  });
});

describe('a row has failed', () => {
  const run = (given: ReturnType<typeof lookUp>, replies: readonly string[], question = 'Who?') =>
    given.forward({ question }, { model: replying(replies) });

  test('at the step whose answer cannot be read, with that answer', async () => {
    const closed = predict(signature('question -> kind: "person" | "place"'), { name: 'kind' });
    const given = program(
      'kinds',
      { signature: signature('question -> query'), steps: { closed, search } },
      async ({ inputs, steps }) => {
        await steps.search(inputs);
        await steps.closed(inputs);
        return { query: 'never' };
      },
    );
    const prediction = await given.forward({ question: 'Who?' }, { model: replying(['Ada', 'mu', 'mu']) });
    expect(prediction).toMatchObject({ status: 'failed', step: 'kind', text: 'mu' });
    expect(prediction.trace.map(({ id }) => id)).toEqual(['search', 'kind']);
  });

  test('when its own code throws, with the message and the steps before', async () => {
    const broken = lookUp({
      find: () => {
        throw new TypeError('books is not iterable');
      },
    });
    const prediction = await run(broken, ['moth']);
    expect(prediction).toMatchObject({ status: 'failed', reason: 'books is not iterable', text: '' });
    expect(prediction).not.toHaveProperty('step');
    expect(prediction.trace).toMatchObject([{ step: 'search' }]);
    await expect(broken.run({ question: 'Who?' }, { model: replying(['moth']) })).rejects.toThrow(TypeError);
  });

  test('when its code leaves an output out', async () => {
    const given = program(
      'empty',
      { signature: signature('question -> query'), steps: { search } },
      async () => ({}) as { query: string },
    );
    expect(await given.forward({ question: 'x' })).toMatchObject({
      status: 'failed',
      reason: 'The program "empty" gave no "query".',
    });
  });

  test('unless the infrastructure failed: that is thrown, also as the cause of another error', async () => {
    const fault = new HoneError('The index is down.', { code: 'HONE_SERVICE_UNAVAILABLE' });
    const wrapped = lookUp({
      find: () => {
        throw new Error('No passages.', { cause: fault });
      },
    });
    await expect(run(wrapped, ['moth'])).rejects.toThrow('No passages.');
    const down = scriptedModel({
      replies: ['x'],
      failures: [new HoneError('x', { code: 'HONE_MODEL_SERVER' })],
    });
    await expect(lookUp().forward({ question: 'x' }, { model: down })).rejects.toMatchObject({
      code: 'HONE_MODEL_SERVER',
    });
  });
});

describe('roles', () => {
  const step = predict(signature('text -> label'), { name: 'label', models: ['task', 'large'] });
  const large = { 'label.model': { kind: 'choice', value: 'large' } } as const;

  test('are a parameter of a step that may ask several models', async () => {
    expect(step.shape.parameters.find(({ part }) => part === 'model')).toMatchObject({
      name: 'label.model',
      kind: 'choice',
      options: ['task', 'large'],
    });
    const models = { task: replying(['small']), large: replying(['big']) };
    expect(await step.run({ text: 'x' }, { models })).toEqual({ label: 'small' });
    expect(await step.run({ text: 'x' }, { models, candidate: large })).toEqual({ label: 'big' });
  });

  test('that nobody fills are named before anything is asked', async () => {
    const run = step.run({ text: 'x' }, { model: replying(['x']), candidate: large });
    await expect(run).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining('"large"'),
    });
  });
});

test('a temperature can be a parameter, and is what the step asks with', async () => {
  const step = predict(signature('text -> label'), { parameters: ['temperature'], temperature: 0.3 });
  expect(step.seed['answer.temperature']).toEqual({ kind: 'number', value: 0.3 });
  const model = replying(['x']);
  await step.run(
    { text: 'x' },
    { model, candidate: { 'answer.temperature': { kind: 'number', value: 0.9 } } },
  );
  expect(model.calls[0]?.request.temperature).toBe(0.9);
});

test('an answer that cannot be read is not asked again where that is not allowed', async () => {
  const step = predict(signature('text -> age: integer'));
  const model = replying(['none', '36']);
  const prediction = await step.forward({ text: 'x' }, { model, reask: false });
  expect([prediction.status, model.callCount]).toEqual(['failed', 1]);
});
