import { expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { chainOfThought } from './chain-of-thought.ts';

test('the reasoning is asked for before the answer and comes back with it', async () => {
  const model = scriptedModel({
    replies: ['<reasoning>Twice three.</reasoning>\n<answer>6</answer>'],
  });
  const program = chainOfThought(signature('question -> answer: integer'));
  expect(program.shape.outputs.map(({ name }) => name)).toEqual(['reasoning', 'answer']);
  await expect(program.run({ question: '2 · 3?' }, { model })).resolves.toEqual({
    reasoning: 'Twice three.',
    answer: 6,
  });
  const [system] = model.calls[0]?.request.messages ?? [];
  expect(system?.content).toMatch(/<reasoning>[\s\S]*<answer>/);
});

test('a closed choice is thought about, so it is written and not scored', async () => {
  const model = scriptedModel({
    respond: () => '<reasoning>Money.</reasoning>\n<queue>billing</queue>',
    scoreChoices: () => [0, -1],
  });
  const program = chainOfThought(signature('ticket -> queue: "billing" | "access"'));
  await expect(program.run({ ticket: 'My bill.' }, { model })).resolves.toMatchObject({ queue: 'billing' });
  expect(model.calls.map(({ kind }) => kind)).toEqual(['generate']);
});

test.each([
  { fields: 'question -> reasoning', make: () => chainOfThought(signature('question -> reasoning')) },
  { fields: 'reasoning -> answer', make: () => chainOfThought(signature('reasoning -> answer')) },
])('a signature that has a field of that name is refused: $fields', ({ make }) => {
  expect(make).toThrow(expect.objectContaining({ code: 'HONE_SIGNATURE_INVALID' }));
});
