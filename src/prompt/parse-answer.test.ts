import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Field, Signature } from '../signature/signature.ts';
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
      'Billing\n\nThe customer need not act.',
      { category: 'billing' },
      'aliases',
    ],
    ['half a choice', 'chat', triage, 'technical', {}, 'unparsable'],
    [
      'an explanation that names another choice',
      'chat',
      triage,
      'Billing\n\nThe refunds team need not act.',
      {},
      'unparsable',
    ],
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
      { ...outputs, confidence: 90 },
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
    ['a negated choice', 'This is not billing', /among other words/],
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

it('takes no tag that was begun and left for an empty value', () => {
  const two: Signature = { ...triage, outputs: [text('reason'), text('reply')] };
  const read = adapterOf('chat').parse('<reason>paid twice</reason>\n<reply>', two);
  expect(read).toMatchObject({ status: 'unparsable', partial: { reason: 'paid twice' }, missing: ['reply'] });
  expect(adapterOf('chat').parse('<reason>x</reason>\n<reply></reply>', two)).toMatchObject({
    status: 'parsed',
    outputs: { reply: '' },
  });
});
