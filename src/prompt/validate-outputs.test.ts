import { expect, test } from 'vitest';
import type { FieldValidation, Signature } from '../signature/signature.ts';
import { validateOutputs } from './validate-outputs.ts';

const signature: Signature = {
  instructions: '',
  inputs: [],
  outputs: [
    { name: 'category', schema: { type: 'string', enum: ['billing', 'refunds'] } },
    { name: 'even', schema: { type: 'number' }, validate: async (value) => doubledWhenEven(value) },
    { name: 'note', schema: { type: 'string' }, optional: true },
  ],
};

function doubledWhenEven(value: unknown): FieldValidation {
  const isEven = typeof value === 'number' && value % 2 === 0;
  return isEven ? { status: 'valid', value: value * 2 } : { status: 'invalid', issues: ['not even'] };
}

const parsed = (outputs: Record<string, string | number>) =>
  ({ status: 'parsed', outputs, step: 'strict' }) as const;

test('outputs that keep their promises pass, converted by the schema of the user', async () => {
  expect(await validateOutputs(parsed({ category: 'billing', even: 4, more: 1 }), signature)).toEqual({
    status: 'parsed',
    outputs: { category: 'billing', even: 8 },
    step: 'strict',
  });
});

test('outputs that do not are named, and the good ones kept', async () => {
  expect(await validateOutputs(parsed({ category: 'billing', even: 3, note: 7 }), signature)).toEqual({
    status: 'unparsable',
    partial: { category: 'billing' },
    missing: ['even', 'note'],
    reason: expect.stringMatching(/^even: not even; note: .*string/),
  });
  expect(await validateOutputs(parsed({ even: 2 }), signature)).toMatchObject({ missing: ['category'] });
});
