import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { multiChainComparison } from './multi-chain-comparison.ts';

const sum = signature('question -> answer: number', { instructions: 'Work it out.' });
const chain = (reasoning: string, answer: number) =>
  `<reasoning>${reasoning}</reasoning><answer>${answer}</answer>`;

describe('a comparison of chains of thought', () => {
  test('shows every chain, whole, to the step that answers', async () => {
    const model = scriptedModel({
      respond: ({ messages }, { draw }) => {
        const asked = String(messages.at(-1)?.content);
        if (asked.includes('Attempts:')) return '<rationale>The second holds.</rationale><answer>4</answer>';
        return draw.endsWith('2') ? chain('two\nlines', 4) : chain('guess', 5);
      },
    });
    const program = multiChainComparison(sum);
    const prediction = await program.forward({ question: '2 + 2' }, { model });
    expect(prediction).toMatchObject({
      status: 'completed',
      outputs: { rationale: 'The second holds.', answer: 4 },
    });
    expect(String(model.calls.at(-1)?.request.messages.at(-1)?.content)).toContain('two\\nlines\\nAnswer: 4');
    expect(model.calls.map(({ draw }) => draw)).toEqual(['0/chain-1', '0/chain-2', '0/chain-3', '0']);
    expect(program.calls(program.seed)).toEqual({ typical: 4, most: 8 });
    expect(program.shape.inputs.map(({ name }) => name)).toEqual(['question']);
  });

  test('leaves out a chain that cannot be read, and fails when none is left', async () => {
    const model = (broken: number) =>
      scriptedModel({
        respond: ({ messages }, { draw }) => {
          const asked = String(messages.at(-1)?.content);
          if (asked.includes('Attempts:')) return `<rationale>${asked}</rationale><answer>7</answer>`;
          return Number(draw.at(-1)) <= broken ? '' : chain(`chain ${draw.at(-1)}`, 7);
        },
      });
    const program = multiChainComparison(sum);
    const { rationale } = await program.run({ question: 'x' }, { model: model(2) });
    expect(rationale).toContain('chain 3');
    expect(rationale).not.toContain('chain 1');
    expect(await program.forward({ question: 'x' }, { model: model(3) })).toMatchObject({
      status: 'failed',
      step: 'chain',
    });
  });

  test('refuses a signature with a field of its own', () => {
    expect(() => multiChainComparison(signature('attempts -> answer'))).toThrow(/"attempts" already/);
  });
});
