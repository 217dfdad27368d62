import { createJiti } from 'jiti';
import { describe, expect, it } from 'vitest';
import { signatureOfColumns } from '../signature/shorthand.ts';
import { adapterOf } from './adapters.ts';
import type { Candidate } from './candidate.ts';
import { exportMarkdown, exportMessages, exportOpenAi, exportTypeScript } from './export.ts';

const signature = signatureOfColumns({
  inputs: [{ name: 'Ticket text' }, { name: 'tier' }],
  outputs: [{ name: 'category', choices: ['billing', 'refunds'] }],
});
const demo = { inputs: { 'Ticket text': 'See {{tier}} ``` `x`', tier: 1 }, outputs: { category: 'billing' } };
const candidate: Candidate = {
  'answer.instructions': { kind: 'text', text: 'Sort "it".' },
  'answer.demos': { kind: 'demos', sets: [{ demos: [demo] }] },
  'answer.format': { kind: 'choice', value: 'completion' },
  'answer.calibration': { kind: 'calibration', offsets: { billing: -1 } },
};
const chat: Candidate = { ...candidate, 'answer.format': { kind: 'choice', value: 'json' } };
const exported = { signature, candidate };

describe('an exported prompt', () => {
  it('is readable Markdown with every message as it is sent', () => {
    const text = exportMarkdown(exported);
    expect(text).toContain('Layout: completion');
    expect(text).toContain(
      '````text\nSort "it".\n\nTicket text: See {{tier}} ``` `x`\nTier: 1\nCategory: billing',
    );
    expect(text).toContain(
      '## user\n\n```text\nTicket text: {{Ticket text}}\nTier: {{tier}}\nCategory:\n```',
    );
    expect(text).toContain('Added to the log-probability of each answer: billing -1');
  });

  it('is JSON with the messages of each set', () => {
    const two = {
      ...candidate,
      'answer.demos': { kind: 'demos', sets: [{ demos: [demo], weight: 2 }, { demos: [] }] },
    } as const;
    const { prompts, calibration } = JSON.parse(exportMessages({ signature, candidate: two }));
    expect(prompts).toHaveLength(2);
    expect(prompts[0]).toMatchObject({ layout: 'completion', weight: 2, stopSequences: ['\n\n'] });
    expect(prompts[1].messages[0]).toEqual({ role: 'system', content: 'Sort "it".\n\n' });
    expect(calibration).toEqual({ billing: -1 });
  });

  it('is refused where every row is shown other demos', () => {
    const nearest = {
      ...candidate,
      'answer.demos': { kind: 'demos', sets: [{ demos: [demo], nearest: 1 }] },
    } as const;
    for (const write of [exportMarkdown, exportMessages, exportOpenAi, exportTypeScript]) {
      expect(() => write({ signature, candidate: nearest })).toThrow('every row other demos');
    }
  });

  it('is refused where the candidate has nothing of the step', () => {
    expect(() => exportMarkdown({ ...exported, step: 'sort' })).toThrow(
      expect.objectContaining({ code: 'HONE_CANDIDATE_INVALID', message: expect.stringContaining('"sort"') }),
    );
  });

  it('is a body for a provider', () => {
    const completion = JSON.parse(exportOpenAi({ ...exported, model: 'openai/gpt-5' }));
    expect(completion).toMatchObject({ model: 'gpt-5', stop: ['\n\n'] });
    expect(completion.messages).toHaveLength(1);
    const body = JSON.parse(exportOpenAi({ signature, candidate: chat }));
    expect(body.response_format.json_schema).toMatchObject({
      strict: true,
      schema: { required: ['category'] },
    });
    expect(body.messages.map((message: { role: string }) => message.role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ]);
  });

  it('is a TypeScript module that makes the same messages', async () => {
    const source = exportTypeScript({ signature, candidate: chat });
    const module = (await createJiti(import.meta.url).evalModule(source, {
      filename: `${import.meta.dirname}/exported-prompt.ts`,
      async: true,
    })) as { promptMessages: (inputs: unknown) => unknown };
    const inputs = { 'Ticket text': 'Why {{tier}}?\n"', tier: 3 };
    const { messages } = adapterOf('json').render({
      signature,
      instructions: 'Sort "it".',
      demos: [demo],
      inputs,
    });
    expect(module.promptMessages(inputs)).toEqual([messages]);
    expect(source).toContain('readonly "category": "billing" | "refunds";');
  });
});
