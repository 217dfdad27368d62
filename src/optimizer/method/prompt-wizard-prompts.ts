import { signature } from '../../signature/shorthand.ts';

/** What `promptWizard` asks. */
export const promptWizardPrompts = {
  mix: signature(
    { inputs: { place: 'string', current: 'string', count: 'integer' }, outputs: { texts: 'string[]' } },
    {
      instructions:
        'Write variants of a text that tells a language model how to do a task, as many as asked for. Each keeps the ' +
        'task, every {{slot}} and what is known of it, and goes at it in another manner: break it down, look for the ' +
        'decisive detail, compare the possible answers, think of what is easily confused, check the answer at the ' +
        'end, or a manner of your own.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        count: 'how many variants',
        texts: 'one whole text each',
      },
    },
  ),
  blame: signature(
    { inputs: { place: 'string', current: 'string', rows: 'json' }, outputs: { critique: 'string' } },
    {
      instructions:
        'A language model followed a text and got these rows wrong. Say in which ways the text falls short: what it ' +
        'leaves open, says in a misleading way, or gets wrong. Give reasons, not a new text.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        rows: 'rows that were answered wrongly',
        critique: 'the reasons',
      },
    },
  ),
  praise: signature(
    { inputs: { place: 'string', current: 'string', rows: 'json' }, outputs: { critique: 'string' } },
    {
      instructions:
        'A language model followed a text and got these rows right. Say what in the text made that possible, and what ' +
        'could be said more clearly or made more general. Give reasons, not a new text.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        rows: 'rows that were answered rightly',
        critique: 'the reasons',
      },
    },
  ),
  refine: signature(
    {
      inputs: { place: 'string', current: 'string', rows: 'json', were_right: 'boolean', critique: 'string' },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Rewrite a text that tells a language model how to do a task, by a critique of it. Whether the rows were ' +
        'answered rightly is said. Keep what works and every {{slot}}, speak in general, and quote no row.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        rows: 'the rows that the critique is about',
        were_right: 'whether they were answered rightly',
        critique: 'what was said of the text',
        text: 'the whole new text, ready for use',
      },
    },
  ),
  choose: signature(
    {
      inputs: { place: 'string', shown: 'json', pool: 'json', count: 'integer' },
      outputs: { critique: 'string', ids: 'string[]' },
    },
    {
      instructions:
        'A prompt shows some worked rows as examples. Criticize the choice: do they cover the kinds of rows and of ' +
        'answers, are the hard cases among them, do several teach the same? Then name the rows of the pool that would ' +
        'make the best set, as many as asked for; rows that are shown may stay.',
      descriptions: {
        place: 'what the prompt is for',
        shown: 'ids of the rows that are shown now',
        pool: 'rows to choose from, by id, with what was expected and whether they were answered rightly',
        count: 'how many to choose',
        critique: 'what is wrong with the choice',
        ids: 'the ids of the rows to show',
      },
    },
  ),
  persona: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { persona: 'string' } },
    {
      instructions:
        'Describe in one or two sentences, in the second person, the expert who would do this task best: what they ' +
        'know and how they work. It will stand before the text.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        persona: 'the description, beginning with You',
      },
    },
  ),
};
