import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import type { Trace, TraceStep } from '../program/trace.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { expectedTools } from './expected-tools.ts';
import { noLoops } from './no-loops.ts';
import { retrievedPassages } from './retrieved-passages.ts';
import type { Scorer } from './scorer.ts';
import { stepsUsed } from './steps-used.ts';
import { toolCalled } from './tool-called.ts';
import { toolNotCalled } from './tool-not-called.ts';
import { toolOrder } from './tool-order.ts';

const asked = (step: string): TraceStep => ({ kind: 'predict', id: step, step, inputs: {}, calls: [] });
const call = (name: string, given: JsonObject = {}, error?: string): TraceStep => ({
  kind: 'tool',
  id: name,
  name,
  arguments: given,
  ...(error === undefined ? { result: 'ok' } : { error }),
});
const found = (query: string, ...ids: string[]): TraceStep => ({
  kind: 'retrieve',
  id: 'retrieve',
  query,
  passages: ids.map((id) => ({ id, text: `about ${id}` })),
});

const search = call('search', { query: 'flights', limit: 5 });
const booked: Trace = [asked('agent'), search, asked('agent'), call('book', { flight: 'HN7' })];

function score(scorer: Scorer, trace: Trace, expected?: Json) {
  const row = { id: 'row-1', inputs: {}, ...(expected !== undefined && { expected: { wanted: expected } }) };
  return scorer.score({ example: row, outputs: {}, trace });
}

const good = { outputs: {}, trace: booked };
const bad = { outputs: {}, trace: [asked('agent'), search, asked('agent'), search] };
describeScorer('toolCalled', () => toolCalled('book'), {
  samples: [good, bad, { outputs: {} }],
  variants: [
    () => toolCalled('search'),
    () => toolCalled('book', { arguments: { flight: 'HN7' } }),
    () => toolCalled('book', { most: 1 }),
    () => toolCalled('book', { succeeds: true }),
  ],
});
describeScorer('toolNotCalled', () => toolNotCalled('book'), {
  samples: [good, bad],
  variants: [() => toolNotCalled('search'), () => toolNotCalled('book', { arguments: { flight: 'x' } })],
});
describeScorer('toolOrder', () => toolOrder(['search', 'book']), {
  samples: [good, bad],
  variants: [() => toolOrder(['book', 'search']), () => toolOrder(['search', 'book'], { only: true })],
});
describeScorer('expectedTools', () => expectedTools('wanted'), {
  samples: [good, bad].map((sample) => ({ ...sample, expected: { wanted: ['search', 'book'] } })),
  variants: [
    () => expectedTools('other'),
    () => expectedTools('wanted', { order: 'same' }),
    () => expectedTools('wanted', { ignore: ['search'] }),
  ],
});
describeScorer('stepsUsed', () => stepsUsed({ most: 1 }), {
  samples: [good, { outputs: {} }],
  variants: [() => stepsUsed({ most: 2 }), () => stepsUsed({ most: 1, of: 'tool' })],
});
describeScorer('noLoops', () => noLoops(), { samples: [good, bad], variants: [() => noLoops({ most: 2 })] });
describeScorer('retrievedPassages', () => retrievedPassages('wanted'), {
  samples: ['a', 'b'].map((id) => ({
    outputs: {},
    trace: [asked('query1'), found('first', 'a')],
    expected: { wanted: [id] },
  })),
  variants: [() => retrievedPassages('other'), () => retrievedPassages('wanted', { key: 'title' })],
});

describe('a call of a tool', () => {
  test.each([
    { what: 'no arguments asked for', scorer: toolCalled('search'), value: 1 },
    { what: 'some of its arguments', scorer: toolCalled('search', { arguments: { limit: 5 } }), value: 1 },
    { what: 'a number as its text', scorer: toolCalled('search', { arguments: { limit: '5' } }), value: 1 },
    { what: 'another value', scorer: toolCalled('search', { arguments: { limit: 6 } }), value: 0 },
    { what: 'an argument it lacks', scorer: toolCalled('search', { arguments: { page: 1 } }), value: 0 },
    { what: 'more calls than there were', scorer: toolCalled('search', { least: 2 }), value: 0 },
    { what: 'another tool', scorer: toolCalled('cancel'), value: 0 },
  ])('with $what gives $value', ({ scorer, value }) => {
    expect(score(scorer, booked)).toMatchObject({ status: 'scored', value });
  });

  test('that failed counts, unless it has to succeed', () => {
    const failed = [asked('agent'), call('book', {}, 'sold out')];
    expect(score(toolCalled('book'), failed)).toMatchObject({ value: 1 });
    expect(score(toolCalled('book', { succeeds: true }), failed)).toMatchObject({
      value: 0,
      stepFeedback: { agent: expect.stringContaining('book({})') },
    });
  });

  test('that must not be says which it was', () => {
    expect(score(toolNotCalled('book'), booked)).toMatchObject({
      value: 0,
      feedback: 'The tool "book" must not be called; called were book({"flight":"HN7"}).',
    });
    expect(score(toolNotCalled('book', { arguments: { flight: 'other' } }), booked)).toMatchObject({
      value: 1,
    });
  });
});

describe('the order of tools', () => {
  test.each([
    { tools: ['search', 'book'], only: false, value: 1 },
    { tools: ['book', 'search'], only: false, value: 0 },
    { tools: ['search'], only: false, value: 1 },
    { tools: ['search'], only: true, value: 0 },
    { tools: ['search', 'search'], only: false, value: 0 },
  ])('$tools with only: $only gives $value', ({ tools, only, value }) => {
    expect(score(toolOrder(tools, { only }), booked)).toMatchObject({ value });
  });
});

describe('the tools that a row expects', () => {
  const wanted = [{ name: 'search', arguments: { query: 'flights' } }, 'book'];
  test.each<{ what: string; trace: Trace; expected: Json; order?: 'any' | 'same'; value: number }>([
    { what: 'all of them', trace: booked, expected: wanted, value: 1 },
    { what: 'one of two', trace: booked.slice(0, 2), expected: wanted, value: 2 / 3 },
    { what: 'one too many', trace: [...booked, call('pay')], expected: wanted, value: 0.8 },
    { what: 'none, and none was wanted', trace: [], expected: [], value: 1 },
    { what: 'one, and none was wanted', trace: [call('pay')], expected: [], value: 0 },
    { what: 'the wrong order, in any', trace: booked, expected: ['book', 'search'], value: 1 },
    { what: 'the wrong order', trace: booked, expected: ['book', 'search'], order: 'same', value: 0.5 },
    {
      what: 'a plain name beside one with arguments',
      trace: [call('look', { at: 1 }), call('look', { at: 2 })],
      expected: ['look', { name: 'look', arguments: { at: 1 } }],
      value: 1,
    },
  ])('$what: $value', ({ trace, expected, order = 'any', value }) => {
    const result = score(expectedTools('wanted', { order }), trace, expected);
    expect(result).toMatchObject({ status: 'scored', value: expect.closeTo(value) });
  });

  test('says what is missing and what was needless', () => {
    expect(score(expectedTools('wanted'), [asked('agent'), call('pay')], wanted)).toMatchObject({
      feedback:
        'Missing: search({"query":"flights"}), book. Calls that were not expected: 1. In all, called were pay({}).',
      stepFeedback: { agent: expect.stringContaining('Missing') },
    });
  });

  test('leaves a row unscored whose list is none', () => {
    expect(score(expectedTools('wanted'), booked, 7)).toMatchObject({ status: 'unscored' });
  });
});

test('retrieved passages count once, whichever query found them, and the writer of queries is told', () => {
  const trace = [
    asked('query1'),
    found('first', 'a', 'x'),
    asked('query2'),
    found('second', 'a'),
    asked('answer'),
  ];
  expect(score(retrievedPassages('wanted'), trace, ['a', 'b', 'a'])).toEqual({
    status: 'scored',
    value: 0.5,
    feedback: 'Not retrieved: b. Looked up: “first”, “second”.',
    stepFeedback: {
      query1: 'Not retrieved: b. Looked up: “first”, “second”.',
      query2: 'Not retrieved: b. Looked up: “first”, “second”.',
    },
  });
  expect(score(retrievedPassages('wanted'), [], 'a')).toMatchObject({ value: 0 });
  const plain: Trace = [{ kind: 'retrieve', id: 'r', query: 'q', passages: ['the text'] }];
  expect(score(retrievedPassages('wanted'), plain, 'the text')).toMatchObject({ value: 1 });
});

test('steps are counted by kind', () => {
  expect(score(stepsUsed({ most: 1 }), booked)).toMatchObject({
    value: 0.5,
    feedback: expect.stringContaining('2'),
  });
  expect(score(stepsUsed({ most: 2, of: 'tool' }), booked)).toEqual({ status: 'scored', value: 1 });
  expect(score(stepsUsed({ most: 3, of: 'all' }), booked)).toMatchObject({ value: 0.75 });
});

test('a loop is the same call or query again, with its arguments in any order', () => {
  expect(score(noLoops(), booked)).toMatchObject({ value: 1 });
  const again = [...booked, call('search', { limit: 5, query: 'flights' })];
  expect(score(noLoops(), again)).toMatchObject({
    value: 0,
    feedback: expect.stringMatching(/search.* 2 times/),
  });
  expect(score(noLoops({ most: 2 }), again)).toMatchObject({ value: 1 });
  expect(score(noLoops(), [found('same', 'a'), found('same', 'a')])).toMatchObject({ value: 0 });
});
