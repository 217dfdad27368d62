import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, Output, streamText } from 'ai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RowResult } from '../evaluation/evaluation.ts';
import type { AiSdkAppCall } from '../model/provider/ai-sdk-model.ts';
import { metaPrompt } from '../optimizer/method/meta-prompt.ts';
import { appProgram } from '../program/app-program.ts';
import type { Program } from '../program/program.ts';
import { wrapModel } from '../program/wrap-model.ts';
import { fileRegistry } from '../registry/file-registry.ts';
import { createPrompts } from '../registry/resolve-prompt.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedAiSdkModel, scriptedAiSdkModel } from '../testing/scripted-ai-sdk-model.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { evaluate, optimize } from './library.ts';

const own = 'Sort the ticket: billing or refunds.';
const better = 'Tickets about money back are refunds, all others are billing. Answer with one word.';
const category = signature('ticket -> category');

const systemOf = ({ prompt }: AiSdkAppCall) =>
  prompt.flatMap(({ role, content }) => (role === 'system' ? [String(content)] : [])).join('|');
const userOf = ({ prompt }: AiSdkAppCall) => JSON.stringify(prompt.findLast(({ role }) => role === 'user'));

/** Two prompts: the second sorts what the first has made short, and knows refunds only when it is told. */
function helpDesk(base: ScriptedAiSdkModel) {
  const shorten = wrapModel(base, { prompt: 'shorten', instructions: 'Shorten it.' });
  const triage = wrapModel(base, { prompt: 'triage', instructions: own });
  return appProgram('help-desk', { signature: category, models: [shorten, triage] }, async ({ ticket }) => {
    const short = await generateText({ model: shorten as never, system: 'Shorten it.', prompt: ticket });
    const { text } = await generateText({ model: triage as never, system: own, prompt: short.text });
    return { category: text.trim() };
  });
}

const desk = () =>
  scriptedAiSdkModel({
    respond: (call) => {
      const said = userOf(call);
      if (!systemOf(call).includes('refunds')) return `short: ${said}`;
      return systemOf(call).includes('money back') && said.includes('back') ? 'refunds' : 'billing';
    },
  });

const rows = Array.from({ length: 160 }, (_, index) => {
  const wantsBack = index % 2 === 0;
  const words = ['shoes', 'lamp', 'chair', 'phone', 'book'][index % 5];
  return {
    id: `row-${index}`,
    inputs: {
      ticket: wantsBack
        ? `Case ${index * 7919}: please give it back, the ${words} of order ${index * 31}`
        : `Case ${index * 7919}: card charged for ${words}, invoice ${index * 17}`,
    },
    expected: { category: wantsBack ? 'refunds' : 'billing' },
  };
});

async function rowsOf(program: Program<never, never>, more: object = {}): Promise<readonly RowResult[]> {
  await using store = await openMemoryStore();
  const options = { program: program as unknown as Program, scorer: exactMatch('category'), store };
  const evaluation = await evaluate({ ...options, dataset: rows.slice(0, 4), ...more }).result();
  const results: RowResult[] = [];
  for await (const row of evaluation.results()) results.push(row);
  return results;
}

describe('an app that is evaluated', () => {
  test('answers with the models that it brings along, and every call is counted', async () => {
    const base = desk();
    const results = await rowsOf(helpDesk(base) as never);
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { value: 0 },
      { value: 1 },
      { value: 0 },
      { value: 1 },
    ]);
    expect(results.map(({ usage }) => usage.calls)).toEqual([2, 2, 2, 2]);
    expect(base.calls).toHaveLength(8);
  });

  test('stops at the budget', async () => {
    const results = await rowsOf(helpDesk(desk()) as never, { budget: { calls: 4 }, concurrency: 1 });
    expect(results).toHaveLength(2);
  });

  test('keeps to dollars, which a swallowed refusal does not get around', async () => {
    const base = desk();
    const price = { input: 1_000, output: 1_000 };
    const paid = scriptedModel({
      replies: ['billing'],
      price,
      usage: { inputTokens: 500, outputTokens: 500 },
    });
    const model = wrapModel(base, { prompt: 'triage', instructions: own });
    const program = appProgram('app', { signature: category, models: [model] }, async ({ ticket }) => {
      try {
        const { text } = await generateText({
          model: model as never,
          system: own,
          prompt: ticket,
          maxOutputTokens: 500,
        });
        return { category: text };
      } catch {
        return { category: 'sorry' };
      }
    });
    // Each answer costs a dollar: three fit, and the fourth is no answer of the app.
    const more = { model: paid, budget: { usd: 3.5 }, concurrency: 1 };
    const results = await rowsOf(program as never, more);
    expect(results.map(({ outputs }) => outputs)).toEqual(results.map(() => ({ category: 'billing' })));
    expect(paid.callCount).toBeLessThanOrEqual(3);
    expect(paid.callCount).toBeGreaterThan(0);
  });

  test('asks the provider as the app does, and knows what it costs', async () => {
    const server = await openLoopbackServer(() => ({
      body: chatCompletion('{"category":"refunds"}', {
        usage: { prompt_tokens: 1000, completion_tokens: 100 },
      }),
    }));
    try {
      const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: 'test' });
      const model = wrapModel(openai.chat('gpt-5-mini'), { prompt: 'triage', instructions: own });
      const schema = z.object({ category: z.enum(['billing', 'refunds']) });
      const program = appProgram('app', { signature: category, models: [model] }, async ({ ticket }) => {
        const { output } = await generateText({
          model,
          system: own,
          prompt: ticket,
          output: Output.object({ schema }),
          providerOptions: { openai: { user: 'someone' } },
        });
        return output;
      });
      const candidate = { 'triage.instructions': { kind: 'text', text: better } };
      const results = await rowsOf(program as never, { candidate });
      expect(results.map(({ outputs }) => outputs)).toEqual(results.map(() => ({ category: 'refunds' })));
      // gpt-5-mini: 0.25 and 2 dollars for a million tokens.
      expect(results[0]?.usage.costUsd).toBeCloseTo(0.00045);
      expect(server.requests[0]?.body).toMatchObject({
        user: 'someone',
        messages: [{ content: better }, { role: 'user' }],
        response_format: { type: 'json_schema' },
      });
    } finally {
      await server.close();
    }
  });

  test('asks a further model as the role of its prompt', async () => {
    const large = scriptedAiSdkModel({ modelId: 'large', respond: () => 'refunds' });
    const small = scriptedAiSdkModel({ modelId: 'small', respond: () => 'short' });
    const shorten = wrapModel(small, { prompt: 'shorten', instructions: '' });
    const triage = wrapModel(large, { prompt: 'triage', instructions: '' });
    const program = appProgram(
      'app',
      { signature: category, models: [shorten, triage] },
      async ({ ticket }) => {
        const short = await generateText({ model: shorten as never, prompt: ticket });
        const { text } = await generateText({ model: triage as never, prompt: short.text });
        return { category: text };
      },
    );
    expect(Object.keys(program.models ?? {})).toEqual(['task', 'triage']);
    const results = await rowsOf(program as never, { model: scriptedModel({ replies: ['other'] }) });
    expect(results.map(({ usage }) => usage.calls)).toEqual([2, 2, 2, 2]);
    expect([small.calls.length, large.calls.length]).toEqual([0, 1]);
  });

  test('sends everything that the app says, and gives back everything that came', async () => {
    const base = scriptedAiSdkModel({
      version: 'v3',
      respond: () => ({ text: 'fine', reasoning: 'thought', metadata: { scripted: { signature: 'abc' } } }),
    });
    const model = wrapModel(base, { prompt: 'triage', instructions: own });
    await using store = await openMemoryStore();
    let metadata: unknown;
    const program = appProgram('app', { signature: category, models: [model] }, async (inputs) => {
      const result = await generateText({
        model: model as never,
        system: own,
        topK: 5,
        presencePenalty: 0.5,
        headers: { authorization: 'secret' },
        providerOptions: { scripted: { mode: 'slow' } },
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: inputs.ticket },
              { type: 'file', mediaType: 'image/png', data: new Uint8Array([1, 2, 3]) },
            ],
          },
        ],
      });
      metadata = [result.reasoningText, result.providerMetadata];
      return { category: result.text };
    });
    const options = {
      program,
      dataset: [{ id: 'a', inputs: { ticket: 'My money back' }, expected: { category: 'fine' } }],
    };
    for (const _ of [1, 2]) {
      metadata = undefined;
      await evaluate({ ...options, scorer: exactMatch('category'), store }).result();
      expect(metadata).toEqual(['thought', { scripted: { signature: 'abc' } }]);
    }
    // The second time from the store.
    expect(base.calls).toHaveLength(1);
    expect(base.calls[0]).toMatchObject({
      topK: 5,
      presencePenalty: 0.5,
      headers: { authorization: 'secret' },
      providerOptions: { scripted: { mode: 'slow' } },
    });
    expect(JSON.stringify(base.calls[0]?.prompt)).toContain('image/png');
  });

  test('asks twice for what it asks twice, and is stored as two answers', async () => {
    let count = 0;
    const base = scriptedAiSdkModel({ version: 'v3', respond: () => `answer ${++count}` });
    const model = wrapModel(base, { prompt: 'idea', instructions: '' });
    const program = appProgram(
      'ideas',
      { signature: signature('topic -> ideas: string[]'), models: [model] },
      async ({ topic }) => {
        const ask = () => generateText({ model: model as never, prompt: topic });
        const both = await Promise.all([ask(), ask()]);
        return { ideas: both.map(({ text }) => text) };
      },
    );
    await using store = await openMemoryStore();
    const run = async () => {
      const options = { program, dataset: [{ id: 'a', inputs: { topic: 'rain' }, expected: { ideas: [] } }] };
      const evaluation = await evaluate({
        ...options,
        scorer: exactMatch('ideas'),

        store,
      }).result();
      for await (const { outputs } of evaluation.results()) return outputs;
      return undefined;
    };
    expect(await run()).toEqual({ ideas: ['answer 1', 'answer 2'] });
    expect(await run()).toEqual({ ideas: ['answer 1', 'answer 2'] });
    expect(base.calls).toHaveLength(2);
  });
});

test('an app is optimized as it is: the second of its prompts is rewritten, and proven', async () => {
  await using store = await openMemoryStore();
  const reflection = scriptedModel({
    respond: ({ messages }) => {
      const isTriage = messages.some(({ content }) => String(content).includes('the step "triage"'));
      return JSON.stringify({ texts: [isTriage ? better : 'Shorten it to one sentence.'] });
    },
  });
  const run = optimize({
    program: helpDesk(desk()),
    dataset: rows,
    scorer: exactMatch('category'),
    optimizer: metaPrompt(),
    reflectionModel: reflection,
    store,
    budget: { calls: 3_000 },
  });
  const { verdict, candidate } = await run.result();
  expect(verdict).toBe('improved');
  expect(candidate['triage.instructions']).toEqual({ kind: 'text', text: better });
});

describe('an app in production', () => {
  test('the published prompt is sent, while streaming too, and the own one before there is any', async () => {
    const registry = fileRegistry({ folder: mkdtempSync(join(tmpdir(), 'hone-wrap-')) });
    const prompts = createPrompts({ registry });
    const base = desk();
    const faults: unknown[] = [];
    const model = wrapModel(base, { prompt: 'triage', prompts, onFault: (fault) => faults.push(fault) });
    const app = async ({ ticket }: { readonly ticket: string }) => {
      const { text } = await generateText({ model: model as never, system: own, prompt: ticket });
      return { category: text };
    };
    const ticket = { ticket: 'give it back' };
    const candidate = { 'triage.instructions': { kind: 'text', text: better } } as const;
    expect(await app(ticket)).toEqual({ category: 'billing' });
    const { version } = await registry.publish('triage', { candidate, author: 'test' });
    await registry.move('triage', { channel: 'production', to: version, from: undefined, actor: 'test' });
    expect(await app(ticket)).toEqual({ category: 'refunds' });
    expect(await streamText({ model: model as never, system: own, prompt: ticket.ticket }).text).toBe(
      'refunds',
    );
    expect(faults).toEqual([]);
  });
});
