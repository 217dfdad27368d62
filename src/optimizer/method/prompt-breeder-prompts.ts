import { signature } from '../../signature/shorthand.ts';

/** Ways of thinking that a new text may start from. */
export const thinkingStyles = [
  'Go back to what the task is for.',
  'Split the task into small decisions.',
  'Ask what a beginner would get wrong.',
  'Name the signs that tell one answer from another.',
  'Begin with the hardest cases.',
  'Say what must never happen.',
  'Think as somebody who has done this for years.',
  'Use one picture that makes it plain.',
  'Work backwards from the answer.',
  'Say it as a list of checks.',
];

/** What a text is changed by, at first. */
export const mutationPrompts = [
  'Say it more precisely.',
  'Make it shorter without losing a condition.',
  'Add what the reader needs to know and is not told.',
  'Turn it into steps.',
  'Say it as if the reader had never seen such a task.',
  'Change the order: what matters most comes first.',
  'Warn of the likeliest mistake.',
  'Say it in a wholly different way.',
];

const text = 'the new text, whole and ready for use';
const place = 'where the text is used';

/** What it asks: one for each kind of mutation. */
export const promptBreederPrompts = {
  begin: signature(
    {
      inputs: { place: 'string', task: 'string', style: 'string', mutation: 'string' },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Write a text that tells a language model how to do the task. Think in the way that is named, and follow ' +
        'the wish for the text. Keep every {{slot}} of the task.',
      descriptions: {
        place,
        task: 'the task',
        style: 'a way of thinking',
        mutation: 'a wish for the text',
        text,
      },
    },
  ),
  hints: signature(
    { inputs: { place: 'string', task: 'string' }, outputs: { hints: 'string[]' } },
    {
      instructions:
        'List hints for doing the task, the most useful first. Each must be a text that could stand alone as the ' +
        'instruction. Keep every {{slot}} of the task.',
      descriptions: { place, task: 'the task', hints: 'one hint each' },
    },
  ),
  mutate: signature(
    { inputs: { place: 'string', mutation: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions: 'Change the text as the mutation asks. Keep every {{slot}}.',
      descriptions: { place, mutation: 'how to change it', current: 'the text', text },
    },
  ),
  continue: signature(
    { inputs: { place: 'string', order: 'string', texts: 'json' }, outputs: { text: 'string' } },
    {
      instructions:
        'These texts belong to one list, in the order that is named. Write the next one. Keep every {{slot}}.',
      descriptions: { place, order: 'how the list is ordered', texts: 'the list', text },
    },
  ),
  hyper: signature(
    { inputs: { task: 'string', source: 'string' }, outputs: { mutation: 'string' } },
    {
      instructions:
        'A mutation is one sentence that asks for a text to be changed. Write a better one for texts of this task, ' +
        'from the source that is given.',
      descriptions: {
        task: 'the task',
        source: 'a mutation to improve, or a way of thinking',
        mutation: 'the new mutation',
      },
    },
  ),
  infer: signature(
    { inputs: { place: 'string', working: 'json' }, outputs: { text: 'string' } },
    {
      instructions:
        'A row was answered well, in the way that is shown. Which instruction did whoever answered it follow? Write ' +
        'that instruction, in general words.',
      descriptions: { place, working: 'how the row was answered', text },
    },
  ),
};
