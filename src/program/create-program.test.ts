import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { createProgram, type ProgramDefinition } from './create-program.ts';
import { program } from './custom-program.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const step = predict(signature('text -> label'));

const definition = {
  name: 'own',
  version: '1',
  signature: step.signature,
  steps: step.shape.steps,
  parameters: step.shape.parameters,
  seed: step.seed,
  calls: step.calls,
  forward: step.forward,
};

describe('a program', () => {
  test.each(Object.keys(definition))('without its %s is refused by that name', (key) => {
    const { [key as keyof typeof definition]: _, ...rest } = definition;
    expect(() => createProgram(rest as never)).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID', message: expect.stringContaining(key) }),
    );
  });

  test('with two steps of one name is refused, however it is composed', () => {
    const other = predict(signature('label -> answer'));
    const refusal = expect.objectContaining({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining('are called "answer"'),
    });
    expect(() => pipeline([step, other])).toThrow(refusal);
    const options = { signature: signature('text -> answer'), steps: { step, other } };
    expect(() => program('two', options, async () => ({ answer: '' }))).toThrow(refusal);
  });

  const [first] = step.shape.parameters;
  test.each<[string, Partial<ProgramDefinition<unknown, unknown>>, RegExp]>([
    [
      'a parameter of another name',
      { parameters: [{ ...first, name: 'x' } as never] },
      /"answer.instructions"/,
    ],
    ['a parameter twice', { parameters: [first, first] as never }, /there twice/],
    ['a parameter without a value', { seed: {} }, /no value of kind text/],
    ['a value without a parameter', { parameters: [] }, /which is no parameter/],
  ])('with %s is refused', (_, changes, message) => {
    expect(() => createProgram({ ...definition, ...changes } as never)).toThrow(message);
  });
});
