import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { describeModel, type ModelBehaviour } from './describe-model.ts';
import { fakeClock } from './fake-clock.ts';
import { type ScriptedModelOptions, scriptedModel } from './scripted-model.ts';

const ask = (text: string) => ({ messages: [{ role: 'user' as const, content: text }] });

describeModel('scriptedModel', (behaviour) =>
  scriptedModel({ scoreChoices: (_, choices) => choices.map((_, index) => -index), ...scriptOf(behaviour) }),
);

function scriptOf(behaviour: ModelBehaviour): ScriptedModelOptions {
  const failing = (
    code: 'HONE_MODEL_RATE_LIMITED' | 'HONE_MODEL_AUTHENTICATION' | 'HONE_MODEL_SERVER',
    retryable = code !== 'HONE_MODEL_AUTHENTICATION',
  ) => ({
    replies: [''],
    failures: [
      new HoneError('scripted', {
        code,
        hint: 'Do something.',
        facts: { retryable, retryAfterMs: 2_000 },
      }),
    ],
  });
  switch (behaviour.kind) {
    case 'quota-spent':
      return failing('HONE_MODEL_RATE_LIMITED', false);
    case 'filtered':
      return { replies: [{ text: '', finishReason: 'content-filter' }] };
    case 'uncounted':
      return { replies: [{ text: behaviour.text, usage: {} }] };
    case 'thought-only':
      return { replies: [{ text: '', finishReason: 'length', reasoning: behaviour.reasoning }] };
    case 'answer':
      return { replies: [behaviour.text] };
    case 'cut-off':
      return { replies: [{ text: behaviour.text, finishReason: 'length' }] };
    case 'rate-limited':
      return failing('HONE_MODEL_RATE_LIMITED');
    case 'key-refused':
      return failing('HONE_MODEL_AUTHENTICATION');
    case 'broken':
      return failing('HONE_MODEL_SERVER');
    case 'stalled':
      return { replies: ['never'], latencyMs: 1e9, clock: fakeClock() };
  }
}

test('replies come in order and start again; failures come first and count as calls', async () => {
  const model = scriptedModel({ replies: ['one', 'two'], failures: [new Error('first'), undefined] });
  await expect(model.generate(ask('a'))).rejects.toThrow('first');
  const texts = [];
  for (let call = 0; call < 3; call += 1) texts.push((await model.generate(ask('a'))).text);
  expect(texts).toEqual(['one', 'two', 'one']);
  expect(model.callCount).toBe(4);
});

test('remembers what was asked, with the draw, unless told not to', async () => {
  const options: ScriptedModelOptions = {
    respond: ({ messages }, { draw }) => `${messages[0]?.content}/${draw}`,
  };
  const model = scriptedModel(options);
  await expect(model.generate(ask('a'), { draw: '7' })).resolves.toMatchObject({ text: 'a/7' });
  expect(model.calls).toEqual([{ kind: 'generate', request: ask('a'), draw: '7' }]);
  const forgetful = scriptedModel({ ...options, keepCalls: false });
  await forgetful.generate(ask('a'));
  expect(forgetful.calls).toEqual([]);
  expect(forgetful.callCount).toBe(1);
});

test('takes its time on the clock that it is given', async () => {
  const clock = fakeClock();
  const model = scriptedModel({ replies: ['late'], latencyMs: 40, clock });
  let text = '';
  const call = model.generate(ask('a')).then((response) => {
    text = response.text;
  });
  await clock.advance(39);
  expect(text).toBe('');
  await clock.advance(1);
  await call;
  expect(text).toBe('late');
});
