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
    expect(() => createScorer('regex', fields)).toThrow('regex: pattern is missing');
    expect(createScorer("regex: { pattern: '^[A-Z]{2}$' }", { outputs, expected: ['country'] }).name).toBe(
      'regex(country)',
    );
  });
});

describe('options by name are checked', () => {
  test.each([
    ['labeledFewShot: {demo: 8}', /labeledFewShot has no option "demo"/, 'Did you mean demos?'],
    ['labeledFewShot: {demos: eight}', /labeledFewShot: demos is 'eight', but must be a whole number/, ''],
    ['labeledFewShot:{demos:0}', /labeledFewShot: demos is 0, but must be a whole number from 1 to 256/, ''],
    ['auto: {sets: 1e9}', /auto: sets is 1000000000, but must be a whole number from 1 to 64/, '8'],
    ['auto: {sets: .inf}', /auto: sets is Infinity/, ''],
    ['auto: {sets: [3]}', /auto: sets is \[ 3 \]/, ''],
    ['auto: {words: -1}', /auto: words is -1, but must be a whole number from 0 to 1000/, '120'],
    ['simba: {sharpness: 0}', /simba: sharpness is 0, but must be a number above 0/, '0.2'],
    ['calibrate: {strength: -1}', /calibrate: strength is -1, but must be a number from 0 to 1/, ''],
    ['bootstrapFewShot: {threshold: 1.5}', /threshold is 1\.5, but must be a number from 0 to 1/, ''],
    ['bootstrapRandomSearch: {candidate: 4}', /has no option "candidate"/, 'Did you mean candidates?'],
  ])('%s', (text, message, hint) => {
    expect(() => createOptimizer(text)).toThrow(message);
    expect(() => createOptimizer(text)).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID', hint: expect.stringContaining(hint) }),
    );
  });

  test.each([
    ['numeric: {tolerance: 1}', /numeric\("country"\) has no option "tolerance"/, 'absolute, relative'],
    ['numeric: {absolute: -1}', /absolute is -1, but must be a number from 0 on/, ''],
    ['exactMatch: {ignorecase: true}', /has no option "ignorecase"/, 'Did you mean ignoreCase?'],
    ['exactMatch: {ignoreCase: yes please}', /ignoreCase is 'yes please', but must be true or false/, ''],
    ['contains: {normalize: nfc}', /normalize is 'nfc', but must be a function/, ''],
    ['fieldMatch: {combine: al}', /combine is 'al', but must be one of mean, all/, 'Did you mean all?'],
    ['schemaValid: {feld: country}', /schemaValid has no option "feld"/, 'Did you mean field?'],
    ["regex: {patern: 'x'}", /regex: pattern is missing|regex has no option "patern"/, ''],
  ])('%s', (text, message, hint) => {
    expect(() => createScorer(text, fields)).toThrow(message);
    expect(() => createScorer(text, fields)).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID', hint: expect.stringContaining(hint) }),
    );
  });

  test('an optimizer keeps every default written out, so equal settings are one run', () => {
    expect(createOptimizer('labeledFewShot').options).toEqual({ demos: 16 });
    expect(createOptimizer('labeledFewShot:{demos:16}').options).toEqual({ demos: 16 });
  });
});

test('options that are no map are refused', () => {
  expect(parseNamedSpec('numeric')).toEqual({ name: 'numeric', options: {} });
  expect(() => parseNamedSpec('numeric:5')).toThrow('cannot be read');
  expect(() => parseNamedSpec('numeric:{')).toThrow('cannot be read');
});
