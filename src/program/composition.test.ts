import { expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import { majority } from './majority.ts';
import { predict } from './predict.ts';
import type { AnyProgram } from './program.ts';

const bringing = (name: string, models: AnyProgram['models']): AnyProgram => {
  const step = predict(signature('text -> label'), { name });
  return createProgram({
    ...composed('test', [step]),
    name,
    signature: step.signature,
    models,
    calls: step.calls,
    forward: step.forward,
  });
};

test('the models that programs bring along are brought along by what is made of them', () => {
  const [one, other] = [scriptedModel({ replies: ['a'] }), scriptedModel({ replies: ['b'] })];
  const made = composed('test', [
    bringing('first', { task: one }),
    bringing('second', { task: one, large: other }),
  ]);
  expect(made.models).toEqual({ task: one, large: other });
  expect(majority(bringing('first', { task: one })).models).toEqual({ task: one });
  expect(() => composed('test', [bringing('a', { task: one }), bringing('b', { task: other })])).toThrow(
    /"b" brings scripted\/model along as "task"/,
  );
});

test('the version changes with a part, with a setting and with how it behaves', () => {
  const part = predict(signature('text -> label'));
  const versions = [
    composed('test-1', [part]),
    composed('test-2', [part]),
    composed('test-1', [part, part]),
    composed('test-1', [part], [3]),
  ].map(({ version }) => version);
  expect(new Set(versions).size).toBe(4);
});
