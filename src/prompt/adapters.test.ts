import { describe, expect, it, test } from 'vitest';
import type { Field, Signature } from '../signature/signature.ts';
import type { PromptParts } from './adapter.ts';
import { chatAdapter } from './chat-adapter.ts';
import { completionAdapter } from './completion-adapter.ts';
import { jsonAdapter } from './json-adapter.ts';

const text = (name: string): Field => ({ name, schema: { type: 'string' } });
const category: Field = {
  name: 'category',
  schema: { type: 'string', enum: ['billing', 'refunds', 'technical_support', 'account_access'] },
};
const triage: Signature = {
  instructions: 'Classify the support ticket.',
  inputs: [text('ticket')],
  outputs: [category],
};
const detailed: Signature = {
  ...triage,
  outputs: [text('reason'), category, { name: 'confidence', schema: { type: 'number' } }],
};
const demo = { inputs: { ticket: 'Card charged twice' }, outputs: { category: 'billing' } };
const parts: PromptParts = {
  signature: triage,
  instructions: triage.instructions,
  demos: [demo],
  inputs: { ticket: 'It {{crashes}}' },
};

describe('the completion layout', () => {
  it('is instructions, demo blocks and the row up to the answer, with no space before it', () => {
    expect(completionAdapter.render(parts)).toEqual({
      messages: [
        {
          role: 'system',
          content: 'Classify the support ticket.\n\nTicket: Card charged twice\nCategory: billing\n\n',
        },
        { role: 'user', content: 'Ticket: It {{crashes}}\nCategory:' },
      ],
      layout: 'completion',
      sharedMessages: 1,
      stopSequences: ['\n\n'],
    });
  });

  it('continues with a space and the choice', () => {
    expect(completionAdapter.renderChoices(parts, ['billing', 'refunds']).continuations).toEqual([
      ' billing',
      ' refunds',
    ]);
  });

  it('adds the end of the line where one choice begins another, which would win every time', () => {
    expect(completionAdapter.renderChoices(parts, ['refund', 'refunds']).continuations).toEqual([
      ' refund\n',
      ' refunds\n',
    ]);
  });

  it('starts with the row when there are neither instructions nor demos', () => {
    const { messages, sharedMessages } = completionAdapter.render({ ...parts, instructions: ' ', demos: [] });
    expect(messages).toEqual([{ role: 'user', content: 'Ticket: It {{crashes}}\nCategory:' }]);
    expect(sharedMessages).toBe(0);
  });

  it('fills a user section for the demos and the row', () => {
    const { messages } = completionAdapter.render({
      ...parts,
      instructions: '',
      userTemplate: 'Mail: {{ticket}}\n',
    });
    expect(messages.map((message) => message.content)).toEqual([
      'Mail: Card charged twice\nCategory: billing\n\n',
      'Mail: It {{crashes}}\nCategory:',
    ]);
  });

  it('does not repeat the name of the answer when the user section ends with it', () => {
    const { messages } = completionAdapter.render({ ...parts, userTemplate: 'Mail: {{ticket}}\nCategory: ' });
    expect(messages[1]?.content).toBe('Mail: It {{crashes}}\nCategory:');
    expect(messages[0]?.content).toContain('Mail: Card charged twice\nCategory: billing\n\n');
  });

  it('shares nothing when the system section differs from row to row', () => {
    const rendered = completionAdapter.render({ ...parts, instructions: 'About {{ticket}}:' });
    expect(rendered.sharedMessages).toBe(0);
  });

  it('writes several outputs line by line and leaves absent ones out', () => {
    const { messages } = completionAdapter.render({
      ...parts,
      signature: detailed,
      demos: [{ inputs: demo.inputs, outputs: { reason: 'Paid\n\ntwice', category: 'billing' } }],
    });
    expect(messages[0]?.content).toContain(
      'Ticket: Card charged twice\nReason: Paid\ntwice\nCategory: billing\n\n',
    );
    expect(messages[1]?.content).toBe('Ticket: It {{crashes}}\nReason:');
  });
});

describe('white space at the end of a row', () => {
  it('leaves no blank line before the answer of a completion', () => {
    const { messages } = completionAdapter.render({ ...parts, inputs: { ticket: 'Hi \n\n' } });
    expect(messages[1]?.content).toBe('Ticket: Hi\nCategory:');
  });
});

describe('a slot that names no input', () => {
  it('is text, so that the row is still shown and the prefix shared', () => {
    const instructions = 'Write {{name}} as it is.';
    const { messages, sharedMessages } = completionAdapter.render({
      ...parts,
      instructions,
      userTemplate: 'Look:',
    });
    expect(messages[0]?.content).toContain(instructions);
    expect(messages[1]?.content).toBe('Look:\n\nTicket: It {{crashes}}\nCategory:');
    expect(sharedMessages).toBe(1);
  });
});

describe('the chat layout', () => {
  it('is a system message, a pair of messages a demo, and the row', () => {
    expect(chatAdapter.render(parts)).toEqual({
      messages: [
        {
          role: 'system',
          content:
            'Classify the support ticket.\n\nAnswer with the category alone, one of: billing, refunds, technical_support, account_access.',
        },
        { role: 'user', content: 'Ticket: Card charged twice' },
        { role: 'assistant', content: 'billing' },
        { role: 'user', content: 'Ticket: It {{crashes}}' },
      ],
      layout: 'chat',
      sharedMessages: 3,
    });
  });

  it('scores the bare choices', () => {
    expect(chatAdapter.renderChoices(parts, ['billing', 'refunds']).continuations).toEqual([
      'billing',
      'refunds',
    ]);
  });

  it('leaves a demo without any answer out', () => {
    const { messages } = chatAdapter.render({ ...parts, demos: [{ inputs: demo.inputs, outputs: {} }] });
    expect(messages).toHaveLength(2);
  });

  it('asks for one tag an output when there are several', () => {
    const [system] = chatAdapter.render({ ...parts, signature: detailed }).messages;
    expect(system?.content).toContain('<reason>text</reason>\n<category>one of: billing');
  });

  it('refuses to score the answers of several outputs', () => {
    expect(() => chatAdapter.renderChoices({ ...parts, signature: detailed }, ['billing'])).toThrow(
      /reason, category, confidence/,
    );
  });
});

describe('the rows of a prompt', () => {
  const row = (change: Partial<PromptParts>) =>
    chatAdapter.render({ ...parts, demos: [], ...change }).messages.at(-1)?.content;
  const two = { ...triage, inputs: [text('ticket'), text('customer_tier')] };
  const inputs = { ticket: 'Hi', customer_tier: 'gold' };

  test.each<[string, Partial<PromptParts>, string]>([
    ['every input by its label without sections', {}, 'Ticket: Hi\nCustomer tier: gold'],
    [
      'every input after a user section without slots',
      { userTemplate: 'Look:' },
      'Look:\n\nTicket: Hi\nCustomer tier: gold',
    ],
    ['the user section alone when it has a slot', { userTemplate: '{{ ticket }}!' }, 'Hi!'],
    [
      'the other inputs when the system section has one',
      { instructions: 'For {{customer_tier}}' },
      'Ticket: Hi',
    ],
    [
      'compact JSON for what is no string',
      { userTemplate: '{{ticket}}', inputs: { ticket: [1, { a: null }] } },
      '[1,{"a":null}]',
    ],
    [
      'nothing for an absent input',
      { userTemplate: '[{{ticket}}{{customer_tier}}]', inputs: { ticket: 'Hi' } },
      '[Hi]',
    ],
    [
      'slots of inserted data as they are',
      { userTemplate: '{{ticket}}', inputs: { ticket: '{{customer_tier}}', customer_tier: 'x' } },
      '{{customer_tier}}',
    ],
  ])('show %s', (_, change, expected) => {
    expect(row({ signature: two, inputs, ...change })).toBe(expected);
  });
});

describe('the json layout', () => {
  it('says the schema in words and in the request', () => {
    const rendered = jsonAdapter.render({ ...parts, signature: detailed });
    expect(rendered.responseSchema).toMatchObject({
      required: ['reason', 'category', 'confidence'],
      additionalProperties: false,
    });
    expect(rendered.messages[0]?.content).toContain('"category": one of: billing, refunds');
    expect(rendered.messages[2]).toEqual({ role: 'assistant', content: '{"category":"billing"}' });
  });

  it('reads null as absent where an output may be absent', () => {
    const optional: Signature = { ...triage, outputs: [category, { ...text('note'), optional: true }] };
    expect(jsonAdapter.parse('{"category":"billing","note":null}', optional)).toEqual({
      status: 'parsed',
      outputs: { category: 'billing' },
      step: 'strict',
    });
  });
});
