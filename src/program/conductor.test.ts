import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { conductor } from './conductor.ts';

const puzzle = signature('question -> answer: number', { instructions: 'Solve the puzzle.' });
const row = { question: 'What is 6 times 7?' };
const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => content).join('\n');

/** Who is asked, by what every step is told. */
function roleOf(request: ModelRequest): string {
  const text = textOf(request);
  if (text.includes('You conduct experts')) return 'conduct';
  if (text.includes('You are the expert')) return 'expert';
  if (text.includes('Check an answer')) return 'verify';
  return text.includes('Write JavaScript') ? 'code' : 'answer';
}

/** Answers each role with its replies in order, the last one from then on. */
function playing(replies: Readonly<Record<string, readonly string[]>>) {
  const counts = new Map<string, number>();
  return scriptedModel({
    respond: (request) => {
      const role = roleOf(request);
      const count = counts.get(role) ?? 0;
      counts.set(role, count + 1);
      const own = replies[role] ?? ['?'];
      return own[Math.min(count, own.length - 1)] ?? '?';
    },
  });
}

const move = (name: string, expert = '', message = '') =>
  `<move>${name}</move><expert>${expert}</expert><message>${message}</message>`;
const verdict = (said: string) => `<why>I multiplied.</why><verdict>${said}</verdict>`;

describe('a conductor', () => {
  test('asks experts who see its message alone, then answers, and has the answer checked', async () => {
    const model = playing({
      conduct: [move('ask', 'Accountant', 'Multiply 6 by 7.'), move('answer')],
      expert: ['42'],
      answer: ['42'],
      verify: [verdict('right')],
    });
    const prediction = await conductor(puzzle).forward(row, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { answer: 42 } });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'conduct',
      'expert',
      'conduct#2',
      'answer',
      'verify',
    ]);
    const asked = model.calls.map(({ request }) => [roleOf(request), textOf(request)] as const);
    expect(asked.find(([role]) => role === 'expert')?.[1]).not.toContain('puzzle');
    expect(asked.find(([role]) => role === 'verify')?.[1]).not.toContain('Accountant');
  });

  test('goes on when the verifier rejects an answer, and is told why', async () => {
    const model = playing({
      conduct: [move('answer'), move('ask', 'Checker', '6 times 7?'), move('answer')],
      expert: ['42'],
      answer: ['41', '42'],
      verify: [verdict('wrong'), verdict('right')],
    });
    await expect(conductor(puzzle).run(row, { model })).resolves.toEqual({ answer: 42 });
    const second = model.calls.filter(({ request }) => roleOf(request) === 'conduct')[1];
    expect(textOf(second?.request as ModelRequest)).toContain('"verifier":"I multiplied."');
  });

  test('has to answer in the last round, whatever it does, and stays within its calls', async () => {
    const model = playing({ conduct: [move('ask', 'Poet', 'Sing.')], expert: ['La.'], answer: ['7'] });
    const program = conductor(puzzle, { rounds: 3 });
    await expect(program.run(row, { model })).resolves.toEqual({ answer: 7 });
    expect(model.callCount).toBe(7);
    expect(textOf(model.calls[4]?.request as ModelRequest)).toContain('3 of 3, the last one: answer');
    const doubting = playing({ conduct: [move('answer')], answer: ['7'], verify: [verdict('wrong')] });
    await program.run(row, { model: doubting });
    expect(doubting.callCount).toBe(9);
    expect(program.calls(program.seed)).toEqual({ typical: 8, most: 20 });
  });

  test('is told when it asked nobody, and answers from what there is when it cannot be read', async () => {
    const silent = playing({ conduct: [move('ask'), '???'], answer: ['5'] });
    await expect(conductor(puzzle).run(row, { model: silent })).resolves.toEqual({ answer: 5 });
    expect(textOf(silent.calls[1]?.request as ModelRequest)).toContain('You asked nobody anything');
  });

  test('may have code written and run', async () => {
    const model = playing({
      conduct: [move('code', '', 'Compute 6 * 7.'), move('answer')],
      code: ['```js\nreturn 6 * 7;\n```'],
      answer: ['42'],
    });
    const program = conductor(puzzle, { code: true, verify: false });
    const prediction = await program.forward(row, { model });
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'conduct',
      'code',
      'javascript',
      'conduct#2',
      'answer',
    ]);
    expect(textOf(model.calls[2]?.request as ModelRequest)).toContain('"result":"42"');
    expect(conductor(puzzle).shape.steps.map(({ name }) => name)).toEqual([
      'conduct',
      'expert',
      'answer',
      'verify',
    ]);
  });

  test('has every prompt as a parameter, and refuses a field of its own', () => {
    expect(Object.keys(conductor(puzzle, { name: 'boss' }).seed)).toContain('boss-conduct.instructions');
    expect(() => conductor(signature('move -> answer'))).toThrow(/"move" already/);
    expect(() => conductor(puzzle, { timeoutMs: Number.NaN })).toThrow(/`timeoutMs` is NaN/);
  });
});
