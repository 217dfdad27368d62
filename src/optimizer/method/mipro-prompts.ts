import { signature } from '../../signature/shorthand.ts';

/** What MIPRO asks: about the rows, then for instructions. */
export const miproPrompts = {
  observe: signature(
    { inputs: { examples: 'json' }, outputs: { summary: 'string' } },
    {
      instructions:
        'These are rows of a task with what is expected. Say in two or three sentences what kind of texts they are, ' +
        'what they have in common, what makes them hard, and what a good answer looks like. Name no row.',
      descriptions: { examples: 'rows with what is expected', summary: 'two or three sentences' },
    },
  ),
  propose: signature(
    {
      inputs: {
        place: 'string',
        program: 'string',
        summary: 'string',
        demos: 'json',
        current: 'string',
        failures: 'json',
        tip: 'string',
      },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Write a text that tells a language model how to do one step of a program. You are told what the rows are ' +
        'like, what the program does, how the step has answered some rows well, the text as it is, and where there ' +
        'are any, rows that still go wrong. Follow the tip. The text must serve every row, quotes none, and keeps ' +
        'every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        program: 'the steps of the program',
        summary: 'what the rows are like',
        demos: 'rows that the step answered well',
        current: 'the text as it is',
        failures: 'rows that still go wrong; may be none',
        tip: 'how to write it',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};

/** How a proposal is asked to differ. */
export const tips = [
  'Write it as you think best.',
  'Be inventive: take an angle that nobody has tried.',
  'Keep it simple and short.',
  'Describe fully: what matters, what to look at, what to decide.',
  'Say what is at stake if the answer is wrong.',
  'Give the model a role that fits the task.',
] as const;
