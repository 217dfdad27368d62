import { expectTypeOf, it } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { predict } from './predict.ts';

it('adds the reasoning to the inferred outputs', () => {
  const program = chainOfThought(signature('ticket -> queue: "a" | "b", confidence: number'));
  expectTypeOf(program.run).returns.resolves.toEqualTypeOf<
    { readonly reasoning: string } & { readonly queue: 'a' | 'b'; readonly confidence: number }
  >();
  expectTypeOf(program.run).parameter(0).toEqualTypeOf<{ readonly ticket: string }>();
});

it('infers inputs and outputs of one step', () => {
  const program = predict(signature('ticket, age: number -> queue: "a" | "b"'));
  expectTypeOf(program.run).returns.resolves.toEqualTypeOf<{ readonly queue: 'a' | 'b' }>();
  // @ts-expect-error the input is called `ticket`
  void program.run({ tikcet: 'refund', age: 3 });
  // @ts-expect-error `age` is a number
  void program.run({ ticket: 'refund', age: '3' });
});
