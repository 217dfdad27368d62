import { HoneError } from '../base/errors.ts';
import type { Signature } from '../signature/signature.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { Program } from './program.ts';

/** The outputs of a step that thinks first. */
export type WithReasoning<Outputs> = { readonly reasoning: string } & Outputs;

/**
 * One step that writes down its reasoning before it answers: `predict` with a leading `reasoning` output.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field called `reasoning` already.
 * @see Wei et al. 2022, "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models".
 *   https://arxiv.org/abs/2201.11903
 */
export function chainOfThought<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: PredictOptions = {},
): Program<Inputs, WithReasoning<Outputs>> {
  if ([...signature.inputs, ...signature.outputs].some(({ name }) => name === 'reasoning')) {
    throw new HoneError('The signature has a field called "reasoning" already.', {
      code: 'HONE_SIGNATURE_INVALID',
      hint: 'Rename the field, or use predict().',
    });
  }
  const reasoning = {
    name: 'reasoning',
    schema: { type: 'string' },
    description: 'the steps that lead to the answer, in a few sentences',
  } as const;
  const { '~types': _, ...rest } = signature;
  return predict<Inputs, WithReasoning<Outputs>>(
    { ...rest, outputs: [reasoning, ...signature.outputs] },
    options,
  );
}
