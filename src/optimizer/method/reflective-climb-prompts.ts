import { signature } from '../../signature/shorthand.ts';

/** What `reflectiveClimb` asks. */
export const reflectiveClimbPrompts = {
  revise: signature(
    {
      inputs: { place: 'string', current: 'string', failures: 'json', successes: 'json', rejected: 'json' },
      outputs: { diagnosis: 'string', text: 'string' },
    },
    {
      instructions:
        'A language model follows a text. You see rows where that went wrong, and some where it went right. First ' +
        'find out what the failures have in common: what the text leaves out, says unclearly or gets wrong. Then ' +
        'write the text anew so that such rows go right from now on, with definite, general guidance: name the signs ' +
        'to look for and what to answer then. Keep what works and every {{slot}}, quote no row, and take another way ' +
        'than the attempts that were rejected.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        failures: 'rows that went wrong, those of one kind together',
        successes: 'rows that went right and must stay so; may be none',
        rejected: 'earlier attempts that did not help, with by how much; may be none',
        diagnosis: 'what the failures have in common, in a few sentences',
        text: 'the whole new text, ready for use',
      },
    },
  ),
  start: signature(
    {
      inputs: { place: 'string', rows: 'json', rejected: 'json' },
      outputs: { rules: 'string[]', text: 'string' },
    },
    {
      instructions:
        'Write a text that tells a language model how to do a task, from rows of it with what was expected. First ' +
        'work out the rules by which the expected answers follow from the inputs, then write them down as clear ' +
        'instructions, with the cases that are easily confused. Quote no row.',
      descriptions: {
        place: 'where the text is used',
        rows: 'rows with what was expected',
        rejected: 'texts that were tried and did not do well, with their scores; may be none',
        rules: 'the rules, one each',
        text: 'the whole text, ready for use',
      },
    },
  ),
};
