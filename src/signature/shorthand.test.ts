import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { describeField } from './describe-field.ts';
import { field } from './field.ts';
import { objectSchemaOf } from './json-schema.ts';
import { signature, signatureOfColumns } from './shorthand.ts';
import { choicesOf, type Signature, withInstructions, withOutputs } from './signature.ts';

/** Texts that the compiler would refuse come from files and command lines. */
const atRunTime = (text: string): string => text;

describe('the text of a signature', () => {
  it('becomes fields with schemas', () => {
    const triage = signature(
      `ticket, tier?: 'gold' | "silver" -> category: "a, b" | 'c', sure: number, tags: string[]`,
    );
    expect(triage.inputs).toEqual([
      { name: 'ticket', schema: { type: 'string' } },
      { name: 'tier', schema: { type: 'string', enum: ['gold', 'silver'] }, optional: true },
    ]);
    expect(triage.outputs).toEqual([
      { name: 'category', schema: { type: 'string', enum: ['a, b', 'c'] } },
      { name: 'sure', schema: { type: 'number' } },
      { name: 'tags', schema: { type: 'array', items: { type: 'string' } } },
    ]);
    expect(triage.instructions).toBe('Give the category, sure and tags for the ticket and tier.');
  });

  it('takes instructions and descriptions beside it', () => {
    const triage = signature('a -> b', { instructions: 'Do b.', descriptions: { b: 'the second' } });
    expect(triage.instructions).toBe('Do b.');
    expect(triage.outputs[0]).toMatchObject({ description: 'the second' });
    expect(() => signature('a -> b', { descriptions: { c: '?' } })).toThrow(/no field “c”/);
  });

  test.each([
    ['a, b', /character 5: “->” is expected/],
    ['a -> b: strng', /character 9: unknown type “strng”: use string/],
    ['a -> b: constructor', /unknown type “constructor”/],
    ['a -> b: "x', /character 9: a type or a quoted answer/],
    ['a -> b: "x" | "x"', /character 15: the answer “x” is there twice/],
    ['a -> a', /character 6: “a” is there twice/],
    ['a -> b c', /character 8: the signature should end/],
    ['a -> b,', /character 8: the name of a field/],
    [' -> b', /character 2: the name of a field/],
    ['a -> b -> c', /character 8: the signature should end/],
    ['a -> b: ("x")', /“\[\]” is expected/],
    ['', /character 1/],
  ])('is refused with the place: %s', (text, message) => {
    try {
      signature(atRunTime(text));
      expect.unreachable();
    } catch (thrown) {
      expect(HoneError.isInstance(thrown) && thrown.code).toBe('HONE_SIGNATURE_INVALID');
      expect((thrown as Error).message).toMatch(message);
    }
  });
});

describe('the fields of a signature', () => {
  it('come from zod, with its checks and descriptions', async () => {
    const { outputs } = signature({
      inputs: { ticket: z.string() },
      outputs: {
        category: z.enum(['billing', 'refunds']).describe('what it is about'),
        score: z.number().min(0).max(1),
        due: z.iso.date().transform((text) => new Date(text).getTime()),
      },
    });
    expect(outputs[0]).toMatchObject({
      schema: { enum: ['billing', 'refunds'] },
      description: 'what it is about',
    });
    expect(outputs[1]?.schema).toMatchObject({ type: 'number', minimum: 0, maximum: 1 });
    expect(await outputs[2]?.validate?.('1970-01-02')).toEqual({ status: 'valid', value: 86_400_000 });
    expect(await outputs[1]?.validate?.(2)).toMatchObject({ status: 'invalid' });
  });

  it('come from valibot with the JSON Schema beside it', async () => {
    const { outputs } = signature({
      inputs: { ticket: 'string' },
      outputs: { count: field(v.pipe(v.number(), v.minValue(3)), { jsonSchema: { type: 'number' } }) },
    });
    expect(outputs[0]?.schema).toEqual({ type: 'number' });
    expect(await outputs[0]?.validate?.(1)).toMatchObject({
      status: 'invalid',
      issues: [expect.any(String)],
    });
  });

  it('say what is missing when a library gives no JSON Schema', () => {
    const make = () => signature({ inputs: { a: 'string' }, outputs: { b: v.string() } });
    expect(make).toThrow(/valibot schema of the output “b”/);
    try {
      make();
    } catch (thrown) {
      expect(HoneError.isInstance(thrown) && thrown.hint).toContain('@valibot/to-json-schema');
    }
  });

  it('come from a library that says its JSON Schema by the standard or by a method', () => {
    const standard = { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) } as const;
    const input = () => ({ $schema: 'x', type: 'integer' });
    const byStandard = { '~standard': { ...standard, jsonSchema: { input, output: input } } };
    const byMethod = Object.assign(() => undefined, {
      '~standard': standard,
      toJsonSchema: () => ({ type: 'boolean' }),
    });
    const { outputs } = signature({ inputs: { a: 'string' }, outputs: { b: byStandard, c: byMethod } });
    expect(outputs.map((output) => output.schema)).toEqual([{ type: 'integer' }, { type: 'boolean' }]);
  });

  test.each<[string, Parameters<typeof signature>[0], RegExp]>([
    ['a name that is no word', { inputs: { 'a b': 'string' }, outputs: { c: 'string' } }, /“a b”/],
    ['a name on both sides', { inputs: { a: 'string' }, outputs: { a: 'string' } }, /both an input/],
    ['no outputs', { inputs: { a: 'string' }, outputs: {} }, /no outputs/],
    ['an unknown type', { inputs: { a: 'text' }, outputs: { b: 'string' } }, /unknown type “text”/],
  ])('are refused for %s', (_, spec, message) => {
    expect(() => signature(spec as string)).toThrow(message);
  });

  it('keep limits and descriptions of their own', () => {
    const { outputs } = signature({
      inputs: { a: 'string' },
      outputs: { sure: field('number', { description: 'how sure', minimum: 0, maximum: 1, optional: true }) },
    });
    expect(outputs[0]).toEqual({
      name: 'sure',
      schema: { type: 'number', minimum: 0, maximum: 1 },
      description: 'how sure',
      optional: true,
    });
    expect(outputs.map(describeField)).toEqual([
      'a number from 0 to 1 (how sure); leave it out when there is none',
    ]);
  });
});

describe('a signature', () => {
  const triage = signature('ticket -> category: "billing" | "refunds", sure: number, note?');

  it('changes by giving another', () => {
    expect(withInstructions(triage, 'New.').instructions).toBe('New.');
    expect(withOutputs(triage as Signature, ['sure']).outputs.map(({ name }) => name)).toEqual(['sure']);
    expect(triage.outputs).toHaveLength(3);
  });

  it('of columns takes any names and closed choices', () => {
    const { inputs, outputs, instructions } = signatureOfColumns({
      inputs: [{ name: 'Customer mail' }],
      outputs: [
        { name: 'queue', choices: ['a', 'b'] },
        { name: 'size', type: 'number' },
      ],
    });
    expect(inputs).toEqual([{ name: 'Customer mail', schema: { type: 'string' } }]);
    expect(outputs.map(choicesOf)).toEqual([['a', 'b'], undefined]);
    expect(instructions).toBe('Give the queue and size for the customer mail.');
  });

  it('makes one schema that strict providers take', () => {
    expect(objectSchemaOf(triage.outputs)).toEqual({
      type: 'object',
      properties: {
        category: { type: 'string', enum: ['billing', 'refunds'] },
        sure: { type: 'number' },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['category', 'sure', 'note'],
      additionalProperties: false,
    });
  });
});
