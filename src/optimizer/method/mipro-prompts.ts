import { signature } from '../../signature/shorthand.ts';

/** What MIPRO asks: about the rows, then for instructions. */
export const miproPrompts = {
  observe: signature(
    { inputs: { examples: 'json', earlier: 'string' }, outputs: { observations: 'string' } },
    {
      instructions:
        'These are some rows of a task with what is expected. Write down what you observe: what kind of texts they ' +
        'are, what decides the answer, what makes them hard, what a good answer looks like. Keep what was observed ' +
        'earlier where it still holds, and add to it. Where these rows add nothing, answer COMPLETE.',
      descriptions: {
        examples: 'rows with what is expected',
        earlier: 'what was observed on other rows; empty at first',
        observations: 'all observations so far, or COMPLETE',
      },
    },
  ),
  summarize: signature(
    { inputs: { observations: 'string' }, outputs: { summary: 'string' } },
    {
      instructions:
        'These are observations on the rows of a task. Sum up in a few sentences what whoever writes instructions for it ' +
        'has to know: what the rows are like and what decides the answer. Name no row.',
      descriptions: { observations: 'what was observed', summary: 'a few sentences' },
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
