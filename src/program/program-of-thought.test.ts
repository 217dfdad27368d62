import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
import { programOfThought } from './program-of-thought.ts';

const sums = signature('question, numbers: number[] -> answer: number', { instructions: 'Work it out.' });
const row = { question: 'What is the sum?', numbers: [1, 2, 39] };
const replying = (replies: readonly ScriptedReply[]) => scriptedModel({ replies });
const textOf = (model: ReturnType<typeof replying>, call: number) =>
  String(model.calls[call]?.request.messages.at(-1)?.content);

describe('a program of thought', () => {
  test('answers from what its code gave, and shows the code in its trace', async () => {
    const code = '```js\nconsole.log("adding");\nreturn inputs.numbers.reduce((a, b) => a + b, 0);\n```';
    const model = replying([code, '42']);
    const prediction = await programOfThought(sums).forward(row, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { answer: 42 },
      trace: [{ id: 'code' }, { id: 'javascript', kind: 'tool', result: 42 }, { id: 'answer' }],
    });
    expect(textOf(model, 1)).toContain('Result: adding\n42');
  });

  test('writes the code anew with the error in view', async () => {
    const model = replying(['return inputs.nummers.length;', 'return inputs.numbers.length;', '3']);
    const program = programOfThought(sums);
    const prediction = await program.forward(row, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { answer: 3 } });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'code',
      'javascript',
      'code#2',
      'javascript#2',
      'answer',
    ]);
    expect(textOf(model, 1)).toContain('TypeError');
    expect(program.calls(program.seed)).toEqual({ typical: 2, most: 8 });
  });

  test('may give the answer by the code alone, checked against the signature', async () => {
    const model = replying(['return { answer: "many" };', 'return 42;', 'return { answer: 42, more: 1 };']);
    const program = programOfThought(sums, { finish: 'code', name: 'pot' });
    expect(await program.run(row, { model })).toEqual({ answer: 42 });
    expect(textOf(model, 2)).toContain('did not return an object');
    expect(program.shape.steps.map(({ name }) => name)).toEqual(['pot-code']);
  });

  test.each([
    { what: 'does not end', code: 'while (true) {}', reason: /after 150 milliseconds/, timeoutMs: 150 },
    { what: 'throws', code: 'throw new Error("no")', reason: /Error: no/, timeoutMs: 20_000 },
    {
      what: 'reads a file',
      code: 'return require("fs").readFileSync("x")',
      reason: /require/,
      timeoutMs: 20_000,
    },
    { what: 'returns nothing', code: 'const x = 1;', reason: /returned nothing/, timeoutMs: 20_000 },
  ])('fails the row when its last code $what', async ({ code, reason, timeoutMs }) => {
    const program = programOfThought(sums, { rounds: 1, timeoutMs });
    expect(await program.forward(row, { model: replying([code]) })).toMatchObject({
      status: 'failed',
      step: 'code',
      text: code,
      reason: expect.stringMatching(reason),
      trace: [{ id: 'code' }, { id: 'javascript', kind: 'tool', arguments: { code } }],
    });
  });

  test('refuses a field of its own, and a limit that is none', () => {
    expect(() => programOfThought(signature('code -> answer'))).toThrow(/"code" already/);
    expect(() => programOfThought(sums, { timeoutMs: 0 })).toThrow(/`timeoutMs` is 0/);
  });
});
