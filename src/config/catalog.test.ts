import { describe, expect, test } from 'vitest';
import { signatureOfColumns } from '../signature/shorthand.ts';
import { createOptimizer, createScorer } from './catalog.ts';
import { parseNamedSpec } from './named-spec.ts';

const { outputs } = signatureOfColumns({
  inputs: [{ name: 'text' }],
  outputs: [{ name: 'country' }, { name: 'total', type: 'number' }],
});
const fields = { outputs, expected: ['country', 'total'] };

describe('optimizers by name', () => {
  test.each([
    'auto',
    'calibrate',
    'labeled-few-shot',
    'labeledFewShot',
    'bootstrapRandomSearch',
    'bootstrap-few-shot',
  ])('%s is known', (name) => {
    expect(createOptimizer(name).name.replaceAll('-', '').toLowerCase()).toBe(
      name.replaceAll('-', '').toLowerCase(),
    );
  });

  test('an unknown name suggests the closest and lists all', () => {
    expect(() => createOptimizer('labelled-few-shot')).toThrow('There is no optimizer "labelled-few-shot"');
    expect(() => createOptimizer('labelled-few-shot')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Did you mean labeled-few-shot\? .*auto/) }),
    );
  });
});

describe('scorers by name', () => {
  test.each([
    ['exact-match', 'field-match(country, total)'],
    ['fieldMatch: { combine: all }', 'field-match(country, total)'],
    ['schema-valid', 'schema-valid'],
  ])('%s becomes %s', (text, name) => {
    expect(createScorer(text, fields).name).toBe(name);
  });

  test('one expected field needs no combination', () => {
    expect(createScorer('exact-match', { outputs, expected: ['country'] }).name).toBe('exact-match(country)');
  });

  test('options reach the scorer', async () => {
    const sample = {
      example: { id: '1', inputs: {}, expected: { total: 10 } },
      outputs: { total: 10.4 },
      trace: [],
    };
    const only = { outputs, expected: ['total'] };
    expect(await createScorer('numeric', only).score(sample)).toMatchObject({ value: 0 });
    expect(await createScorer('numeric:{absolute: 0.5}', only).score(sample)).toMatchObject({ value: 1 });
    expect(
      await createScorer({ name: 'numeric', options: { absolute: 0.5 } }, only).score(sample),
    ).toMatchObject({ value: 1 });
  });

  test('helpers of the export list are no names', () => {
    expect(() => createScorer('default-scorer', fields)).toThrow('There is no scorer');
    expect(() => createScorer('scorer', fields)).toThrow('There is no scorer');
  });

  test('an expected column that is no output is an error', () => {
    expect(() => createScorer('exact-match', { outputs, expected: ['city'] })).toThrow('nothing to compare');
  });

  test('a pattern is needed', () => {
    expect(() => createScorer('regex', fields)).toThrow('needs a pattern');
    expect(createScorer("regex: { pattern: '^[A-Z]{2}$' }", { outputs, expected: ['country'] }).name).toBe(
      'regex(country)',
    );
  });
});

test('options that are no map are refused', () => {
  expect(parseNamedSpec('numeric')).toEqual({ name: 'numeric', options: {} });
  expect(() => parseNamedSpec('numeric:5')).toThrow('cannot be read');
  expect(() => parseNamedSpec('numeric:{')).toThrow('cannot be read');
});
