// The landscape's tasks as Hone programs and scorers.
import { predict, signature } from '../../dist/public/index.js';
import { program } from '../../dist/public/programs.js';
import { exactMatch, scorer } from '../../dist/public/scorers.js';
import { actions, codes } from './landscape.mjs';

const seedText = 'Say what to do with the parcel.';
const choice = (values) => values.map((value) => `'${value}'`).join(' | ');
const whole = signature(`note -> action: ${choice(actions)}`, { instructions: seedText });

/** The program, the scorer and the rows of a landscape. */
export function taskOf(landscape) {
  const rows = landscape.rows.map(({ id, note, action }) => ({ id, inputs: { note }, expected: { action } }));
  if (landscape.steps.length === 1) return { program: predict(whole), scorer: exactMatch('action'), rows };
  const codeOf = new Map(landscape.rows.map(({ note, code }) => [note, code]));
  return {
    program: program(
      'two steps',
      {
        signature: whole,
        steps: {
          find: predict(
            signature(`note -> code: ${choice(codes)}`, { instructions: 'Find the code of the note.' }),
            { name: 'find' },
          ),
          decide: predict(signature(`note, code -> action: ${choice(actions)}`, { instructions: seedText }), {
            name: 'decide',
          }),
        },
      },
      async ({ inputs, steps }) => steps.decide({ ...inputs, ...(await steps.find(inputs)) }),
    ),
    // Feedback for each step, as the peers' metric gives it too.
    scorer: scorer(
      'action and code',
      ({ inputs, outputs, expected, trace }) => {
        const found = trace?.find(({ step }) => step === 'find')?.outputs?.code;
        const told = (right, got) => (right === got ? 'Right.' : `Wrong: expected ${right}, got ${got}.`);
        const code = codeOf.get(inputs.note);
        const find = found === code ? 'Right.' : `Wrong: expected code ${code}, got ${found}.`;
        return {
          score: outputs.action === expected.action,
          feedback: told(`action ${expected.action}`, `action ${outputs.action}`),
          stepFeedback: { find, decide: told(`action ${expected.action}`, `action ${outputs.action}`) },
        };
      },
      { passFail: true, expects: ['action'], givesFeedback: true },
    ),
    rows,
  };
}
