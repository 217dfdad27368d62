import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { signature } from '../signature/shorthand.ts';
import { appProgram } from './app-program.ts';
import { keywordIndex } from './keyword-index.ts';
import { multiHop } from './multi-hop.ts';
import { react } from './react.ts';
import { tool } from './tool.ts';

const input = z.object({ number: z.number(), note: z.string().optional() });
const order = tool('order', { description: 'Gives an order.', input }, ({ number, note }) => {
  expectTypeOf(number).toEqualTypeOf<number>();
  expectTypeOf(note).toEqualTypeOf<string | undefined>();
  return number;
});

it('infers what a tool is called with', () => {
  // @ts-expect-error the schema has no `amount`
  tool('wrong', { description: 'Wrong.', input }, ({ amount }) => amount);
  tool('plain', { description: 'Plain.', input: { type: 'object' } }, (given) => given.whatever ?? null);
});

it('infers what an agent takes and gives', () => {
  const agent = react(signature('question -> answer: number'), { tools: [order] });
  expectTypeOf(agent.run).returns.resolves.toEqualTypeOf<{ readonly answer: number }>();
  // @ts-expect-error the input is called `question`
  void (() => agent.run({ ask: 'x' }));
});

it('infers what looks things up', () => {
  const hop = multiHop(signature('question -> answer: "yes" | "no"'), {
    index: keywordIndex([{ id: 'a', text: 'b' }]),
  });
  expectTypeOf(hop.run).returns.resolves.toEqualTypeOf<{ readonly answer: 'yes' | 'no' }>();
});

it('holds an app to its signature', () => {
  const options = { signature: signature('ticket -> category'), models: [] };
  // @ts-expect-error the output is called `category`
  void (() => appProgram('app', options, async ({ ticket }) => ({ team: ticket })));
});
