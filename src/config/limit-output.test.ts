import { expect, test } from 'vitest';
import { predict } from '../program/predict.ts';
import type { Program } from '../program/program.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { limitOutput } from './limit-output.ts';
import { measureRequests } from './measure-requests.ts';

const step = predict(signature('text -> label'), { models: ['large', 'task'] }) as unknown as Program;

test('every model of a program is cut at the limit, by whatever role it is asked', async () => {
  const limited = limitOutput(step, 7);
  const models = { large: scriptedModel({ replies: ['x'] }), task: scriptedModel({ replies: ['x'] }) };
  await limited.run({ text: 'a' }, { models });
  const byTask = { 'answer.model': { kind: 'choice', value: 'task' } } as const;
  await limited.run({ text: 'a' }, { models, candidate: byTask });
  await limited.run({ text: 'a' }, { model: models.task, candidate: byTask });
  const asked = [...models.large.calls, ...models.task.calls];
  expect(asked.map(({ request }) => request.maxOutputTokens)).toEqual([7, 7, 7]);
  expect(limited.shape.steps[0]?.maxOutputTokens).toBe(7);
});

test('requests are measured whatever role a step asks', async () => {
  const examples = [{ id: '1', inputs: { text: 'some words' }, expected: { label: 'x' } }];
  const { inputTokens } = await measureRequests(step, examples, scriptedModel({ replies: ['x'] }));
  expect(inputTokens).toBeGreaterThan(0);
});
