import { scorer } from 'hone-ai/scorers';

/** Whether the answer holds the expected words, and, if not, which step is to blame. */
export const answersFromPassages = scorer<{ question: string }, { answer: string }, { answer: string }>(
  'answers-from-passages',
  ({ outputs, expected, trace }) => {
    const holds = (text: string) => text.toLowerCase().includes(expected.answer.toLowerCase());
    if (holds(outputs.answer)) return true;
    const retrieved = trace.flatMap((step) => (step.kind === 'retrieve' ? step.passages : []));
    const wasFound = retrieved.some((passage) => holds(typeof passage === 'string' ? passage : passage.text));
    const feedback = `Expected "${expected.answer}", got "${outputs.answer}".`;
    const stepFeedback = wasFound
      ? { answer: `${feedback} A passage says so.` }
      : { search: `No passage that was found says "${expected.answer}".` };
    return { score: false, feedback, stepFeedback };
  },
  { passFail: true, expects: ['answer'], givesFeedback: true },
);
