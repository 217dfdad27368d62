import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const summary = predict(signature('text -> summary, mood?'), { name: 'summary' });
const label = predict(signature('summary, hint? -> label: "good" | "bad"'), { name: 'label' });

describe('a pipeline', () => {
  test('hands the outputs of a step to later ones, and gives those of the last', async () => {
    const model = scriptedModel({ replies: ['<summary>Short.</summary>', 'good'] });
    const prediction = await pipeline([summary, label]).forward({ text: 'Long.' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { label: 'good' },
      trace: [{ id: 'summary' }, { id: 'label', from: 'summary', inputs: { summary: 'Short.' } }],
    });
  });

  test('takes what no step gives, and gives what is chosen', () => {
    const { shape } = pipeline([summary, label], { outputs: ['summary', 'label'] });
    expect(shape.inputs.map(({ name }) => name)).toEqual(['text', 'hint']);
    expect(shape.outputs.map(({ name }) => name)).toEqual(['summary', 'label']);
  });

  test('ends at the step that fails, and names it', async () => {
    const model = scriptedModel({ replies: ['<summary>Short.</summary>', 'mu'] });
    const prediction = await pipeline([summary, label]).forward({ text: 'x' }, { model });
    expect(prediction).toMatchObject({ status: 'failed', step: 'label' });
    expect(prediction.trace.map(({ id }) => id)).toEqual(['summary', 'label']);
  });

  test('fails at a step that lacks what an earlier one may leave out', async () => {
    const needy = predict(signature('mood -> label'), { name: 'needy' });
    const model = scriptedModel({ replies: ['<summary>Short.</summary>'] });
    expect(await pipeline([summary, needy]).forward({ text: 'x' }, { model })).toMatchObject({
      status: 'failed',
      step: 'needy',
      reason: expect.stringContaining('"mood"'),
    });
  });

  test('without a step, or with an output that no step gives, is refused', () => {
    expect(() => pipeline([])).toThrow(/has no step/);
    expect(() => pipeline([summary], { outputs: ['sumary' as 'summary'] })).toThrow(/gives "sumary"/);
  });
});
