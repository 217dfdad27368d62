export const examplePrompt = `Say what the message is about.
`;

export const exampleConfig = `import { defineConfig, loadDataset, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';

export default defineConfig({
  targets: {
    message: {
      program: predict(
        signature("message -> topic: 'order' | 'delivery' | 'other'", {
          instructions: 'Say what the message is about.',
        }),
      ),
      dataset: () => loadDataset('rows.csv', { expected: ['topic'] }),
      scorer: exactMatch('topic'),
    },
  },
});
`;

/** Rows written for this file: enough to see it run, far too few to prove anything. */
export const exampleRows = `message,topic
"I'd like two more of the blue mugs, same address as last time.",order
Can I still add a lamp to what I bought this morning?,order
"Please cancel the second chair, one is enough.",order
Do you take orders by phone? My screen reader fights your form.,order
"The parcel says delivered, but my porch is empty.",delivery
My driver left the box in the rain again.,delivery
"It has been in the depot since Tuesday, will it ever move?",delivery
Could the courier come after six? I work days.,delivery
"Your shop window is lovely, who designs it?",other
Are you hiring for the summer?,other
"I found a typo on your front page, third line.",other
May I bring my dog into the store?,other
`;
