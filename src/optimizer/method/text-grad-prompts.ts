import { signature } from '../../signature/shorthand.ts';

/** What `textGrad` asks. */
export const textGradPrompts = {
  loss: signature(
    { inputs: { row: 'json' }, outputs: { critique: 'string' } },
    {
      instructions:
        'You see what was asked for, what was answered, and what was expected or said of the answer. Criticize the ' +
        'answer: name what is wrong with it and what a right one would have. Do not solve the task anew and do not ' +
        'speak of the instructions behind it, which you do not see.',
      descriptions: {
        row: 'the row with its answer, its score and the feedback',
        critique: 'what is wrong with the answer',
      },
    },
  ),
  backward: signature(
    {
      inputs: { texts: 'json', given: 'json', answered: 'json', wish: 'string' },
      outputs: { text_critique: 'string', given_critique: 'string' },
    },
    {
      instructions:
        'A language model followed the texts, was given some inputs, and answered. Someone who used the answer says ' +
        'what should be better about it. Say how the texts led to that, and what in them a change should aim at; ' +
        'they are used again for many other inputs, so speak of the kind of case, not of this one. Do not write ' +
        'new texts. Say apart what was wrong with the inputs themselves, when they were at fault. Write none where ' +
        'nothing is wrong.',
      descriptions: {
        texts: 'the texts with the place of each',
        given: 'the inputs',
        answered: 'the answer; null where it could not be read',
        wish: 'what should be better about the answer',
        text_critique: 'what is wrong with the texts, or none',
        given_critique: 'what is wrong with the inputs, or none',
      },
    },
  ),
  mean: signature(
    { inputs: { critiques: 'json' }, outputs: { critique: 'string' } },
    {
      instructions:
        'Several critiques of one text, each from another case. Merge them into one: what they agree on first, ' +
        'contradictions weighed, nothing that speaks of a single case only. Do not write a new text.',
      descriptions: { critiques: 'critiques with their cases', critique: 'the merged critique' },
    },
  ),
  update: signature(
    {
      inputs: {
        place: 'string',
        current: 'string',
        critiques: 'json',
        remembered: 'json',
        earlier: 'string[]',
        constraints: 'string[]',
      },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Improve a text that tells a language model what to do, by critiques of what came of it. Critiques can be ' +
        'mistaken: take what helps in general. Where earlier values or remembered critiques are shown and the same ' +
        'complaint comes again, change more. Obey the constraints, quote no case, and keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is, whole',
        critiques: 'what was said of it now, each with the case',
        remembered: 'what was said of it before; may be none',
        earlier: 'earlier values of the text, oldest first; may be none',
        constraints: 'what the new text must obey; may be none',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};
