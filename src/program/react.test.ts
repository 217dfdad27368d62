import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import type { Message, ModelRequest } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
import { react } from './react.ts';
import { render } from './render-program.ts';
import { tool } from './tool.ts';

const add = tool(
  'add',
  {
    description: 'Adds two numbers.',
    input: z.object({ left: z.number().describe('The first one.'), right: z.number() }),
  },
  ({ left, right }) => {
    expectTypeOf(left).toEqualTypeOf<number>();
    return left + right;
  },
);
const fail = tool('fail', { description: 'Fails.' }, () => {
  throw new Error('out of order');
});
const task = signature('question -> answer: number, why?', { instructions: 'Do the sum.' });
const sum = { question: 'What is 2 + 3?' };

const calls = (...made: readonly (readonly [string, object | string])[]): ScriptedReply => ({
  toolCalls: made.map(([name, given], index) => ({
    id: `id-${index}`,
    name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  })),
  finishReason: 'tool-calls',
});
const submit = (answer: unknown) => calls(['submit', { answer }]);

/** A model that has tools of its own. */
function native(replies: readonly ScriptedReply[]) {
  const model = scriptedModel({ replies });
  return { ...model, capabilities: { ...model.capabilities, tools: true }, asked: model.calls };
}
/** One that has none. */
function plain(given: Parameters<typeof scriptedModel>[0]) {
  const model = scriptedModel(given);
  return { ...model, capabilities: { ...model.capabilities, tools: false }, asked: model.calls };
}
const requestsOf = (model: ReturnType<typeof native>) => model.asked.map(({ request }) => request);
const contents = ({ messages }: Pick<ModelRequest, 'messages'>) =>
  messages.map(({ content }) => String(content));

describe('an agent', () => {
  test('calls a tool, sees what it gives, and submits typed outputs', async () => {
    const model = native([calls(['add', { left: 2, right: 3 }]), submit(5)]);
    const agent = react(task, { tools: [add] });
    expectTypeOf(agent.run).returns.resolves.toEqualTypeOf<{
      readonly answer: number;
      readonly why?: string | undefined;
    }>();
    expect(await agent.forward(sum, { model })).toMatchObject({
      status: 'completed',
      outputs: { answer: 5 },
      trace: [
        { kind: 'predict', id: 'agent', inputs: sum },
        { kind: 'tool', id: 'add', name: 'add', arguments: { left: 2, right: 3 }, result: 5, from: 'agent' },
        { kind: 'predict', id: 'agent#2', outputs: { answer: 5 } },
      ],
    });
    const [first, second] = requestsOf(model);
    expect(first?.tools?.map(({ name }) => name)).toEqual(['add', 'submit']);
    expect(first?.tools?.[1]?.parameters).toMatchObject({ required: ['answer', 'why'] });
    expect(second?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', toolCalls: [{ id: 'id-0', name: 'add' }] },
      { role: 'tool', toolCallId: 'id-0', content: '5' },
    ]);
  });

  test('gives a tool whose time is longer than any timer its time', async () => {
    const slow = tool('slow', { description: 'Takes a while.', timeoutMs: 2 ** 31 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 5;
    });
    const { trace } = await react(task, { tools: [slow] }).forward(sum, {
      model: native([calls(['slow', {}]), submit(5)]),
    });
    expect(trace[1]).toMatchObject({ kind: 'tool', result: 5 });
  });

  test.each<[string, () => unknown, string | RegExp]>([
    [
      'an error that throws when it is asked',
      () => {
        throw Object.defineProperty(new Error('a'), 'message', {
          get: (): never => {
            throw new Error('b');
          },
        });
      },
      /^Error: /,
    ],
    [
      'what cannot be written',
      () => {
        throw {
          get cause(): never {
            throw new Error('cause');
          },
          toString(): never {
            throw new Error('text');
          },
        };
      },
      'Error: Something was thrown that has no message.',
    ],
    ['a map', () => new Map([['a', 1]]), /^Error: JSON cannot say Map\(1\)/],
    ['a map inside', () => ({ found: [new Set([1])] }), /^Error: JSON cannot say Set\(1\)/],
    ['an error as its result', () => new Error('no'), /^Error: JSON cannot say Error: no/],
    ['a number that is none', () => ({ mean: Number.NaN }), '{"mean":"NaN"}'],
    ['nothing', () => undefined, 'null'],
    ['pairs that are cut', () => '😀'.repeat(80), `${'😀'.repeat(50)} … (60 more characters)`],
    ['pairs that would be halved', () => `a${'😀'.repeat(80)}`, `a${'😀'.repeat(49)} … (62 more characters)`],
  ])('says what it can of a tool that gives %s', async (_, give, told) => {
    const odd = tool('odd', { description: 'Is odd.' }, give);
    const model = native([calls(['odd', {}]), submit(5)]);
    const agent = react(task, { tools: [odd], resultCharacters: 100 });
    expect(await agent.forward(sum, { model })).toMatchObject({ status: 'completed' });
    const [said = ''] = contents(requestsOf(model)[1] ?? { messages: [] }).slice(-1);
    if (typeof told === 'string') expect(said).toBe(told);
    else expect(said).toMatch(told);
  });

  test('ends a check of arguments that hangs, and tells of one that throws', async () => {
    const input = (refine: () => boolean | Promise<boolean>) => z.object({ a: z.string().refine(refine) });
    const hangs = tool(
      'hangs',
      { description: 'd', timeoutMs: 20, input: input(() => new Promise(() => {})) },
      () => 1,
    );
    const throws = tool(
      'throws',
      {
        description: 'd',
        input: input(() => {
          throw new Error('no such table');
        }),
      },
      () => 1,
    );
    const model = native([calls(['hangs', { a: '1' }], ['throws', { a: '1' }]), submit(5)]);
    const { trace } = await react(task, { tools: [hangs, throws] }).forward(sum, { model });
    expect(trace.slice(1, 3)).toMatchObject([
      { error: 'No result within 20 ms.' },
      { error: 'no such table' },
    ]);
  });

  test('makes the calls of one round at once, at most so many, and keeps their order', async () => {
    let running = 0;
    let most = 0;
    const wait = tool(
      'wait',
      { description: 'Waits.', input: { type: 'object' } as const },
      async ({ turns }) => {
        running += 1;
        most = Math.max(most, running);
        for (let turn = 0; turn < Number(turns); turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return turns;
      },
    );
    const round = [5, 1, 3, 0].map((turns) => ['wait', { turns }] as const);
    const model = native([calls(...round), submit(1)]);
    const { trace } = await react(task, { tools: [wait], parallel: 2 }).forward(sum, { model });
    expect(most).toBe(2);
    expect(trace.filter(({ kind }) => kind === 'tool')).toMatchObject([
      { result: 5 },
      { result: 1 },
      { result: 3 },
      { result: 0 },
    ]);
    expect(trace.map(({ id }) => id)).toEqual(['agent', 'wait', 'wait#2', 'wait#3', 'wait#4', 'agent#2']);
  });

  test.each<{ what: string; reply: ScriptedReply; told: RegExp }>([
    {
      what: 'an unknown tool',
      reply: calls(['multiply', {}]),
      told: /no tool "multiply". There are: add, fail, submit/,
    },
    { what: 'arguments that are no JSON', reply: calls(['add', '{"left": 2,']), told: /no JSON object/ },
    {
      what: 'arguments of the wrong type',
      reply: calls(['add', { left: 'two', right: 3 }]),
      told: /do not fit: at left/,
    },
    { what: 'an error of a tool', reply: calls(['fail', {}]), told: /^Error: out of order$/ },
    { what: 'an answer of the wrong type', reply: submit('many'), told: /cannot be submitted: answer/ },
    { what: 'an answer without a field', reply: calls(['submit', { why: 'so' }]), told: /answer is missing/ },
  ])('is told of $what, and goes on', async ({ reply, told }) => {
    const model = native([reply, submit(5)]);
    expect(await react(task, { tools: [add, fail] }).run(sum, { model })).toEqual({ answer: 5 });
    expect(contents(requestsOf(model)[1] as ModelRequest).at(-1)).toMatch(told);
  });

  test('fails the row at an error of a tool where that is asked for, but not at its own', async () => {
    const agent = react(task, { tools: [add, fail], onToolError: 'fail' });
    expect(await agent.forward(sum, { model: native([calls(['fail', {}])]) })).toMatchObject({
      status: 'failed',
      reason: 'The tool "fail" failed: out of order',
      step: 'agent',
    });
    expect(await agent.run(sum, { model: native([calls(['nothing', {}]), submit(5)]) })).toEqual({
      answer: 5,
    });
  });

  test('takes an optional output that is null for one that is absent', async () => {
    const model = native([calls(['submit', { answer: 5, why: null }])]);
    expect(await react(task, { tools: [add] }).run(sum, { model })).toEqual({ answer: 5 });
  });
});

describe('its bounds', () => {
  test('rounds: then it may only submit', async () => {
    const model = native([
      calls(['add', { left: 1, right: 1 }]),
      calls(['add', { left: 1, right: 2 }]),
      submit(3),
    ]);
    const agent = react(task, { tools: [add], mostSteps: 2 });
    expect(await agent.run(sum, { model })).toEqual({ answer: 3 });
    expect(requestsOf(model)[2]?.tools?.map(({ name }) => name)).toEqual(['submit']);
    expect(contents(requestsOf(model)[2] as ModelRequest).at(-1)).toMatch(/^No steps are left/);
    expect(agent.calls(agent.seed)).toEqual({ typical: 2, most: 3 });
  });

  test('an answer that never comes fails the row, with what was said last', async () => {
    const model = native([calls(['add', { left: 1, right: 1 }]), submit('many')]);
    expect(await react(task, { tools: [add], mostSteps: 1 }).forward(sum, { model })).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^No answer was submitted in 1 steps. this cannot be submitted/),
      text: expect.stringContaining('many'),
      trace: [{}, { kind: 'tool' }, {}],
    });
  });

  test('the same call again and again', async () => {
    let times = 0;
    const look = tool('look', { description: 'Looks.' }, () => `nothing ${++times}`);
    const again = calls(['look', {}]);
    const model = native([again, again, again, again, submit(0)]);
    const { trace } = await react(task, { tools: [look], mostRepeats: 2 }).forward(sum, { model });
    expect(times).toBe(2);
    expect(trace.filter(({ kind }) => kind === 'tool').map((step) => 'error' in step)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('the time of a tool, whose signal is aborted', async () => {
    let aborted = false;
    const stall = tool('stall', { description: 'Stalls.', timeoutMs: 10 }, (_given, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => undefined);
    });
    const model = native([calls(['stall', {}]), submit(1)]);
    const { trace } = await react(task, { tools: [stall] }).forward(sum, { model });
    expect(trace).toMatchObject([{}, { error: 'No result within 10 ms.' }, { outputs: { answer: 1 } }]);
    expect(aborted).toBe(true);
  });

  test('an abort ends a tool under way', async () => {
    const controller = new AbortController();
    const stall = tool('stall', { description: 'Stalls.' }, () => {
      controller.abort(new Error('enough'));
      return new Promise(() => undefined);
    });
    const run = react(task, { tools: [stall] }).run(sum, {
      model: native([calls(['stall', {}])]),
      signal: controller.signal,
    });
    await expect(run).rejects.toThrow('enough');
  });

  test('a long result is cut, and says so', async () => {
    const long = tool('long', { description: 'Long.' }, () => 'x'.repeat(500));
    const model = native([calls(['long', {}]), submit(1)]);
    const { trace } = await react(task, { tools: [long], resultCharacters: 100 }).forward(sum, { model });
    expect(contents(requestsOf(model)[1] as ModelRequest).at(-1)).toBe(
      `${'x'.repeat(100)} … (400 more characters)`,
    );
    expect(trace[1]).toMatchObject({ result: 'x'.repeat(500) });
  });
});

describe('its history', () => {
  const page = tool(
    'page',
    { description: 'Reads.', input: z.object({ number: z.number() }) },
    ({ number }) => `page ${number}: ${'word '.repeat(200)}`,
  );
  const reading = [1, 2, 3, 4].map((number) => calls(['page', { number }]));
  const isTask = (message: Message) => String(message.content).includes('What is 2 + 3?');

  test('shortens its oldest results and then its oldest rounds, never the task or the last round', async () => {
    const model = native([...reading, submit(5)]);
    await react(task, { tools: [page], historyTokens: 500 }).run(sum, { model });
    const last = requestsOf(model)[4] as ModelRequest;
    expect(last.messages.filter(isTask)).toHaveLength(1);
    expect(contents(last).at(-1)).toMatch(/^page 4: word/);
    expect(contents(last).filter((content) => /^page \d: word/.test(content))).toHaveLength(1);
    expect(contents(last).join('\n')).toMatch(
      /The result of page is left out: \d+ characters|Called were: page/,
    );
  });

  test('keeps calls and results together, however much is left out', async () => {
    const model = native([...reading, submit(5)]);
    await react(task, { tools: [page], historyTokens: 100 }).run(sum, { model });
    for (const { messages } of requestsOf(model)) {
      const asked = messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id));
      const answered = messages.flatMap(({ toolCallId }) => (toolCallId === undefined ? [] : [toolCallId]));
      expect(answered).toEqual(asked);
    }
    expect(contents(requestsOf(model)[4] as ModelRequest)[1]).toMatch(
      /What is 2 \+ 3\?[\s\S]*The first 3 rounds are left out here. Called were: page, page, page/,
    );
  });

  test('is shortened when the provider says that it is too long, and ends where it cannot be', async () => {
    const overflow = new HoneError('too long', { code: 'HONE_MODEL_CONTEXT_OVERFLOW' });
    const base = scriptedModel({
      replies: [...reading, submit(5)],
      failures: [undefined, undefined, undefined, undefined, overflow],
    });
    const model = { ...base, capabilities: { ...base.capabilities, tools: true } };
    expect(await react(task, { tools: [page] }).run(sum, { model })).toEqual({ answer: 5 });
    const never = scriptedModel({ replies: ['x'], failures: [overflow, overflow, overflow] });
    await expect(react(task, { tools: [page] }).run(sum, { model: never })).rejects.toBe(overflow);
  });
});

describe('a model without tools', () => {
  const form = (name: string, given: object) => JSON.stringify({ tool: name, arguments: given });

  test('is told of them in words, and calls them in JSON, several at once', async () => {
    const model = plain({
      replies: [
        `Let me see. ${form('add', { left: 2, right: 3 })} and ${form('add', { left: 1, right: 1 })}`,
        form('submit', { answer: 5 }),
      ],
    });
    const prediction = await react(task, { tools: [add] }).forward(sum, { model });
    expect(prediction).toMatchObject({
      outputs: { answer: 5 },
      trace: [{}, { result: 5 }, { result: 2 }, {}],
    });
    const [first, second] = model.asked.map(({ request }) => request);
    expect(first?.tools).toBeUndefined();
    expect(contents(first as ModelRequest)[0]).toMatch(
      /- add: Adds two numbers\. Arguments: .*The first one/,
    );
    expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'user']);
    expect(contents(second as ModelRequest).slice(-2)).toEqual(['Result of add:\n5', 'Result of add:\n2']);
  });

  test('that just answers is taken at its word when it is asked to submit', async () => {
    const model = plain({ replies: ['I think that it is five.', '{"answer": 5}'] });
    expect(await react(task, { tools: [add] }).run(sum, { model })).toEqual({ answer: 5 });
    expect(contents(model.asked[1]?.request as ModelRequest).at(-1)).toBe(
      'Call "submit" now with your best answer.',
    );
  });

  test('that says nothing leaves no empty message behind', async () => {
    const model = native([{ text: '', finishReason: 'stop' }, submit(5)]);
    expect(await react(task, { tools: [add] }).run(sum, { model })).toEqual({ answer: 5 });
    expect(requestsOf(model)[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'user']);
  });

  test('can be asked so although it has tools, and not natively where it has none', async () => {
    const model = native([form('submit', { answer: 1 })]);
    expect(await react(task, { tools: [add], calls: 'text' }).run(sum, { model })).toEqual({ answer: 1 });
    const none = plain({ replies: ['x'] });
    await expect(
      react(task, { tools: [add], calls: 'native' }).run(sum, { model: none }),
    ).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
    });
  });
});

describe('its parameters', () => {
  const agent = react(task, { tools: [add], name: 'desk' });

  test('are its instructions, its tools and their arguments, and are what is sent', async () => {
    expect(agent.shape.parameters.map(({ name, kind }) => [name, kind])).toEqual([
      ['desk.instructions', 'text'],
      ['desk.tools.add.description', 'text'],
      ['desk.tools.add.arguments.left', 'text'],
    ]);
    const model = native([submit(5)]);
    await agent.run(sum, {
      model,
      candidate: {
        'desk.instructions': { kind: 'text', text: 'Never guess.' },
        'desk.tools.add.description': { kind: 'text', text: 'Sums.' },
        'desk.tools.add.arguments.left': { kind: 'text', text: 'One.' },
      },
    });
    const [request] = requestsOf(model);
    expect(contents(request as ModelRequest)[0]).toMatch(/^Never guess\./);
    expect(request?.tools?.[0]).toMatchObject({
      description: 'Sums.',
      parameters: { properties: { left: { type: 'number', description: 'One.' } } },
    });
  });

  test('are shown by its trace, and not guessed before it runs', () => {
    expect(() => render(agent, { inputs: sum })).toThrow(/step "desk" sends is not known before it runs/);
  });

  test('rows at once do not mix', async () => {
    const model = plain({
      respond: ({ messages }) => {
        const number = Number(/sum (\d+)/u.exec(contents({ messages }).join(' '))?.[1]);
        const last = messages.at(-1);
        return last?.role === 'user' && !String(last.content).startsWith('Result')
          ? JSON.stringify({ tool: 'add', arguments: { left: number, right: 1 } })
          : JSON.stringify({
              tool: 'submit',
              arguments: { answer: Number(String(last?.content).split('\n')[1]) },
            });
      },
    });
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const all = await Promise.all(
      numbers.map((number) => agent.run({ question: `sum ${number}` }, { model })),
    );
    expect(all).toEqual(numbers.map((number) => ({ answer: number + 1 })));
  });
});

describe('what is no agent', () => {
  test.each([
    { what: 'no tools', make: () => react(task, { tools: [] }), message: /has no tools/ },
    {
      what: 'what is no tool',
      make: () => react(task, { tools: [{} as never] }),
      message: /Tool 1 .* is none/,
    },
    {
      what: 'two of one name',
      make: () => react(task, { tools: [add, add] }),
      message: /Two tools .* "add"/,
    },
    {
      what: 'a tool called submit',
      make: () => react(task, { tools: [tool('submit', { description: 'x' }, () => 1)] }),
      message: /called "submit"/,
    },
    { what: 'no round', make: () => react(task, { tools: [add], mostSteps: 0 }), message: /mostSteps/ },
    {
      what: 'a name that is none',
      make: () => tool('a b', { description: 'x' }, () => 1),
      message: /can be no tool/,
    },
    {
      what: 'no description',
      make: () => tool('a', { description: ' ' }, () => 1),
      message: /needs a description/,
    },
    {
      what: 'a schema that is none',
      make: () =>
        tool(
          'a',
          { description: 'x', input: { type: 'object', properties: { a: { type: 'word' } } } },
          () => 1,
        ),
      message: /no JSON Schema that can be checked/,
    },
    {
      what: 'an input that is no object',
      make: () => tool('a', { description: 'x', input: z.string() }, () => 1),
      message: /is no object/,
    },
  ])('is refused: $what', ({ make, message }) => {
    expect(make).toThrow(message);
  });

  test('a service that is away loses the row', async () => {
    const away = tool('away', { description: 'x' }, () => {
      throw new HoneError('down', { code: 'HONE_SERVICE_UNAVAILABLE' });
    });
    const run = react(task, { tools: [away] }).run(sum, { model: native([calls(['away', {}])]) });
    await expect(run).rejects.toMatchObject({ code: 'HONE_SERVICE_UNAVAILABLE' });
  });

  test('a refusal is a failure that says so', async () => {
    const model = native([{ text: '', refusal: 'I may not.', finishReason: 'stop' }]);
    expect(await react(task, { tools: [add] }).forward(sum, { model })).toMatchObject({
      status: 'failed',
      fault: 'refusal',
      reason: expect.stringContaining('I may not.'),
    });
  });
});
