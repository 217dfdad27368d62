import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { ModelRequest } from '../model/model.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import {
  modelCall,
  sumOf,
  textFunction,
  textLoss,
  textualGradientDescent,
  variable,
} from './text-gradient.ts';

const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => String(content)).join('\n');
/** What is asked for, by the instructions. */
const kindOf = (request: ModelRequest) => {
  const text = textOf(request);
  if (text.includes('Judge a text')) return 'judgement';
  if (text.includes('Only criticize')) return 'critique';
  return text.includes('Improve a text') ? 'update' : 'answer';
};

/** Finds texts without a full stop at fault, and mends them; says the rest with what it was shown. */
function punctual(calls: string[] = []) {
  return scriptedModel({
    respond: (request) => {
      const text = textOf(request);
      const kind = kindOf(request);
      calls.push(kind);
      const isWrong = !/STOP\./.test(text);
      const replies: Readonly<Record<string, string>> = {
        answer: 'an answer',
        judgement: isWrong ? 'It lacks its last word.' : 'Nothing is wrong.',
        critique: JSON.stringify({
          is_fine: !isWrong,
          critique: isWrong ? 'It should end with the word that was asked for.' : 'none',
        }),
        update: JSON.stringify({ changes: 'The end.', text: 'the end STOP.' }),
      };
      return replies[kind] ?? '';
    },
  });
}

describe('an answer', () => {
  test('is judged, criticized and rewritten until nothing is wrong', async () => {
    const calls: string[] = [];
    const model = punctual(calls);
    const answer = variable('the end', { role: 'last sentence of a telegram' });
    const loss = textLoss('Does it end as telegrams do?', { model });
    const descent = textualGradientDescent([answer], { model });
    await (await loss(answer)).backward();
    expect(answer.gradients).toEqual([
      expect.objectContaining({ critique: 'It should end with the word that was asked for.' }),
    ]);
    expect(await descent.step()).toBe(1);
    expect(answer.value).toBe('the end STOP.');
    expect(answer.gradients).toEqual([]);
    await (await loss(answer)).backward();
    expect(await descent.step()).toBe(0);
    expect(calls).toEqual(['judgement', 'critique', 'update', 'judgement', 'critique']);
  });

  test('goes back to what it was when a step made the loss worse', async () => {
    const model = punctual();
    const answer = variable('the end', { role: 'sentence' });
    const descent = textualGradientDescent([answer], { model });
    await (await textLoss('Judge.', { model })(answer)).backward();
    await descent.step();
    descent.revert();
    expect(answer.value).toBe('the end');
    descent.revert();
    expect(answer.value).toBe('the end');
  });
});

describe('a chain of operations', () => {
  test('carries what is wrong back to the instructions, and to nothing that is fixed', async () => {
    const model = punctual();
    const system = variable('Be brief.', { role: 'instructions of the assistant' });
    const question = variable('How are you?', { role: 'question', trainable: false });
    const answer = await modelCall({ system, role: 'answer', model })(question);
    const shouted = textFunction((text) => text.toUpperCase(), {
      role: 'shouted answer',
      purpose: 'Writes a text in capitals.',
      model,
    })(answer);
    expect(shouted.value).toBe('AN ANSWER');
    await (await textLoss('Judge.', { model })(shouted)).backward();
    expect(system.gradients).toHaveLength(1);
    expect(question.gradients).toEqual([]);
    expect(system.gradients[0]?.context).toMatchObject({ input: 'How are you?', result: 'an answer' });
  });

  test('sums the losses of a batch: each adds its critique once', async () => {
    const model = punctual();
    const system = variable('Be brief.', { role: 'instructions' });
    const call = modelCall({ system, role: 'answer', model });
    const loss = textLoss('Judge.', { model });
    const losses = await Promise.all(
      ['one', 'two', 'three'].map(async (text) =>
        loss(await call(variable(text, { role: 'question', trainable: false }))),
      ),
    );
    await sumOf(losses).backward();
    expect(system.gradients).toHaveLength(3);
  });

  test('of shared variables asks once for each use', async () => {
    const calls: string[] = [];
    const model = punctual(calls);
    const draft = variable('draft', { role: 'draft' });
    const join = textFunction((one, two) => `${one} ${two}`, {
      role: 'both',
      purpose: 'Joins two texts.',
      model,
    });
    await (await textLoss('Judge.', { model })(join(draft, draft))).backward();
    expect(draft.gradients).toHaveLength(2);
  });
});

test('constraints, earlier values and remembered critiques reach the update', async () => {
  const seen: string[] = [];
  let round = 0;
  const model = scriptedModel({
    respond: (request) => {
      const kind = kindOf(request);
      if (kind === 'update') seen.push(textOf(request));
      round += 1;
      const said = `${kind} number ${round}`;
      if (kind === 'critique') return JSON.stringify({ is_fine: false, critique: said });
      return kind === 'update' ? JSON.stringify({ changes: 'All.', text: said }) : said;
    },
  });
  const answer = variable('first value', { role: 'answer' });
  const descent = textualGradientDescent([answer], {
    model,
    constraints: ['Use no commas.'],
    momentum: 1,
    memory: 1,
  });
  for (let step = 0; step < 3; step += 1) {
    await (await textLoss('Judge.', { model })(answer)).backward();
    await descent.step();
  }
  expect(seen.every((text) => text.includes('Use no commas.'))).toBe(true);
  expect(seen[1]).toContain('first value');
  expect(seen[2]).not.toContain('first value');
  expect(seen[2]).toMatch(/critique number/);
});

test('an update that cannot be read leaves the value as it is', async () => {
  const model = scriptedModel({
    respond: (request) => {
      const kind = kindOf(request);
      if (kind === 'critique') return JSON.stringify({ is_fine: false, critique: 'Wrong.' });
      return kind === 'update' ? 'I am sorry, I cannot help with that' : 'Wrong.';
    },
  });
  const answer = variable('value', { role: 'answer' });
  await (await textLoss('Judge.', { model })(answer)).backward();
  expect(await textualGradientDescent([answer], { model }).step()).toBe(0);
  expect(answer.value).toBe('value');
});

test('a role is needed, and what may not change cannot be rewritten', () => {
  expect(() => variable('text', { role: ' ' })).toThrow('role');
  const fixed = variable('text', { role: 'question', trainable: false });
  expect(() => textualGradientDescent([fixed])).toThrow('not trainable');
});

test('a backward pass that fails half-way has said nothing, and says everything once when it is tried again', async () => {
  let critiques = 0;
  let isDown = true;
  const model = scriptedModel({
    respond: (request) => {
      const kind = kindOf(request);
      if (kind === 'critique') critiques += 1;
      if (kind === 'critique' && critiques === 2 && isDown) {
        throw new HoneError('The server is down.', { code: 'HONE_MODEL_SERVER' });
      }
      if (kind === 'judgement') return 'It is too long.';
      return kind === 'critique' ? JSON.stringify({ is_fine: false, critique: 'Too long.' }) : 'an answer';
    },
  });
  const system = variable('Answer.', { role: 'instructions' });
  const answer = await modelCall({ role: 'answer', system, model })(
    variable('Why?', { role: 'question', trainable: false }),
  );
  const loss = await textLoss('Is it short?', { model })(answer);
  await expect(loss.backward()).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  expect([system.gradients, answer.gradients]).toEqual([[], []]);
  isDown = false;
  await loss.backward();
  expect([system.gradients.length, answer.gradients.length]).toEqual([1, 1]);
});

test.each([-1, 1.5, Number.NaN])('a momentum of %s is refused', (momentum) => {
  const text = variable('a', { role: 'answer' });
  expect(() => textualGradientDescent([text], { momentum })).toThrow(
    expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
  );
});
