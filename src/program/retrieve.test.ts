import { describe, expect, expectTypeOf, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { ModelRequest } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { keywordIndex } from './keyword-index.ts';
import { multiHop } from './multi-hop.ts';
import type { PassageIndex } from './passage-index.ts';
import { retrieve } from './retrieve.ts';

const passages = [
  { id: 'clock', text: 'The harbour clock was repaired by Ilse Brandt.' },
  { id: 'ilse', text: 'Ilse Brandt lives on Tallow Lane.' },
  { id: 'lane', text: 'Tallow Lane runs from the old candle works to Fish Gate.' },
];
const index = keywordIndex(passages);

/** Answers each step by what its messages hold. */
const model = () =>
  scriptedModel({
    respond: (request: ModelRequest) => {
      const said = request.messages.map(({ content }) => String(content)).join('\n');
      if (!said.includes('look up')) return said.includes('Tallow Lane') ? 'Tallow Lane' : 'unknown';
      return said.includes('Ilse Brandt') ? 'Ilse Brandt' : 'harbour clock';
    },
  });
const question = { question: 'On which street does the person who repaired the harbour clock live?' };

describe('retrieve', () => {
  test('gives the texts that fit, asks no model, and notes the passages with their ids', async () => {
    const lookUp = retrieve(index, { count: 1 });
    expect(await lookUp.forward({ query: 'harbour' })).toEqual({
      status: 'completed',
      outputs: { passages: [passages[0]?.text] },
      trace: [{ kind: 'retrieve', id: 'retrieve', query: 'harbour', passages: [passages[0]] }],
    });
    expect(lookUp.calls(lookUp.seed)).toEqual({ typical: 0, most: 0 });
    expectTypeOf(lookUp.run).returns.resolves.toEqualTypeOf<{ readonly passages: readonly string[] }>();
  });

  test('gives as many as the candidate says', async () => {
    const lookUp = retrieve(index, { name: 'find' });
    expect(lookUp.shape.parameters).toMatchObject([{ name: 'find.count', kind: 'number', bounds: [1, 10] }]);
    const { passages: found } = await lookUp.run(
      { query: 'Tallow Lane' },
      { candidate: { 'find.count': { kind: 'number', value: 1.4 } } },
    );
    expect(found).toHaveLength(1);
  });

  test('is another program when its index is another one', () => {
    const other = retrieve(keywordIndex(passages.slice(1)));
    expect(other.shape.version).not.toBe(retrieve(index).shape.version);
  });

  test.each([
    { what: 'no index', make: () => retrieve({} as PassageIndex) },
    { what: 'a count of nothing', make: () => retrieve(index, { count: 0 }) },
    { what: 'a count above the most', make: () => retrieve(index, { count: 5, mostCount: 4 }) },
  ])('refuses $what', ({ make }) => {
    expect(make).toThrow(HoneError);
  });
});

describe('multiHop', () => {
  const program = multiHop(signature('question -> street'), { index, count: 1 });

  test('looks up what the first passages have made known, and answers from all', async () => {
    const prediction = await program.forward(question, { model: model() });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { street: 'Tallow Lane' },
      trace: [
        { id: 'query1', outputs: { query: 'harbour clock' } },
        { id: 'retrieve', query: 'harbour clock', passages: [{ id: 'clock' }] },
        { id: 'query2', inputs: { passages: [passages[0]?.text] }, outputs: { query: 'Ilse Brandt' } },
        { id: 'retrieve#2', query: 'Ilse Brandt' },
        { id: 'answer', inputs: { passages: [passages[0]?.text, passages[1]?.text] } },
      ],
    });
    expectTypeOf(program.run).returns.resolves.toEqualTypeOf<{ readonly street: string }>();
  });

  test('has parameters of its own for every stage, and counts its calls', () => {
    const names = program.shape.parameters.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'query1.instructions',
        'query2.instructions',
        'query2.demos',
        'retrieve.count',
        'answer.instructions',
      ]),
    );
    expect(program.calls(program.seed)).toEqual({ typical: 3, most: 6 });
    expect(multiHop(signature('question -> street'), { index, hops: 3 }).calls({}).typical).toBe(4);
  });

  test('finds what is not known yet, also by the same query', async () => {
    const same = scriptedModel({ replies: ['Ilse Brandt', 'Ilse Brandt', 'x'] });
    const { trace } = await program.forward(question, { model: same });
    const shown = [passages[1]?.text, passages[0]?.text];
    expect(trace.at(-1)).toMatchObject({ inputs: { passages: shown } });
    expect(trace.filter(({ kind }) => kind === 'retrieve')).toMatchObject([
      { passages: [{ id: 'ilse' }] },
      { passages: [{ id: 'clock' }] },
    ]);
  });

  test('fails at the step whose answer cannot be read, and ends at a fault of the index', async () => {
    const empty = scriptedModel({ replies: ['', '', ''] });
    expect(await program.forward(question, { model: empty, reask: false })).toMatchObject({
      status: 'failed',
      step: 'query1',
    });
    const gone: PassageIndex = {
      ...index,
      search: () => Promise.reject(new HoneError('down', { code: 'HONE_SERVICE_UNAVAILABLE' })),
    };
    const broken = multiHop(signature('question -> street'), { index: gone });
    await expect(broken.run(question, { model: model() })).rejects.toMatchObject({
      code: 'HONE_SERVICE_UNAVAILABLE',
    });
  });

  test.each([
    { what: 'a field of its own', make: () => multiHop(signature('query -> answer'), { index }) },
    { what: 'no hop', make: () => multiHop(signature('question -> answer'), { index, hops: 0 }) },
  ])('refuses $what', ({ make }) => {
    expect(make).toThrow(HoneError);
  });
});
