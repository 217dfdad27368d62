import { signature } from '../signature/shorthand.ts';

/** What gradients in words ask of a model. */
export const textGradientPrompts = {
  answer: signature(
    { inputs: { instructions: 'string', input: 'string' }, outputs: { answer: 'string' } },
    { instructions: 'Follow the instructions, where there are any, and answer the input.' },
  ),
  judge: signature(
    { inputs: { instruction: 'string', role: 'string', text: 'string' }, outputs: { judgement: 'string' } },
    {
      instructions:
        'Judge a text as the instruction says. Name what is wrong; do not write the text anew and do not solve the ' +
        'task that it is about.',
      descriptions: {
        instruction: 'how to judge',
        role: 'what the text is for',
        text: 'the text',
        judgement: 'what is wrong with it, or that nothing is',
      },
    },
  ),
  criticize: signature(
    {
      inputs: { role: 'string', text: 'string', context: 'json', wish: 'string' },
      outputs: { is_fine: 'boolean', critique: 'string' },
    },
    {
      instructions:
        'A text was used in a computation, and something is to be better about what came out. Say what in the text ' +
        'led to that and what a change should aim at. Only criticize: do not write the new text.',
      descriptions: {
        role: 'what the text is for',
        text: 'the text, whole',
        context: 'what it was part of',
        wish: 'what is to be better about what came out',
        is_fine: 'true when the text is as it should be',
        critique: 'what is wrong with the text; none when nothing is',
      },
    },
  ),
  update: signature(
    {
      inputs: {
        role: 'string',
        current: 'string',
        critiques: 'json',
        remembered: 'string[]',
        earlier: 'string[]',
        constraints: 'string[]',
      },
      // Two parts, so that a reply that is neither, such as an apology, is not taken for the text.
      outputs: { changes: 'string', text: 'string' },
    },
    {
      instructions:
        'Improve a text by the critiques of it, which may be mistaken in part. Keep to its role and obey the ' +
        'constraints. Where earlier values or remembered critiques show that the same complaint comes again, change ' +
        'more than before.',
      descriptions: {
        role: 'what the text is for',
        current: 'the text as it is, whole',
        critiques: 'what was said of it, each with its context',
        remembered: 'what was said of it before; may be none',
        earlier: 'its earlier values, oldest first; may be none',
        constraints: 'what it must obey; may be none',
        changes: 'what changes and why, in a sentence',
        text: 'the improved text, whole',
      },
    },
  ),
};
