import { createOpenAI, openai } from '@ai-sdk/openai';
import { generateText, type LanguageModel, stepCountIs, streamText, ToolLoopAgent, tool } from 'ai';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import type { AiSdkAppCall } from '../model/provider/ai-sdk-model.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedAiSdkModel, scriptedAiSdkModel } from '../testing/scripted-ai-sdk-model.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { appProgram } from './app-program.ts';
import { wrapModel } from './wrap-model.ts';

// The AI SDK tells of V2 models that it asks them in a compatible way.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

const own = 'Sort the ticket: billing or refunds.';
const better = 'Money back is refunds, everything else billing. One word.';

const systemOf = ({ prompt }: AiSdkAppCall) =>
  prompt.flatMap(({ role, content }) => (role === 'system' ? [String(content)] : [])).join('|');
const userOf = ({ prompt }: AiSdkAppCall) => {
  const content = prompt.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');
};

/** Knows refunds only when it is told how. */
const sorter = (version: 'v2' | 'v3' | 'v4' = 'v3') =>
  scriptedAiSdkModel({
    version,
    respond: (call) =>
      systemOf(call).includes('Money back') && userOf(call).includes('back') ? 'refunds' : 'billing',
  });

/** An app that was there before Hone. */
function triageApp(model: ReturnType<typeof wrapModel>) {
  return async ({ ticket }: { readonly ticket: string }) => {
    const { text } = await generateText({ model: model as never, system: own, prompt: ticket });
    return { category: text.trim() };
  };
}

const category = signature('ticket -> category');
const candidate = { 'triage.instructions': { kind: 'text', text: better } } as const;
const ticket = { ticket: 'I want my money back' };

function triage(base: ScriptedAiSdkModel) {
  const model = wrapModel(base, { prompt: 'triage', instructions: own });
  return appProgram('triage-app', { signature: category, models: [model] }, triageApp(model));
}

describe('an app with a wrapped model', () => {
  it.each(['v2', 'v3'] as const)('answers with the candidate that it is run with (%s)', async (version) => {
    const base = sorter(version);
    const program = triage(base);
    expect(await program.run(ticket)).toEqual({ category: 'billing' });
    expect(await program.run(ticket, { candidate })).toEqual({ category: 'refunds' });
    expect(base.calls.map(systemOf)).toEqual([own, better]);
  });

  test('keeps the version of the model, whose results are of it', async () => {
    const base = sorter('v4');
    const model = wrapModel(base, { prompt: 'triage', instructions: own });
    expect(model.specificationVersion).toBe('v4');
    const call = { prompt: [{ role: 'system', content: own }, userMessage(ticket.ticket)] } as const;
    const program = appProgram('app', { signature: category, models: [model] }, async () => {
      const { content, finishReason } = (await model.doGenerate(call as never)) as never;
      expect(finishReason).toEqual({ unified: 'stop', raw: 'stop' });
      return { category: (content as { text: string }[])[0]?.text ?? '' };
    });
    expect(await program.run(ticket, { candidate })).toEqual({ category: 'refunds' });
  });

  test('notes each prompt that it asks as a step of its own', async () => {
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: (call) => (systemOf(call) === 'Draft.' ? 'a draft' : `checked: ${userOf(call)}`),
    });
    const draft = wrapModel(base, { prompt: 'draft', instructions: 'Draft.' });
    const check = wrapModel(base, { prompt: 'check', instructions: 'Check.' });
    const program = appProgram(
      'two-steps',
      { signature: signature('topic -> text'), models: [draft, check] },
      async ({ topic }) => {
        const first = await generateText({ model: draft as never, system: 'Draft.', prompt: topic });
        const second = await generateText({ model: check as never, system: 'Check.', prompt: first.text });
        return { text: second.text };
      },
    );
    expect(program.shape.parameters.map(({ name }) => name)).toEqual([
      'draft.instructions',
      'draft.demos',
      'check.instructions',
      'check.demos',
    ]);
    const prediction = await program.forward({ topic: 'rain' });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { text: 'checked: a draft' },
      trace: [
        { kind: 'predict', step: 'draft', inputs: { prompt: 'rain' }, outputs: { reply: 'a draft' } },
        { kind: 'predict', step: 'check', inputs: { prompt: 'a draft' }, text: 'checked: a draft' },
      ],
    });
    expectTypeOf(program.run).returns.resolves.toEqualTypeOf<{ readonly text: string }>();
  });

  test('streams what was answered', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const pieces: string[] = [];
    const program = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      const stream = streamText({ model: model as never, system: own, prompt: inputs.ticket });
      for await (const piece of stream.textStream) pieces.push(piece);
      return { category: pieces.join('') };
    });
    expect(await program.run(ticket, { candidate })).toEqual({ category: 'refunds' });
    expect(pieces).toEqual(['refunds']);
  });

  test('is asked by an agent of the AI SDK, row after row and streamed, each with its own candidate', async () => {
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: (call) =>
        call.prompt.at(-1)?.role === 'tool'
          ? `${systemOf(call)}: ${JSON.stringify(call.prompt.at(-1)?.content).includes('late') ? 'late' : 'lost'}`
          : { toolCalls: [{ id: 'a', name: 'order', arguments: '{}' }] },
    });
    const agent = new ToolLoopAgent({
      model: wrapModel(base, { prompt: 'agent', instructions: 'Help.' }) as never,
      instructions: 'Help.',
      tools: { order: tool({ inputSchema: z.object({}), execute: async () => 'late' }) },
    });
    const model = wrapModel(base, { prompt: 'agent', instructions: 'Help.' });
    const program = appProgram(
      'agent-app',
      { signature: signature('ask -> reply: string[]'), models: [model], times: { agent: 4 } },
      async ({ ask }) => {
        const { text } = await agent.generate({ prompt: ask });
        const stream = await agent.stream({ prompt: ask });
        return { reply: [text, await stream.text] };
      },
    );
    const texts = Array.from({ length: 10 }, (_, index) => `Help number ${index}.`);
    const all = await Promise.all(
      texts.map((text) =>
        program.run({ ask: 'where?' }, { candidate: { 'agent.instructions': { kind: 'text', text } } }),
      ),
    );
    expect(all).toEqual(texts.map((text) => ({ reply: [`${text}: late`, `${text}: late`] })));
    expect(program.calls(program.seed).typical).toBe(4);
  });

  test('shows its demos as turns, never the one of the row itself', async () => {
    const base = sorter();
    const demos = [
      { inputs: { prompt: 'Card charged twice' }, outputs: { reply: 'billing' } },
      { inputs: { prompt: ticket.ticket }, outputs: { reply: 'refunds' }, source: 'row-1' },
    ];
    await triage(base).run(ticket, {
      candidate: { 'triage.demos': { kind: 'demos', sets: [{ demos }] } },
      exampleId: 'row-1',
    });
    expect(base.calls[0]?.prompt.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  test('notes the tools that the app ran between two calls, with their errors', async () => {
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: ({ prompt }) =>
        prompt.at(-1)?.role === 'tool'
          ? 'done'
          : {
              toolCalls: [
                { id: 'a', name: 'order', arguments: '{"number":7}' },
                { id: 'b', name: 'broken', arguments: '{}' },
              ],
            },
    });
    const model = wrapModel(base, { prompt: 'agent', instructions: 'Help.' });
    const program = appProgram(
      'agent-app',
      { signature: signature('ask -> reply'), models: [model] },
      async ({ ask }) => {
        const { text } = await generateText({
          model: model as never,
          system: 'Help.',
          prompt: ask,
          stopWhen: stepCountIs(3),
          tools: {
            order: tool({
              inputSchema: z.object({ number: z.number() }),
              execute: async ({ number }) => `order ${number} is late`,
            }),
            broken: tool({
              inputSchema: z.object({}),
              execute: async (): Promise<string> => {
                throw new Error('no such desk');
              },
            }),
          },
        });
        return { reply: text };
      },
    );
    const { trace } = await program.forward({ ask: 'where is it?' });
    expect(trace).toMatchObject([
      { kind: 'predict', id: 'agent' },
      { kind: 'tool', name: 'order', arguments: { number: 7 }, result: 'order 7 is late' },
      { kind: 'tool', name: 'broken', error: expect.stringContaining('no such desk') },
      { kind: 'predict', id: 'agent#2', outputs: { reply: 'done' } },
    ]);
  });
});

describe('rows and candidates at once', () => {
  test('do not mix', async () => {
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: async (call) => {
        await new Promise((resolve) => setImmediate(resolve));
        return `${systemOf(call)} / ${userOf(call)}`;
      },
    });
    const model = wrapModel(base, { prompt: 'echo', instructions: 'own' });
    const program = appProgram(
      'echo',
      { signature: signature('say -> said: string[]'), models: [model] },
      async ({ say }) => {
        const said: string[] = [];
        for (const turn of [1, 2, 3]) {
          const { text } = await generateText({
            model: model as never,
            system: 'own',
            prompt: `${say} ${turn}`,
          });
          said.push(text);
        }
        return { said };
      },
    );
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const all = await Promise.all(
      numbers.map((number) =>
        program.run(
          { say: `row ${number}` },
          { candidate: { 'echo.instructions': { kind: 'text', text: `text ${number}` } } },
        ),
      ),
    );
    expect(all).toEqual(
      numbers.map((number) => ({ said: [1, 2, 3].map((turn) => `text ${number} / row ${number} ${turn}`) })),
    );
  });
});

describe('faults', () => {
  const gone = new HoneError('Overloaded', { code: 'HONE_MODEL_SERVER', facts: { retryable: false } });

  test('an app that swallows a fault loses the row instead of being scored for its excuse', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const app = triageApp(model);
    const program = appProgram('app', { signature: category, models: [model] }, (inputs) =>
      app(inputs).catch(() => ({ category: 'billing' })),
    );
    const broken = scriptedModel({ replies: ['x'], failures: [gone] });
    await expect(program.run(ticket, { model: broken })).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });

  test('a fault that ends a stream loses the row as well', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const program = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      const { textStream } = streamText({
        model: model as never,
        system: own,
        prompt: inputs.ticket,
        onError: () => undefined,
      });
      let text = '';
      for await (const piece of textStream) text += piece;
      return { category: text };
    });
    const broken = scriptedModel({ replies: ['x'], failures: [gone] });
    await expect(program.run(ticket, { model: broken })).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });

  test('an app that asks again after a fault is answered', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const app = triageApp(model);
    const program = appProgram('app', { signature: category, models: [model] }, (inputs) =>
      app(inputs).catch(() => app(inputs)),
    );
    const shaky = scriptedModel({ replies: ['refunds'], failures: [gone] });
    expect(await program.run(ticket, { model: shaky })).toEqual({ category: 'refunds' });
  });

  test.each<[string, (ask: (text: string) => Promise<string>) => Promise<string>]>([
    [
      'beside an answer to another question',
      async (ask) => {
        const both = await Promise.allSettled([ask('lost'), ask('found')]);
        return both.map(({ status }) => status).join();
      },
    ],
    [
      'before an answer to another question',
      async (ask) => `${await ask('lost').catch(() => 'an excuse')} ${await ask('found')}`,
    ],
  ])('a fault %s loses the row', async (_, app) => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const ask = async (prompt: string) =>
      (await generateText({ model: model as never, system: own, prompt, maxRetries: 0 })).text;
    const program = appProgram('app', { signature: category, models: [model] }, async () => ({
      category: await app(ask),
    }));
    const broken = scriptedModel({
      respond: ({ messages }) => {
        if (JSON.stringify(messages).includes('lost')) throw gone;
        return 'refunds';
      },
    });
    await expect(program.run(ticket, { model: broken })).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });

  test('how often a prompt is asked is said of prompts that are there, and outputs that JSON cannot say fail', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const make = (times: Record<string, number>) =>
      appProgram('app', { signature: category, models: [model], times }, triageApp(model));
    expect(() => make({ trage: 3 })).toThrow(/`times` has no option "trage"/);
    expect(() => make({ triage: 0 })).toThrow(/times.triage/);
    const odd = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      await triageApp(model)(inputs);
      return { category: new Map() as never };
    });
    expect(await odd.forward(ticket)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/JSON cannot say Map/),
    });
  });

  test('an error of the app fails its row and says so, with the last answer', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const program = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      await triageApp(model)(inputs);
      throw new Error('no such category');
    });
    expect(await program.forward(ticket)).toMatchObject({
      status: 'failed',
      reason: 'no such category',
      text: 'billing',
      trace: [{ step: 'triage' }],
    });
  });

  test('a call that lost the context of its row is told, not counted as the candidate’s', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const queue: (() => void)[] = [];
    // A worker that was started before the row, as a pool of an app is.
    const worker = setInterval(() => queue.shift()?.(), 1);
    const app = triageApp(model);
    const program = appProgram(
      'app',
      { signature: category, models: [model] },
      (inputs) =>
        new Promise<{ category: string }>((resolve, reject) =>
          queue.push(() => app(inputs).then(resolve, reject)),
        ),
    );
    try {
      await expect(program.run(ticket, { candidate })).rejects.toMatchObject({ code: 'HONE_PROGRAM_FAILED' });
    } finally {
      clearInterval(worker);
    }
  });

  test('an abort ends the call under way', async () => {
    const controller = new AbortController();
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: ({ abortSignal }) =>
        new Promise((_, reject) => {
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason));
          controller.abort(new Error('enough'));
        }),
    });
    await expect(triage(base).run(ticket, { signal: controller.signal })).rejects.toThrow('enough');
  });

  test.each([
    {
      what: 'a model that is not wrapped',
      make: () =>
        appProgram('app', { signature: category, models: [sorter() as never] }, async () => ({
          category: '',
        })),
      message: /Model 1 of the app "app" is not wrapped/,
    },
    {
      what: 'a text that nobody knows yet',
      make: () =>
        appProgram(
          'app',
          { signature: category, models: [wrapModel(sorter(), { prompt: 'triage' })] },
          async () => ({
            category: '',
          }),
        ),
      message: /text of the prompt "triage" is not known/,
    },
    {
      what: 'two prompts of one name',
      make: () =>
        appProgram(
          'app',
          {
            signature: category,
            models: [
              wrapModel(sorter(), { prompt: 'triage', instructions: 'a' }),
              wrapModel(sorter(), { prompt: 'triage', instructions: 'b' }),
            ],
          },
          async () => ({ category: '' }),
        ),
      message: /Two steps of the program "app" are called "triage"/,
    },
    {
      what: 'a name',
      make: () => wrapModel('openai/gpt-5' as never, { prompt: 'triage' }),
      message: /got the name/,
    },
    {
      what: 'no prompt',
      make: () => wrapModel(sorter(), { prompt: '' }),
      message: /needs the name of its prompt/,
    },
  ])('refuses $what', ({ make, message }) => {
    expect(make).toThrow(message);
  });

  test('a prompt that the program does not list is refused instead of going uncounted', async () => {
    const listed = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const other = wrapModel(sorter(), { prompt: 'other', instructions: own });
    const program = appProgram('app', { signature: category, models: [listed] }, triageApp(other));
    await expect(program.run(ticket)).rejects.toThrow(
      /asks the prompt "other", which the program "app" does not list/,
    );
  });

  test('a text that the app does not say is refused at the first row', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: 'Something else.' });
    const program = appProgram('app', { signature: category, models: [model] }, triageApp(model));
    await expect(program.run(ticket)).rejects.toMatchObject({ code: 'HONE_PROMPT_INVALID' });
  });

  test('another model is refused what it cannot be asked', async () => {
    const model = wrapModel(sorter(), { prompt: 'triage', instructions: own });
    const program = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      const { text } = await generateText({
        model: model as never,
        system: own,
        prompt: inputs.ticket,
        topK: 3,
      });
      return { category: text };
    });
    await expect(program.run(ticket, { model: scriptedModel({ replies: ['x'] }) })).rejects.toThrow(/topK/);
  });
});

describe('where the text stands', () => {
  const cases = [
    {
      what: 'among other texts of the system',
      instructions: 'Sort it.',
      call: { system: 'You work for Acme. Sort it. Be kind.', prompt: 'hello' },
      sent: ['You work for Acme. NEW Be kind.', 'hello'],
    },
    {
      what: 'with a part that changes',
      instructions: 'Today is {{day}}. Sort it.',
      text: 'NEW on {{day}}',
      call: { system: 'Today is Monday. Sort it.', prompt: 'hello' },
      sent: ['NEW on Monday', 'hello'],
    },
    {
      what: 'in the message of the user',
      instructions: 'Sort this: {{ticket}}',
      text: 'NEW {{ticket}}',
      call: { prompt: 'Sort this: my (odd) {{ticket}}?' },
      sent: ['', 'NEW my (odd) {{ticket}}?'],
    },
    {
      what: 'with slots at both ends, of which one stands twice',
      instructions: '{{who}} and {{who}} say: {{ticket}}',
      text: '{{ticket}}, by {{who}}',
      call: { prompt: 'Ann and Ann say: no' },
      sent: ['', 'no, by Ann'],
    },
    {
      what: 'with several slots in a long message',
      instructions: '{{a}} {{b}} {{c}} {{d}} {{e}}! {{f}}',
      text: 'NEW {{b}} {{f}}',
      call: { prompt: `one two three four five ${'word '.repeat(20_000)}! end` },
      sent: ['', 'NEW two end'],
    },
    {
      what: 'nowhere: it becomes the system’s',
      instructions: '',
      call: { prompt: 'hello' },
      sent: ['NEW', 'hello'],
    },
  ];
  test.each(cases)('$what', async ({ instructions, text = 'NEW', call, sent }) => {
    const base = sorter();
    const model = wrapModel(base, { prompt: 'triage', instructions });
    const program = appProgram('app', { signature: category, models: [model] }, async () => {
      const { text: category } = await generateText({ model: model as never, ...call });
      return { category };
    });
    await program.run(ticket, { candidate: { 'triage.instructions': { kind: 'text', text } } });
    expect(base.calls.map((made) => [systemOf(made), userOf(made)])).toEqual([sent]);
  });
});

test('a text that is not there is missed at once, however many slots it has', async () => {
  const model = wrapModel(sorter(), { prompt: 'triage', instructions: 'x{{a}} {{b}} {{c}} {{d}} {{e}}!' });
  const program = appProgram('app', { signature: category, models: [model] }, async () => {
    await generateText({ model: model as never, prompt: `x${'word '.repeat(20_000)}` });
    return { category: '' };
  });
  await expect(program.run(ticket)).rejects.toMatchObject({ code: 'HONE_PROMPT_INVALID' });
});

describe('outside of a run', () => {
  test('the app’s own text is sent, and learned', async () => {
    const base = sorter();
    const model = wrapModel(base, { prompt: 'triage' });
    const app = triageApp(model);
    await app(ticket);
    expect(systemOf(base.calls[0] as AiSdkAppCall)).toBe(own);
    const program = appProgram('app', { signature: category, models: [model] }, app);
    expect(program.seed['triage.instructions']).toEqual({ kind: 'text', text: own });
    expect(await program.run(ticket, { candidate })).toEqual({ category: 'refunds' });
  });

  test('models of one name at two addresses are two models', () => {
    const models = ['https://one.example/v1', 'https://two.example/v1', 'https://one.example/v1'].map(
      (baseURL, index) =>
        wrapModel(createOpenAI({ baseURL, apiKey: 'x' }).chat('gpt-5-mini'), {
          prompt: `p${index}`,
          instructions: own,
        }),
    );
    const program = appProgram('app', { signature: category, models }, async () => ({ category: '' }));
    expect(Object.entries(program.models ?? {}).map(([role, { endpoint }]) => [role, endpoint])).toEqual([
      ['task', expect.stringContaining('one.example')],
      ['p1', expect.stringContaining('two.example')],
    ]);
  });

  test('a model of a provider stays one that the AI SDK takes', () => {
    const model = wrapModel(openai('gpt-5-mini'), { prompt: 'triage', instructions: own });
    expectTypeOf(model).toExtend<LanguageModel>();
    appProgram('app', { signature: category, models: [model] }, async () => ({ category: '' }));
  });

  test('a published prompt of several sets of demos is told, not shown in part', async () => {
    const faults: unknown[] = [];
    const demos = [{ inputs: { prompt: 'a' }, outputs: { reply: 'b' } }];
    const candidateOfTwo = { 'triage.demos': { kind: 'demos', sets: [{ demos }, { demos }] } } as const;
    const prompts = { resolve: async () => ({ candidate: candidateOfTwo }) };
    const base = sorter();
    const model = wrapModel(base, { prompt: 'triage', prompts, onFault: (fault) => faults.push(fault) });
    await triageApp(model)(ticket);
    expect(faults).toMatchObject([{ code: 'HONE_CANDIDATE_INVALID' }]);
    expect(base.calls[0]?.prompt).toHaveLength(2);
    const program = appProgram('app', { signature: category, models: [model] }, triageApp(model));
    expect(await program.forward(ticket, { candidate: candidateOfTwo })).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('2 sets'),
    });
  });

  test('a registry that is down never takes the app down, and is told', async () => {
    const faults: unknown[] = [];
    const prompts = { resolve: () => Promise.reject(new Error('no disk')) };
    const model = wrapModel(sorter(), { prompt: 'triage', prompts, onFault: (fault) => faults.push(fault) });
    expect(await triageApp(model)(ticket)).toEqual({ category: 'billing' });
    expect(faults).toEqual([new Error('no disk')]);
  });
});

function userMessage(text: string) {
  return { role: 'user', content: [{ type: 'text', text }] } as const;
}
