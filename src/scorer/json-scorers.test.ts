import * as valibot from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { fieldF1 } from './field-f1.ts';
import { jsonDiff } from './json-diff.ts';
import { listOverlap } from './list-overlap.ts';
import { schemaRates } from './schema-rates.ts';
import type { Scorer } from './scorer.ts';

async function score(scorer: Scorer, invoice: Json | undefined, expected: Json) {
  const result = await scorer.score({
    example: { id: 'row-1', inputs: {}, expected: { invoice: expected } },
    outputs: invoice === undefined ? {} : { invoice },
    trace: [],
  });
  if (result.status === 'unscored') throw new Error(result.reason);
  return result;
}

const invoice = { name: 'Ada', date: '2024-03-05', total: 12.5 };

describe('jsonDiff', () => {
  describeScorer('jsonDiff', () => jsonDiff('invoice'), {
    samples: [
      { outputs: { invoice }, expected: { invoice } },
      { outputs: { invoice: { ...invoice, total: 13 } }, expected: { invoice } },
    ],
    variants: [() => jsonDiff('invoice', { ignoreCase: true }), () => jsonDiff('invoice', { atLeast: 1 })],
  });

  test.each<{ why: string; answer: Json | undefined; expected: Json; value: number }>([
    { why: 'equal', answer: { total: 12.5, name: 'Ada', date: '2024-03-05' }, expected: invoice, value: 1 },
    { why: 'one of three', answer: { ...invoice, total: 13 }, expected: invoice, value: 2 / 3 },
    { why: 'an invented place', answer: { ...invoice, tax: 1 }, expected: invoice, value: 3 / 4 },
    {
      why: 'a nested list',
      answer: { items: [{ n: 1 }, { n: 3 }] },
      expected: { items: [{ n: 1 }, { n: 2 }] },
      value: 0.5,
    },
    { why: 'lists by position', answer: ['a', 'b'], expected: ['b', 'a'], value: 0 },
    { why: 'null like absent', answer: { ...invoice, note: null }, expected: invoice, value: 1 },
    { why: 'a text that writes JSON', answer: JSON.stringify(invoice), expected: invoice, value: 1 },
    { why: 'a text that does not', answer: 'I cannot.', expected: invoice, value: 0 },
    { why: 'nothing', answer: undefined, expected: invoice, value: 0 },
    { why: 'money with its sign', answer: { total: '$12.50' }, expected: { total: 12.5 }, value: 0 },
    { why: 'a negative amount', answer: { total: -12.5 }, expected: { total: 12.5 }, value: 0 },
  ])('$why: $value', async ({ answer, expected, value }) => {
    expect((await score(jsonDiff('invoice'), answer, expected)).value).toBeCloseTo(value, 12);
  });

  test('thousands of brackets are a wrong answer, not a fault', async () => {
    const brackets = '['.repeat(20_000) + ']'.repeat(20_000);
    expect(await score(jsonDiff('invoice'), brackets, [1])).toMatchObject({ value: 0 });
    expect(await score(fieldF1('invoice'), brackets, [1])).toMatchObject({ value: 0 });
    expect(await score(listOverlap('invoice'), brackets, [1])).toMatchObject({ value: 0 });
  });

  test('names the places, however deep', async () => {
    const result = await score(
      jsonDiff('invoice'),
      { items: [{ 'unit price': 3 }], tax: 1 },
      { items: [{ 'unit price': 4 }], total: 9 },
    );
    expect(result.feedback).toBe(
      '3 of 3 places differ (0 equal): items[0]["unit price"] is 3 instead of 4; total is missing (9); tax is not expected (1).',
    );
  });
});

describe('fieldF1', () => {
  describeScorer('fieldF1', () => fieldF1('invoice'), {
    samples: [
      { outputs: { invoice }, expected: { invoice } },
      { outputs: { invoice: { name: 'Bob' } }, expected: { invoice } },
    ],
    variants: [
      () => fieldF1('invoice', { lists: 'ordered' }),
      () => fieldF1('invoice', { absolute: 0.01 }),
      () => fieldF1('invoice', { nullIsValue: true }),
      () => fieldF1(['invoice', 'other']),
    ],
  });

  test('a right value, a wrong one, one missing and one invented give P = R = 1/3', async () => {
    const result = await score(fieldF1('invoice'), { name: 'ada ', date: '2023-01-01', tax: 2 }, invoice);
    expect(result.value).toBeCloseTo(1 / 3, 12);
    expect(result.objectives).toEqual({ precision: 1 / 3, recall: 1 / 3 });
    expect(result.feedback).toContain('total is missing (12.5)');
    expect(result.feedback).toContain('tax is not expected (2)');
  });

  test.each<{ why: string; answer: Json | undefined; expected: Json; precision: number; recall: number }>([
    {
      why: 'a day at midnight',
      answer: { date: '2024-3-5T00:00:00Z' },
      expected: { date: '2024-03-05' },
      precision: 1,
      recall: 1,
    },
    {
      why: 'a day written day first',
      answer: { date: '05-03-2024' },
      expected: { date: '2024-03-05' },
      precision: 0,
      recall: 0,
    },
    {
      why: 'null is not invented',
      answer: { ...invoice, tax: null },
      expected: invoice,
      precision: 1,
      recall: 1,
    },
    {
      why: 'lists in any order',
      answer: { items: ['b', 'a'] },
      expected: { items: ['a', 'b'] },
      precision: 1,
      recall: 1,
    },
    {
      why: 'objects in lists pair with the likest',
      answer: [
        { sku: 2, n: 5 },
        { sku: 1, n: 1 },
      ],
      expected: [
        { sku: 1, n: 1 },
        { sku: 2, n: 2 },
      ],
      precision: 3 / 4,
      recall: 3 / 4,
    },
    { why: 'one item too many', answer: ['a', 'a'], expected: ['a'], precision: 0.5, recall: 1 },
    { why: 'nothing given', answer: undefined, expected: invoice, precision: 0, recall: 0 },
    { why: 'a text for an object', answer: 'no', expected: { a: 1, b: 2 }, precision: 0, recall: 0 },
    {
      why: 'a text that writes the object',
      answer: '{"a":1}',
      expected: { a: 1, b: 2 },
      precision: 1,
      recall: 0.5,
    },
  ])('$why', async ({ answer, expected, precision, recall }) => {
    const { objectives } = await score(fieldF1('invoice'), answer, expected);
    expect(objectives?.precision).toBeCloseTo(precision, 12);
    expect(objectives?.recall).toBeCloseTo(recall, 12);
  });

  test('options: order, tolerance, and null as a value', async () => {
    expect((await score(fieldF1('invoice', { lists: 'ordered' }), ['b', 'a'], ['a', 'b'])).value).toBe(0);
    expect((await score(fieldF1('invoice', { absolute: 0.01 }), { t: 1.11 }, { t: 1.1 })).value).toBe(1);
    expect((await score(fieldF1('invoice'), { t: 1.11 }, { t: 1.1 })).value).toBe(0);
    expect((await score(fieldF1('invoice', { nullIsValue: true }), {}, { t: null })).value).toBe(0);
  });

  test('long lists pair in a moment, and what is too long to pair by likeness is said', async () => {
    const items = (count: number, offset = 0) =>
      Array.from({ length: count }, (_, index) => ({ id: index, value: `v${index + offset}` }));
    expect((await score(fieldF1('invoice'), items(2_000).reverse(), items(2_000))).value).toBe(1);
    const { value, feedback } = await score(fieldF1('invoice'), items(400, 1), items(400));
    expect(value).toBeCloseTo(0.5, 9);
    expect(feedback).toContain('too many items to pair by likeness');
  });

  test('several outputs count together, and one without a label is not asked for', async () => {
    const sample = {
      example: { id: 'row-1', inputs: {}, expected: { name: 'Ada', total: 3 } },
      outputs: { name: 'Ada', total: 4, note: 'invented, yet nobody asked' },
      trace: [],
    };
    expect(await fieldF1(['name', 'total', 'note']).score(sample)).toMatchObject({
      objectives: { precision: 0.5, recall: 0.5 },
    });
  });
});

describe('schemaRates', () => {
  const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] } as const;
  const rates = async (invoice: Json, scorer = schemaRates(schema, { field: 'invoice' })) =>
    score(scorer, invoice, {});

  describeScorer('schemaRates', () => schemaRates(schema, { field: 'invoice' }), {
    samples: [{ outputs: { invoice: '{"total": 3}' } }, { outputs: { invoice: 'three' } }],
    variants: [
      () => schemaRates(schema, { field: 'invoice', gate: 'repaired' }),
      () => schemaRates({ ...schema, required: [] }, { field: 'invoice' }),
      () => schemaRates(z.object({ total: z.number() }), { field: 'invoice' }),
      () => schemaRates(valibot.object({ total: valibot.number() }), { field: 'invoice' }),
    ],
  });

  test.each<{ why: string; text: Json; raw: number; extracted: number; repaired: number }>([
    { why: 'JSON from end to end', text: '{"total": 3}', raw: 1, extracted: 1, repaired: 1 },
    { why: 'a code fence', text: '```json\n{"total": 3}\n```', raw: 0, extracted: 1, repaired: 1 },
    { why: 'words around it', text: 'Sure: {"total": 3}. Anything else?', raw: 0, extracted: 1, repaired: 1 },
    { why: 'single quotes', text: "{'total': 3}", raw: 0, extracted: 0, repaired: 1 },
    { why: 'the wrong type', text: '{"total": "3"}', raw: 0, extracted: 0, repaired: 0 },
    { why: 'no JSON', text: 'three', raw: 0, extracted: 0, repaired: 0 },
    { why: 'two objects', text: '{"total": 3} or {"total": 4}', raw: 0, extracted: 0, repaired: 0 },
    { why: 'a cut object', text: '{"total": 3, "items": [', raw: 0, extracted: 0, repaired: 0 },
    { why: 'an empty answer', text: '', raw: 0, extracted: 0, repaired: 0 },
    { why: 'a value that is no text', text: { total: 3 }, raw: 1, extracted: 1, repaired: 1 },
  ])('$why', async ({ text, raw, extracted, repaired }) => {
    const result = await rates(text);
    expect(result.objectives).toEqual({ raw, extracted, repaired });
    expect(result.value).toBe(raw);
  });

  test('the score is that of the gate, with the reason', async () => {
    const scorer = schemaRates(z.object({ total: z.number() }), { field: 'invoice', gate: 'repaired' });
    expect(await rates("{'total': 3}", scorer)).toMatchObject({ value: 1 });
    expect(await rates('{"total": "3"}', scorer)).toMatchObject({
      value: 0,
      feedback: expect.stringContaining('The answer is not valid (repaired): at total:'),
    });
  });

  test('the whole answer of the last step is read from the trace, and scored choices have no text', async () => {
    const step = { kind: 'predict', id: 'answer', step: 'answer', inputs: {}, calls: [] } as const;
    const sample = (text: string | undefined) => ({
      example: { id: 'row-1', inputs: {} },
      outputs: { total: 3 },
      trace: [
        { ...step, text: '{}' },
        { ...step, text },
      ],
    });
    expect(await schemaRates(schema).score(sample('{"total": 3}'))).toMatchObject({ value: 1 });
    expect(await schemaRates(schema).score(sample(undefined))).toMatchObject({ status: 'unscored' });
  });

  test('many brackets in a long broken answer take no longer than a moment', async () => {
    expect(await rates('["'.repeat(50_000))).toMatchObject({ value: 0 });
  });
});
