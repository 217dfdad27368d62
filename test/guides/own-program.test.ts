import { evaluate } from 'hone-ai';
import type { Prediction } from 'hone-ai/programs';
import { describeScorer, scriptedModel } from 'hone-ai/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { lookUp, wordIndex } from '../../examples/write-your-own/program.ts';
import { answersFromPassages } from '../../examples/write-your-own/scorer.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';

const find = wordIndex([
  'Ada Lovelace wrote notes on the Analytical Engine.',
  'Grace Hopper found a moth in a relay.',
  'The moth is kept in a museum in Washington.',
]);

/** Looks up what it is told to, and answers from the passages that it sees. */
const model = ({ query, answer }: { readonly query: string; readonly answer: string }) =>
  scriptedModel({
    respond: ({ messages }) => (JSON.stringify(messages).includes('Passages') ? answer : query),
  });

const row = { id: 'moth', inputs: { question: 'Who found the moth?' }, expected: { answer: 'Grace Hopper' } };

async function scored(replies: { readonly query: string; readonly answer: string }) {
  await using store = await openMemoryStore();
  const run = evaluate({
    program: lookUp(find),
    dataset: [row],
    scorer: answersFromPassages,
    model: model(replies),
    store,
  });
  const evaluation = await run.result();
  for await (const { outcome } of evaluation.results()) return outcome;
  return undefined;
}

describe('a program of your own', () => {
  test('looks up before it answers, and shows how', async () => {
    const given = model({ query: 'moth', answer: 'Grace Hopper' });
    const prediction: Prediction<{ answer: string }> = await lookUp(find).forward(row.inputs, {
      model: given,
    });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { answer: 'Grace Hopper' },
      trace: [
        { step: 'search', outputs: { query: 'moth' } },
        { kind: 'retrieve', query: 'moth', passages: [expect.stringContaining('Grace'), expect.any(String)] },
        { step: 'answer' },
      ],
    });
  });

  test('infers what it takes and gives', () => {
    expectTypeOf(lookUp(find).run).returns.resolves.toEqualTypeOf<{ readonly answer: string }>();
    // @ts-expect-error the input is called `question`
    void (() => lookUp(find).run({ query: 'moth' }));
  });

  test('fails a row with what its own code says', async () => {
    expect(await scored({ query: 'zebra', answer: 'nobody' })).toMatchObject({
      status: 'failed',
      value: 0,
      feedback: 'Nothing was found for "zebra".',
    });
  });
});

describe('a scorer of your own', () => {
  describeScorer('answersFromPassages', () => answersFromPassages, {
    samples: [
      { outputs: { answer: 'Grace Hopper did.' }, expected: { answer: 'Grace Hopper' } },
      { outputs: { answer: 'Ada' }, expected: { answer: 'Grace Hopper' } },
    ],
    variants: [],
  });

  test.each([
    { what: 'a right answer', query: 'moth', answer: 'It was Grace Hopper.', outcome: { value: 1 } },
    {
      what: 'the step that read a passage wrong',
      query: 'moth',
      answer: 'Ada Lovelace',
      outcome: {
        value: 0,
        stepFeedback: { answer: 'Expected "Grace Hopper", got "Ada Lovelace". A passage says so.' },
      },
    },
    {
      what: 'the step that looked up the wrong thing',
      query: 'museum',
      answer: 'Washington',
      outcome: { value: 0, stepFeedback: { search: 'No passage that was found says "Grace Hopper".' } },
    },
  ])('tells $what', async ({ query, answer, outcome }) => {
    expect(await scored({ query, answer })).toMatchObject({ status: 'scored', ...outcome });
  });
});
