import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
import { selfRefine } from './self-refine.ts';

const letter = signature('request -> reply', { instructions: 'Answer the letter.' });
const row = { request: 'When do you open?' };
const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => content).join('\n');
const critique = (score: number, verdict: 'good' | 'improve' = 'improve', said = 'Too cold.') =>
  `<critique>${said}</critique><score>${score}</score><verdict>${verdict}</verdict>`;
const scripted = (replies: readonly ScriptedReply[]) => scriptedModel({ replies });

describe('self-refinement', () => {
  test('ends when the critique finds nothing left', async () => {
    const model = scripted(['At nine.', critique(5), 'Gladly: at nine.', critique(9, 'good')]);
    const prediction = await selfRefine(letter).forward(row, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { reply: 'Gladly: at nine.' } });
    expect(prediction.trace.map(({ id }) => id)).toEqual(['draft', 'critique', 'improve', 'critique#2']);
    expect(textOf(model.calls[2]?.request as ModelRequest)).toContain('"critique":"Too cold."');
  });

  test('gives the best draft and not the last, and criticizes the last one to know', async () => {
    const model = scripted(['one', critique(4), 'two', critique(8), 'three', critique(2)]);
    const program = selfRefine(letter, { rounds: 2 });
    await expect(program.run(row, { model })).resolves.toEqual({ reply: 'two' });
    expect(model.callCount).toBe(6);
    expect(program.calls(program.seed)).toEqual({ typical: 6, most: 12 });
  });

  test('shows every earlier draft with its critique to the next improvement', async () => {
    const model = scripted([
      'one',
      critique(1, 'improve', 'A'),
      'two',
      critique(2, 'improve', 'B'),
      'three',
      critique(3),
    ]);
    await selfRefine(letter, { rounds: 2 }).run(row, { model });
    const last = textOf(model.calls[4]?.request as ModelRequest);
    expect(last).toContain('[{"reply":"one","critique":"A"},{"reply":"two","critique":"B"}]');
  });

  test('goes by a check from outside where there is one, and tells the critique what it found', async () => {
    const model = scripted(['one', critique(10, 'good'), 'two', critique(10, 'good'), 'three']);
    const program = selfRefine(letter, {
      rounds: 2,
      check: ({ outputs }) => (outputs.reply === 'two' ? 0.6 : { score: 0.2, feedback: 'No time is named.' }),
    });
    await expect(program.run(row, { model })).resolves.toEqual({ reply: 'two' });
    expect(textOf(model.calls[1]?.request as ModelRequest)).toContain('Found: No time is named.');
    expect(model.callCount).toBe(5);
    const enough = scripted(['one']);
    await selfRefine(letter, { check: () => 1 }).run(row, { model: enough });
    expect(enough.callCount).toBe(1);
  });

  test('keeps the draft that could be read when an improvement cannot be, and fails without any', async () => {
    const closed = signature('text -> mood: "good" | "bad", why');
    const model = scripted(['<mood>bad</mood><why>x</why>', critique(3), '??', '??']);
    await expect(selfRefine(closed).run({ text: 'x' }, { model })).resolves.toEqual({
      mood: 'bad',
      why: 'x',
    });
    expect(await selfRefine(closed).forward({ text: 'x' }, { model: scripted(['??']) })).toMatchObject({
      status: 'failed',
      step: 'draft',
    });
  });

  test('goes on without a critique that cannot be read', async () => {
    const model = scripted(['one', '', 'two', critique(7, 'good')]);
    await expect(selfRefine(letter).run(row, { model })).resolves.toEqual({ reply: 'two' });
  });

  test('may ask other models for the critique, and has parameters for all three steps', async () => {
    const program = selfRefine(letter, { name: 'mail', critics: ['critic'], criteria: ['is polite'] });
    expect(program.shape.steps.map(({ name }) => name)).toEqual([
      'mail-draft',
      'mail-critique',
      'mail-improve',
    ]);
    const critic = scripted([critique(10, 'good')]);
    await program.run(row, { models: { task: scripted(['Hello.']), critic } });
    expect(critic.callCount).toBe(1);
    expect(textOf(critic.calls[0]?.request as ModelRequest)).toContain('- is polite');
  });

  test('refuses a signature with a field of its own', () => {
    expect(() => selfRefine(signature('text -> critique'))).toThrow(/a field "critique"/);
  });
});
