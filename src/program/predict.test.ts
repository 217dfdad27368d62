import { describe, expect, test } from 'vitest';
import type { Candidate, Demo } from '../prompt/candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { predict } from './predict.ts';
import { callsOf } from './trace.ts';

const choose = predict(
  signature('ticket -> queue: "billing" | "access"', { instructions: 'Sort the ticket.' }),
);
const extract = predict(signature('text -> name, age: integer'));

const demo = (ticket: string, queue: string, source?: string): Demo => ({
  inputs: { ticket },
  outputs: { queue },
  ...(source !== undefined && { source }),
});

function demoSets(...sets: readonly (readonly Demo[])[]): Candidate {
  return { 'answer.demos': { kind: 'demos', sets: sets.map((demos) => ({ demos })) } };
}

describe('a step', () => {
  test('has a seed with every parameter of its shape, named after the step', () => {
    expect(Object.keys(choose.seed)).toEqual([
      'answer.instructions',
      'answer.demos',
      'answer.format',
      'answer.calibration',
    ]);
    expect(choose.shape.parameters.map(({ name }) => name)).toEqual(Object.keys(choose.seed));
    const named = predict(signature('text -> summary'), { name: 'sum', userTemplate: 'Sum up: {{text}}' });
    expect(Object.keys(named.seed)).toEqual(['sum.instructions', 'sum.user', 'sum.demos', 'sum.format']);
  });

  test('offers the layout of a channel to a closed choice alone', () => {
    const formatsOf = ({ shape }: typeof choose | typeof extract) =>
      shape.parameters.find(({ kind }) => kind === 'choice')?.options;
    expect(formatsOf(choose)).toEqual(['chat', 'json', 'completion', 'channel']);
    expect(formatsOf(extract)).toEqual(['chat', 'json', 'completion']);
  });

  test('names the inputs that are missing, before anything is asked', async () => {
    const model = scriptedModel({ replies: ['x'] });
    const program = predict(signature('question, context, hint? -> answer'));
    await expect(program.run({ question: 'Why?' } as never, { model })).rejects.toMatchObject({
      code: 'HONE_FIELD_MISSING',
      message: 'The input "context" is missing.',
    });
    expect(model.callCount).toBe(0);
  });

  test('takes what a candidate leaves out from the seed', async () => {
    const model = scriptedModel({ replies: ['billing'] });
    const candidate: Candidate = { 'answer.instructions': { kind: 'text', text: 'Sort it well.' } };
    await choose.run({ ticket: 'My bill' }, { model, candidate });
    const [system, user] = model.calls[0]?.request.messages ?? [];
    expect(system?.content).toContain('Sort it well.');
    expect(user?.content).toBe('Ticket: My bill');
  });

  test('passes the draw on and asks for the most likely answer by default', async () => {
    const model = scriptedModel({ replies: ['billing'] });
    await choose.run({ ticket: 'My bill' }, { model, draw: '7' });
    expect(model.calls[0]).toMatchObject({ draw: '7', request: { temperature: 0, maxOutputTokens: 1024 } });
  });

  test('stops when its signal has aborted', async () => {
    const model = scriptedModel({ replies: ['billing'] });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(choose.run({ ticket: 'My bill' }, { model, signal })).rejects.toThrow('enough');
  });
});

describe('a row that is also a demo', () => {
  const sets = demoSets([demo('My bill', 'billing', 'row-1'), demo('My key', 'access', 'row-2')]);

  test('is answered without its own answer in the prompt', async () => {
    const model = scriptedModel({ replies: ['billing'] });
    await choose.run({ ticket: 'My bill' }, { model, candidate: sets, exampleId: 'row-1' });
    const messages = model.calls[0]?.request.messages.map(({ content }) => content) ?? [];
    expect(messages.slice(1)).toEqual(['Ticket: My key', 'access', 'Ticket: My bill']);
  });

  test('is a demo for every other row, and for a call that is no row', async () => {
    const model = scriptedModel({ replies: ['billing'] });
    await choose.run({ ticket: 'Hm' }, { model, candidate: sets, exampleId: 'row-3' });
    await choose.run({ ticket: 'Hm' }, { model, candidate: sets });
    expect(model.calls.map(({ request }) => request.messages.length)).toEqual([6, 6]);
  });
});

describe('a closed choice on a model that scores', () => {
  test('is the likeliest answer, and nothing is generated', async () => {
    const model = scriptedModel({ scoreChoices: () => [-2, -1] });
    const prediction = await choose.forward({ ticket: 'My key' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { queue: 'access' },
      trace: [{ kind: 'predict', step: 'answer', choiceScores: [[-2, -1]] }],
    });
    expect(model.calls.map(({ kind, choices }) => [kind, choices])).toEqual([
      ['score-choices', ['billing', 'access']],
    ]);
  });

  test('is calibrated by the offsets of the candidate', async () => {
    const model = scriptedModel({ scoreChoices: () => [-2, -1] });
    const candidate: Candidate = {
      'answer.calibration': { kind: 'calibration', offsets: { billing: 1.5 } },
    };
    await expect(choose.run({ ticket: 'My key' }, { model, candidate })).resolves.toEqual({
      queue: 'billing',
    });
  });

  test('pools an ensemble: each demo set is asked once, by its weight', async () => {
    const model = scriptedModel({
      scoreChoices: ({ messages }) => (messages.length > 3 ? [-0.1, -3] : [-2, -0.3]),
    });
    const ensemble = (weight: number): Candidate => ({
      'answer.demos': {
        kind: 'demos',
        sets: [{ demos: [] }, { demos: [demo('My bill', 'billing')], weight }],
      },
    });
    const ask = (weight: number) => choose.run({ ticket: 'Hm' }, { model, candidate: ensemble(weight) });
    expect([await ask(1), await ask(0.1)]).toEqual([{ queue: 'billing' }, { queue: 'access' }]);
    expect(model.callCount).toBe(4);
  });

  test('asks a channel once for each answer, with the row as what is scored', async () => {
    const model = scriptedModel({
      scoreChoices: ({ messages }) => [JSON.stringify(messages).includes('Queue: access') ? -4 : -9],
    });
    const candidate: Candidate = { 'answer.format': { kind: 'choice', value: 'channel' } };
    const { trace } = await choose.forward({ ticket: 'My key' }, { model, candidate });
    expect(trace).toMatchObject([{ outputs: { queue: 'access' }, choiceScores: [[-9, -4]] }]);
    expect(model.calls.map(({ choices }) => choices)).toEqual([['Ticket: My key'], ['Ticket: My key']]);
  });
});

describe('an answer that is written', () => {
  test('is read, and the trace says how', async () => {
    const model = scriptedModel({ replies: ['<name>Ada</name>\n<age>36</age>'] });
    const prediction = await extract.forward({ text: 'Ada, 36' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { name: 'Ada', age: 36 },
      trace: [{ parseStep: 'strict', text: '<name>Ada</name>\n<age>36</age>' }],
    });
  });

  test('that lacks a field is followed by one question for that field alone', async () => {
    const model = scriptedModel({ replies: ['<name>Ada</name>', '<age>36</age>'] });
    const prediction = await extract.forward({ text: 'Ada, 36' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { name: 'Ada', age: 36 },
      trace: [{ parseStep: 're-asked' }],
    });
    expect(callsOf(prediction.trace)).toHaveLength(2);
    const [assistant, question] = model.calls[1]?.request.messages.slice(-2) ?? [];
    expect(assistant).toEqual({ role: 'assistant', content: '<name>Ada</name>' });
    expect(question?.content).toContain('Age');
    expect(question?.content).not.toContain('Name');
  });

  test('that still lacks the field is a failure with the first raw answer, not a third question', async () => {
    const model = scriptedModel({ replies: ['<name>Ada</name>', 'No idea.', 'never'] });
    await expect(extract.forward({ text: 'Ada' }, { model })).resolves.toMatchObject({
      status: 'failed',
      text: '<name>Ada</name>',
    });
    expect(model.callCount).toBe(2);
  });

  test.each([
    {
      what: 'cut off',
      reply: { text: '<name>Ada</na', finishReason: 'length' as const },
      reason: /cut off by the limit on output tokens/,
    },
    { what: 'empty', reply: '', reason: /is empty/ },
  ])('that is $what is a failure without a second question', async ({ reply, reason }) => {
    const model = scriptedModel({ replies: [reply] });
    await expect(extract.forward({ text: 'Ada' }, { model })).resolves.toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(reason),
    });
    expect(model.callCount).toBe(1);
  });

  test('that cannot be used makes run() throw, with the answer as a fact', async () => {
    const model = scriptedModel({ replies: ['I am sorry.'] });
    await expect(extract.run({ text: 'Ada' }, { model })).rejects.toMatchObject({
      code: 'HONE_OUTPUT_UNPARSABLE',
      facts: { text: 'I am sorry.' },
    });
  });

  test('of an ensemble goes by majority where it is closed', async () => {
    const model = scriptedModel({ replies: ['access', 'billing', 'billing'] });
    const candidate = demoSets([], [demo('A', 'billing')], [demo('B', 'billing')]);
    await expect(choose.run({ ticket: 'Hm' }, { model, candidate })).resolves.toEqual({ queue: 'billing' });
  });

  test('of an ensemble goes to the earlier set on a tie, unreadable answers having no vote', async () => {
    const model = scriptedModel({
      respond: ({ messages }) => {
        const text = messages.map(({ content }) => content).join();
        return text.includes('Ticket: B') ? 'access' : text.includes('Ticket: A') ? 'billing' : '???';
      },
    });
    const candidate = demoSets([], [demo('A', 'billing')], [demo('B', 'billing')]);
    await expect(choose.run({ ticket: 'Hm' }, { model, candidate })).resolves.toEqual({ queue: 'billing' });
  });

  test('of an ensemble is the first set’s where it is open', async () => {
    const program = predict(signature('text -> summary'));
    const model = scriptedModel({ replies: ['one', 'two', 'two'] });
    const sets = [[], [], []].map(() => ({ demos: [] }));
    const candidate: Candidate = { 'answer.demos': { kind: 'demos', sets } };
    await expect(program.run({ text: 'x' }, { model, candidate })).resolves.toEqual({ summary: 'one' });
  });
});

test('a step of a single role asks that role, and is another program to every run', async () => {
  const asked = scriptedModel({ replies: ['a summary'] });
  const step = predict(signature('text -> summary'), { models: ['critic'] });
  await step.run({ text: 'x' }, { models: { task: scriptedModel({ replies: ['no'] }), critic: asked } });
  expect(asked.callCount).toBe(1);
  expect(step.shape.version).not.toBe(predict(signature('text -> summary')).shape.version);
});

describe('an answer that is sampled', () => {
  const temperatureOf = async (options: Parameters<typeof predict>[1], samplingTemperature?: number) => {
    const model = scriptedModel({ replies: ['a summary'] });
    const program = predict(signature('text -> summary'), options);
    await program.forward({ text: 'x' }, { model, draw: '1', samplingTemperature });
    return model.calls[0]?.request.temperature;
  };

  test('is asked at the sampling temperature where the step is asked at 0, else as it is', async () => {
    expect(await temperatureOf({})).toBe(0);
    expect(await temperatureOf({}, 1)).toBe(1);
    expect(await temperatureOf({ temperature: 0.3 }, 1)).toBe(0.3);
  });
});
