import type { ModelRequest } from '../../model/model.ts';
import type { Candidate, Parameter } from '../../prompt/candidate.ts';
import type { ContractCheck } from '../contract-check.ts';
import { expect } from '../test-runner.ts';
import type { Trial } from './trial.ts';

/** What it proposes and returns. */
export function candidateChecks(trial: Trial): readonly ContractCheck[] {
  const { undisturbed, programOf, noSteps } = trial;
  const checkApplied = async (task: 'one step' | 'two steps') => {
    const { seed } = programOf(task);
    const { events, calls, report, store } = await undisturbed(task);
    const evaluated = new Set(
      events.flatMap((event) => (event.type === 'candidate-evaluated' ? [event.candidate] : [])),
    );
    evaluated.add(report.best.hash);
    const requests = calls.map(({ request }) => request);
    for (const hash of evaluated) {
      const candidate = (await store.candidates.read(hash)) as unknown as Candidate;
      const changed = Object.entries(candidate).filter(
        ([name, parameter]) => JSON.stringify(parameter) !== JSON.stringify(seed[name]),
      );
      for (const [name, parameter] of changed) {
        expect({ [name]: unseenOf(parameter, requests) }).toEqual({ [name]: [] });
      }
    }
  };
  return [
    {
      title: 'keeps the names and kinds of all parameters',
      check: async () => {
        const { report } = await undisturbed();
        expect(kindsOf(report.best.candidate)).toEqual(kindsOf(programOf('one step').seed));
      },
    },
    {
      title: 'proposes what the model then sees: every candidate was really applied',
      check: () => checkApplied('one step'),
    },
    {
      title: 'proposes what the model then sees on a program of several steps',
      skip: noSteps,
      check: () => checkApplied('two steps'),
    },
    {
      title: 'returns the seed or a candidate that was admitted',
      check: async () => {
        const { events } = await undisturbed();
        const foreign = events.filter(
          (event) =>
            (event.type === 'candidate-proposed' || event.type === 'candidate-rejected') &&
            event.origin === 'returned by the optimizer',
        );
        expect(foreign).toEqual([]);
        expect(events).not.toContainEqual({
          type: 'notice',
          message: expect.stringContaining('never admitted'),
        });
      },
    },
    {
      title: 'leaves the rows that it is given as they are',
      check: async () => {
        // They are frozen: whoever changes one throws, and whoever hides that has changed nothing.
        const { report } = await undisturbed();
        expect(report.stopReason).toBe('done');
      },
    },
  ];
}

/** The parts of a parameter that no request showed to the model. */
function unseenOf(parameter: Parameter, requests: readonly ModelRequest[]): readonly string[] {
  const texts = requests.map(({ messages }) => messages.map(({ content }) => String(content)).join('\n'));
  const isSeen = (text: string) => texts.some((request) => request.includes(text));
  switch (parameter.kind) {
    case 'text':
      return parameter.text
        .split(/\{\{[^}]*\}\}/u)
        .map((part) => part.trim())
        .filter((part) => part !== '' && !isSeen(part));
    case 'demos':
      return parameter.sets
        .flatMap(({ demos }) => demos.flatMap(({ inputs }) => Object.values(inputs)))
        .filter((value): value is string => typeof value === 'string' && !isSeen(value));
    case 'number':
      // Where choices are scored nothing is drawn, and no temperature is sent.
      return requests.every(({ temperature }) => temperature === undefined) ||
        requests.some(({ temperature }) => temperature === parameter.value)
        ? []
        : [`temperature ${parameter.value}`];
    // A layout changes the form, a calibration what is made of the answer: neither has a text of its own.
    case 'choice':
    case 'calibration':
      return [];
  }
}

function kindsOf(candidate: Candidate): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(candidate).map(([parameter, { kind }]) => [parameter, kind]));
}
