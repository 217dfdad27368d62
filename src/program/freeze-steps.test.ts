import { expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { freezeSteps } from './freeze-steps.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const both = pipeline([
  predict(signature('question -> query', { instructions: 'Seed one.' }), { name: 'first' }),
  predict(signature('query -> answer', { instructions: 'Seed two.' }), { name: 'second' }),
]);
const told = (text: string) => ({ kind: 'text', text }) as const;
const systems = async (program: typeof both, candidate = {}) => {
  const model = scriptedModel({ replies: ['x'] });
  await program.run({ question: 'Why?' }, { model, candidate });
  return model.calls.map(({ request }) => request.messages[0]?.content);
};

test('a frozen step has no parameters and stays as the candidate says, the others as they are', async () => {
  const winner = { 'first.instructions': told('Better one.'), 'second.instructions': told('Better two.') };
  const frozen = freezeSteps(both, { steps: ['first'], candidate: winner });
  expect(new Set(frozen.shape.parameters.map(({ step }) => step))).toEqual(new Set(['second']));
  expect(frozen.shape.steps).toHaveLength(2);
  expect(await systems(frozen)).toEqual(['Better one.', 'Better two.']);
  expect(await systems(frozen, { 'second.instructions': told('Best two.') })).toEqual([
    'Better one.',
    'Best two.',
  ]);
  await expect(systems(frozen, { 'first.instructions': told('No.') })).rejects.toThrow(/does not have/);
  expect(frozen.shape.version).not.toBe(freezeSteps(both, { steps: ['first'] }).shape.version);
});

test('a whole program can be frozen, and a step that is not there is named', async () => {
  const whole = freezeSteps(both, { candidate: { 'first.instructions': told('Fixed.') } });
  expect(whole.shape.parameters).toEqual([]);
  expect(await systems(pipeline([whole]) as typeof both)).toEqual(['Fixed.', 'Seed two.']);
  expect(() => freezeSteps(both, { steps: ['frist'] })).toThrow(/no step "frist"/);
});
