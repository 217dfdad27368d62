import type { ModelRequest } from '../model/model.ts';
import { program } from '../program/custom-program.ts';
import { predict } from '../program/predict.ts';
import { scorer } from '../scorer/custom-scorer.ts';
import { signature } from '../signature/shorthand.ts';
import type { ScriptedModel } from './scripted-model.ts';
import { chance, type TriageModelOptions, triageModel } from './triage-task.ts';

const note = predict(signature('ticket -> note'), { name: 'note' });

const sort = predict(signature('ticket, note -> queue: "billing" | "refunds" | "access"'), { name: 'sort' });

/** Calls of a row: the first step is asked twice, the second once. */
export const callsOfSteps = 3;

/**
 * The triage task in two steps. The first notes what the ticket is about, twice, and is always right; the
 * second sorts by the ticket and its notes, and is at fault.
 */
export const triageInSteps = program(
  'triage in steps',
  {
    signature: signature('ticket -> queue: "billing" | "refunds" | "access"'),
    steps: { note, sort },
    times: { note: 2 },
  },
  async ({ inputs, steps }) => {
    const notes = await Promise.all(['first', 'second'].map((draw) => steps.note(inputs, { draw })));
    return steps.sort({ ...inputs, note: notes.map((each) => each.note).join('; ') });
  },
);

/** Says of a wrong answer which step was at fault, and how. */
export const stepsScorer = scorer<{ ticket: string }, { queue: string }, { queue: string }>(
  'queue in steps',
  ({ outputs, expected }) => {
    const isRight = outputs.queue === expected.queue;
    const told = `The right queue is ${expected.queue}, not ${outputs.queue}.`;
    const sort = isRight ? undefined : told;
    return { score: isRight, feedback: sort, stepFeedback: { note: 'Good notes.', sort } };
  },
  { passFail: true, expects: ['queue'], givesFeedback: true },
);

/** What instructions must speak of for the second step to do well. */
export const clue = 'telling words';

/** What the second step writes, where it writes, on rows that are beyond it. */
export const unreadable = '¿¿¿ beyond me ???';

/** Which step a call is of. */
export function stepOf(draw: string): 'note' | 'sort' {
  return /\/(?:first|second)$/u.test(draw) ? 'note' : 'sort';
}

/**
 * Answers both steps. Where it writes its answers the second step is beyond it on a quarter of the rows,
 * unless there are demos or the instructions hold the clue.
 */
export function stepsModel(options: TriageModelOptions = {}): ScriptedModel {
  const hasClue = ({ messages }: ModelRequest) =>
    messages.some(({ content }) => String(content).includes(clue));
  return triageModel({
    ...options,
    knowledge: (request) => (hasClue(request) ? 2 : 0),
    respond: (request, { row, demos, draw }) => {
      if (stepOf(draw) === 'note') {
        const [, ...words] = String(row.inputs.ticket).split(' ');
        const text = `about ${words.slice(0, 2).join(' and ')}`;
        return request.responseSchema === undefined ? text : JSON.stringify({ note: text });
      }
      const isBeyond = demos === 0 && !hasClue(request) && chance(`beyond ${row.id}`) < 0.25;
      return isBeyond ? unreadable : undefined;
    },
  });
}
