import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { refine } from './refine.ts';

const search = predict(signature('question -> query', { instructions: 'Say what to look up.' }), {
  name: 'search',
});
const answer = predict(signature('question, query -> answer', { instructions: 'Answer it.' }), {
  name: 'answer',
});
const both = pipeline([search, answer]);
const row = { question: 'Who found the moth?' };
const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => content).join('\n');
const isAdvice = (request: ModelRequest) => textOf(request).includes('An attempt at a task fell short');

/** Looks up `moth` once it is advised to. */
const learner = (advice: string) =>
  scriptedModel({
    respond: (request) => {
      const text = textOf(request);
      if (isAdvice(request)) return advice;
      if (text.includes('Say what to look up.')) return text.includes('Name the insect') ? 'moth' : 'who';
      return text.includes('Query: moth') ? 'Grace Hopper' : 'nobody';
    },
  });

const isGrace = ({ outputs }: { readonly outputs: { readonly answer: string } }) =>
  outputs.answer === 'Grace Hopper' ? 1 : { score: 0, feedback: 'Nobody of that name is known.' };

describe('refining', () => {
  const advice = '<advice_for_search>Name the insect {{query}}.</advice_for_search>';

  test('tries again with advice for the step that is to blame, in its own instructions', async () => {
    const model = learner(advice);
    const program = refine(both, { reward: isGrace });
    const prediction = await program.forward(row, { model, draw: '2' });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { answer: 'Grace Hopper' } });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'search',
      'answer',
      'advise',
      'search#2',
      'answer#2',
    ]);
    const [first, , advised, second, last] = model.calls;
    expect(first).toMatchObject({ draw: '2', request: { temperature: 0 } });
    expect(textOf(advised?.request as ModelRequest)).toContain(
      'search took {"question":"Who found the moth?"}',
    );
    expect(textOf(advised?.request as ModelRequest)).toContain('Nobody of that name is known.');
    expect(second).toMatchObject({ draw: '2/attempt-2', request: { temperature: 1 } });
    expect(textOf(second?.request as ModelRequest)).toContain('fell short. Name the insect {{query}}.');
    expect(textOf(last?.request as ModelRequest)).not.toContain('fell short');
  });

  test('is the program as it is where the first attempt is good enough', async () => {
    const model = learner(advice);
    const easy = refine(both, { reward: () => true as unknown as number });
    await easy.run(row, { model });
    expect(model.callCount).toBe(2);
    expect(easy.calls(easy.seed)).toEqual({ typical: 8, most: 16 });
  });

  test('gives the best attempt, the earliest of equal ones, when none is good enough', async () => {
    const scores = [0.4, 0.7, 0.7];
    let index = 0;
    const program = refine(predict(signature('question -> answer')), {
      reward: () => scores[index++] ?? 0,
      threshold: 0.9,
    });
    const model = scriptedModel({
      respond: (request, { draw }) => (isAdvice(request) ? 'Try.' : `answer ${draw}`),
    });
    await expect(program.run(row, { model })).resolves.toEqual({ answer: 'answer 0/attempt-2' });
    expect(model.callCount).toBe(5);
  });

  test('is advised after an answer that cannot be read, and after advice that cannot be it tries all the same', async () => {
    const closed = predict(signature('question -> kind: "person" | "place"'), { name: 'kind' });
    const model = scriptedModel({
      respond: (request) => {
        if (isAdvice(request)) return 'Use one of the two words.';
        return textOf(request).includes('Use one of the two') ? 'person' : 'mu';
      },
    });
    const program = refine(closed, { reward: () => 1 });
    await expect(program.run(row, { model })).resolves.toEqual({ kind: 'person' });
    const asked = model.calls.find(({ request }) => isAdvice(request));
    expect(textOf(asked?.request as ModelRequest)).toContain('It failed at the step kind');
    expect(textOf(asked?.request as ModelRequest)).toContain(
      'could not be read: \\"mu\\"'.replaceAll('\\', ''),
    );
    const mute = refine(both, { reward: isGrace, attempts: 2 });
    const prediction = await mute.forward(row, { model: learner('') });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { answer: 'nobody' } });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'search',
      'answer',
      'advise',
      'search#2',
      'answer#2',
    ]);
  });

  test('lets an optimizer set the advising step and the steps inside, and runs a candidate of both', async () => {
    const program = refine(both, { reward: isGrace });
    expect(Object.keys(program.seed)).toEqual(
      expect.arrayContaining(['search.instructions', 'advise.instructions']),
    );
    const candidate = {
      'search.instructions': { kind: 'text', text: 'Say what to look up. Name the insect.' },
    } as const;
    const model = learner('');
    await expect(program.run(row, { model, candidate })).resolves.toEqual({ answer: 'Grace Hopper' });
    expect(model.callCount).toBe(2);
  });

  test('runs many rows at once without mixing their advice', async () => {
    const program = refine(both, { reward: isGrace });
    const model = learner(advice);
    const rows = await Promise.all(Array.from({ length: 50 }, () => program.run(row, { model })));
    expect(new Set(rows.map(({ answer: given }) => given))).toEqual(new Set(['Grace Hopper']));
    expect(model.callCount).toBe(250);
  });
});
