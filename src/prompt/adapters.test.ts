import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Field, Signature } from '../signature/signature.ts';
import type { PromptParts } from './adapter.ts';
import { adapterOf } from './adapters.ts';
import { answerLines } from './answer-lines.ts';
import { chatAdapter, renderAnswer } from './chat-adapter.ts';
import { completionAdapter } from './completion-adapter.ts';
import { jsonAdapter, renderJsonAnswer } from './json-adapter.ts';

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

  it('continues with a space, the choice and the end of the line', () => {
    expect(completionAdapter.renderChoices(parts, ['billing', 'refunds']).continuations).toEqual([
      ' billing\n',
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

describe('reading an answer', () => {
  const outputs = { reason: 'paid twice', category: 'billing', confidence: 0.9 };
  test.each<[string, 'chat' | 'json' | 'completion', Signature, string, JsonObject, string]>([
    ['a bare choice', 'chat', triage, ' billing\n', { category: 'billing' }, 'strict'],
    [
      'another case and punctuation',
      'chat',
      triage,
      '**Technical Support.**',
      { category: 'technical_support' },
      'aliases',
    ],
    [
      'a choice with an explanation',
      'chat',
      triage,
      'Billing\n\nThe refunds team need not act.',
      { category: 'billing' },
      'aliases',
    ],
    ['a cut choice', 'chat', triage, 'technical', { category: 'technical_support' }, 'aliases'],
    [
      'a sentence that names one choice',
      'chat',
      triage,
      'The category is billing.',
      { category: 'billing' },
      'aliases',
    ],
    [
      'a choice after thoughts',
      'chat',
      triage,
      '<think>refunds? no.</think>\nbilling',
      { category: 'billing' },
      'repaired',
    ],
    [
      'a choice in JSON',
      'chat',
      triage,
      '```json\n{"Category": "billing or so refunds"}\n```\n',
      {},
      'unparsable',
    ],
    [
      'a choice in a JSON object',
      'chat',
      triage,
      '{"Category": "billing"}',
      { category: 'billing' },
      'aliases',
    ],
    [
      'tags in order',
      'chat',
      detailed,
      '<reason>paid twice</reason>\n<category>billing</category>\n<confidence>0.9</confidence>',
      outputs,
      'strict',
    ],
    [
      'tags among words',
      'chat',
      detailed,
      'Sure!\n<Reason>paid twice <category>Billing</category> <confidence>90%</confidence> Bye',
      outputs,
      'aliases',
    ],
    [
      'lines with names',
      'chat',
      detailed,
      '**Reason:** paid twice\n- Category: billing\nConfidence: 0.9',
      outputs,
      'aliases',
    ],
    ['a JSON object instead of tags', 'chat', detailed, JSON.stringify(outputs), outputs, 'aliases'],
    ['a JSON object', 'json', detailed, JSON.stringify({ ...outputs, extra: 1 }), outputs, 'strict'],
    [
      'broken JSON in a fence',
      'json',
      detailed,
      "Here:\n```json\n{reason: 'paid twice', category: 'billing', confidence: 0.9,}\n```",
      outputs,
      'repaired',
    ],
    [
      'JSON cut off after the last value',
      'json',
      detailed,
      '{"reason":"paid twice","category":"billing","confidence":0.9',
      outputs,
      'repaired',
    ],
    [
      'a wrapper around the object',
      'json',
      detailed,
      JSON.stringify({ answer: outputs }),
      outputs,
      'repaired',
    ],
    [
      'other spellings of keys and values',
      'json',
      detailed,
      '{"Reason":"paid twice","CATEGORY":"Billing","confidence":"0.9"}',
      outputs,
      'aliases',
    ],
    ['a bare choice instead of JSON', 'json', triage, '"billing"', { category: 'billing' }, 'aliases'],
    ['a continuation', 'completion', triage, ' billing\n\nTicket: next', { category: 'billing' }, 'strict'],
    ['a repeated name', 'completion', triage, 'Category: billing', { category: 'billing' }, 'aliases'],
    [
      'lines of a continuation',
      'completion',
      detailed,
      ' paid twice\nCategory: billing\nConfidence: 0.9\n\nTicket:',
      outputs,
      'strict',
    ],
  ])('takes %s (%s)', (_, ...row) => {
    const [format, signature, answer, expected, step] = row;
    const result = adapterOf(format).parse(answer, signature);
    if (step === 'unparsable') expect(result.status).toBe('unparsable');
    else expect(result).toEqual({ status: 'parsed', outputs: expected, step });
  });

  test.each<[string, string, RegExp]>([
    ['two choices', 'billing or refunds', /billing and refunds/],
    ['a negated choice', 'This is not billing', /none of/],
    ['no choice', 'I cannot help with that', /none of/],
    ['nothing', '  ', /empty/],
  ])('guesses nothing from %s', (_, answer, reason) => {
    const result = chatAdapter.parse(answer, triage);
    expect(result).toMatchObject({ status: 'unparsable', partial: {}, missing: ['category'] });
    expect(result.status === 'unparsable' && result.reason).toMatch(reason);
  });

  test.each(['chat', 'json', 'completion'] as const)('keeps what it could read (%s)', (format) => {
    const answer = {
      chat: '<reason>late</reason>\n<category>spaceship</category>',
      json: '{"reason":"late","category":"spaceship"}',
      completion: ' late\nCategory: spaceship',
    }[format];
    expect(adapterOf(format).parse(answer, detailed)).toMatchObject({
      status: 'unparsable',
      partial: { reason: 'late' },
      missing: ['category', 'confidence'],
    });
  });

  it('asks again for the missing outputs alone', () => {
    const { role, content } = chatAdapter.renderReask(['category'], detailed);
    expect(role).toBe('user');
    expect(content).toContain('Answer with the category alone');
    expect(content).not.toContain('confidence');
    expect(jsonAdapter.renderReask(['confidence'], detailed).content).toContain('"confidence": a number');
    expect(completionAdapter.renderReask(['category'], detailed).content).toBe('\nCategory:');
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

describe('a written answer is read back', () => {
  const pieces = [
    '"',
    "'",
    '{',
    '}',
    '{{x}}',
    '<reason>',
    '</reason>',
    '</category>',
    '```',
    'Category:',
    ' Reason: ',
    '\\',
    'é',
    '日本',
    '<think>',
    '</think>',
    ' ',
    ',',
    '[',
    'null',
    '-',
    '1',
    'word',
  ];
  const randomText = (random: Random, more: readonly string[]) => {
    const all = [...pieces, ...more];
    return Array.from({ length: 1 + random.integer(8) }, () => all[random.integer(all.length)]).join('');
  };
  const draw = (random: Random, more: readonly string[]): Record<string, Json> => ({
    reason: randomText(random, more),
    category: random.sample(['billing', 'refunds', 'technical_support', 'account_access'], 1)[0] ?? '',
    confidence: random.integer(1000) / 8 - 20,
  });
  const single: Signature = { ...triage, outputs: [text('reason')] };

  it('as JSON, whatever the text', () => {
    const random = createRandom('json answers');
    for (let round = 0; round < 400; round += 1) {
      const outputs = draw(random, ['\n', '\n\n', '\t', '\r\n', '\u0000']);
      expect(jsonAdapter.parse(renderJsonAnswer(outputs, detailed), detailed)).toEqual({
        status: 'parsed',
        outputs,
        step: 'strict',
      });
    }
  });

  it('as tags and as a bare value, for text of one line', () => {
    const random = createRandom('chat answers');
    for (let round = 0; round < 400; round += 1) {
      const outputs = draw(random, []);
      const answer = renderAnswer(outputs, detailed);
      expect(chatAdapter.parse(answer, detailed)).toEqual({ status: 'parsed', outputs, step: 'strict' });
      const reason = String(outputs.reason).trim() || 'x';
      expect(chatAdapter.parse(renderAnswer({ reason }, single), single)).toMatchObject({
        outputs: { reason },
      });
    }
  });

  it('as lines, for trimmed text of one line', () => {
    const random = createRandom('completion answers');
    for (let round = 0; round < 400; round += 1) {
      const outputs = draw(random, []);
      const trimmed = { ...outputs, reason: String(outputs.reason).trim() || 'x' };
      const answer = answerLines(trimmed, detailed).slice('Reason:'.length);
      expect(completionAdapter.parse(answer, detailed)).toEqual({
        status: 'parsed',
        outputs: trimmed,
        step: 'strict',
      });
    }
  });

  it('as tags, for text of several lines', () => {
    const reason = '\n first\n\n  second </reason> x\nlast ';
    const outputs = { reason, category: 'billing', confidence: 1 };
    expect(chatAdapter.parse(renderAnswer(outputs, detailed), detailed)).toMatchObject({ outputs });
  });
});
