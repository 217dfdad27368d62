import { describe, expect, test } from 'vitest';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../../optimizer/optimizer.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { optimizerContract } from '../describe-optimizer.ts';
import { scriptedModel } from '../scripted-model.ts';
import { triage } from '../triage-task.ts';
import { candidateChecks } from './candidates.ts';
import { createTrial } from './trial.ts';

/** Rewrites the instructions of every step that failed, twice; each broken one below differs in one thing. */
interface Habits {
  readonly changes?: Partial<Optimizer>;
  /** Called before the search begins. */
  readonly begin?: (context: OptimizationContext) => unknown;
  /** What it adds to a proposal. */
  readonly adds?: () => string;
  /** Names a request. */
  readonly label?: (name: string) => string;
  /** Which steps it looks at. */
  readonly looksAt?: (step: string) => boolean;
  /** What it tells of a step that failed. */
  readonly tells?: (evaluation: CandidateEvaluation, step: string) => readonly string[];
  /** What it makes of a limit. */
  readonly meets?: (work: () => Promise<CandidateEvaluation>) => Promise<CandidateEvaluation | undefined>;
  readonly returns?: (best: Candidate) => Candidate;
  readonly rounds?: number;
}

const rewriting = signature('step, failures: string[] -> improved: string');

function rewriter(habits: Habits = {}): Optimizer {
  const {
    changes,
    begin = () => undefined,
    adds = () => '',
    label = (name) => name,
    looksAt = () => true,
    tells = failuresOf,
    meets = (work) => work(),
    returns = (best) => best,
    rounds = 2,
  } = habits;
  return {
    name: 'rewriter',
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true, feedback: true, reflectionModel: true },
    estimate: ({ validation, callsPerRow }) => ({
      task: 2 * rounds * (8 + 2 * validation) * callsPerRow,
      reflection: 4 * rounds,
    }),
    async *optimize(context) {
      begin(context);
      const { program, seed, train, validation, evaluate, ask, admit } = context;
      let best = await evaluate(seed, validation);
      for (let round = 0; round < rounds; round += 1) {
        const rows = context.random.fork(`round-${round}`).shuffle(train).slice(0, 8);
        const seen = await meets(() => evaluate(best.candidate, rows, { traces: true }));
        if (seen === undefined) continue;
        const texts = program.parameters.filter(({ part, step }) => part === 'instructions' && looksAt(step));
        const asked = texts.map(({ name, step }) => ({ name, step, failures: tells(seen, step) }));
        const answers = await ask(
          asked.map(({ name, step, failures }) => ({
            label: label(`round-${round}/${name}`),
            signature: rewriting,
            inputs: { step, failures },
          })),
        );
        const drafts = answers.flatMap((answer, index) => {
          const name = asked[index]?.name ?? '';
          if (answer.status !== 'answered') return [];
          const text = `${answer.outputs.improved}${adds()}`;
          return [
            { changes: { [name]: { kind: 'text', text } as const }, parents: [best.candidate], origin: name },
          ];
        });
        for (const admission of admit(drafts)) {
          if (admission.status !== 'admitted') continue;
          const next = await meets(() => evaluate(admission.candidate, validation));
          if (next === undefined || (next.mean ?? 0) <= (best.mean ?? 0)) continue;
          best = next;
          yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: 'better' };
        }
      }
      return returns(best.candidate);
    },
    ...changes,
  };
}

function failuresOf({ results }: CandidateEvaluation, step: string): readonly string[] {
  return results.flatMap(({ outcome, trace = [] }) => {
    if (!('value' in outcome) || outcome.value === 1) return [];
    const told =
      outcome.status === 'scored' ? (outcome.stepFeedback?.[step] ?? outcome.feedback) : outcome.feedback;
    return [`${JSON.stringify(predictStepsOf(trace, step)[0]?.inputs)}: ${told}`];
  });
}

const reflectionModel = () =>
  scriptedModel({
    respond: (_, { draw }) =>
      JSON.stringify({ improved: `Look at the telling words, way ${draw.replaceAll('/', ' ')}.` }),
  });

const contractOf = (create: () => Optimizer) => optimizerContract(create, { reflectionModel });

/** Runs one check of the contract. */
async function runCheck(create: () => Optimizer, title: string): Promise<void> {
  const found = contractOf(create).find((each) => each.title === title);
  if (found === undefined || found.skip !== undefined)
    throw new TypeError(`"${title}" is no check that applies.`);
  await found.check();
}

describe('an optimizer that keeps every promise', () => {
  const checks = contractOf(() => rewriter()).filter(({ skip }) => skip === undefined);
  test.each(checks)('$title', ({ check }) => check());
});

let memory: string | undefined;
let runs = 0;

const broken: readonly { readonly what: string; readonly create: () => Optimizer; readonly title: string }[] =
  [
    {
      what: 'looks at the clock',
      create: () => rewriter({ adds: () => ` ${Date.now() % 2 === 0 ? 'Calmly.' : 'Quickly.'}` }),
      title: 'looks at no clock and draws no random number of its own',
    },
    {
      what: 'asks what day it is',
      create: () => rewriter({ adds: () => ` Today is ${new Date().getDay()}.` }),
      title: 'looks at no clock and draws no random number of its own',
    },
    {
      what: 'draws random numbers of its own',
      create: () => rewriter({ adds: () => ` Hint ${Math.floor(Math.random() * 9)}.` }),
      title: 'looks at no clock and draws no random number of its own',
    },
    {
      what: 'draws random numbers of its own',
      create: () => rewriter({ adds: () => ` Hint ${Math.floor(Math.random() * 1e9)}.` }),
      title: 'decides the same with the same seed, also beside another run of its kind',
    },
    {
      what: 'counts turns of the event loop while it waits for a reflection',
      create: () => {
        let turns = 0;
        let waits = false;
        const count = () => {
          turns += 1;
          if (waits) setImmediate(count);
        };
        return rewriter({
          label: (name) => {
            turns = 0;
            if (!waits) setImmediate(count);
            waits = true;
            return name;
          },
          adds: () => {
            waits = false;
            return ` In ${turns} words.`;
          },
        });
      },
      title: 'decides the same whichever reflection is answered first',
    },
    {
      what: 'goes on when its budget is spent',
      create: () => rewriter({ meets: (work) => work().catch(() => undefined), rounds: 1_500 }),
      title: 'ends when its budget is spent, and asks for nothing more',
    },
    {
      what: 'asks for more than it estimates',
      create: () => rewriter({ changes: { estimate: () => ({ task: 5, reflection: 1 }) } }),
      title: 'makes no more calls than it estimates',
    },
    {
      what: 'changes a row',
      create: () =>
        rewriter({
          begin: ({ train }) => {
            const [row] = train;
            if (row !== undefined) (row.inputs as Record<string, string>).ticket = 'easy';
          },
        }),
      title: 'leaves the rows that it is given as they are',
    },
    {
      what: 'sorts the rows in place',
      create: () => rewriter({ begin: ({ train }) => (train as unknown[]).reverse() }),
      title: 'leaves the rows that it is given as they are',
    },
    {
      what: 'returns a candidate that was never admitted',
      create: () =>
        rewriter({
          returns: (best) => ({ ...best, 'answer.instructions': { kind: 'text', text: 'Sort it, I say.' } }),
        }),
      title: 'returns the seed or a candidate that was admitted',
    },
    {
      what: 'never works on the second step',
      create: () => rewriter({ looksAt: (step) => step !== 'sort' }),
      title: 'works on the second step where that is the one at fault',
    },
    {
      what: 'reads the traces of the first step alone',
      create: () =>
        rewriter({
          tells: ({ results }) =>
            results.map(
              ({ trace = [] }) => `${JSON.stringify(predictStepsOf(trace, 'note')[0]?.outputs)} was wrong.`,
            ),
        }),
      title: 'tells its reflections what went wrong in the second step',
    },
    {
      what: 'keeps a memory in the object',
      create: () => {
        let remembered = '';
        return rewriter({
          begin: ({ train }) => {
            remembered ||= ` Remember ${train[0]?.id}.`;
          },
          adds: () => remembered,
        });
      },
      title: 'remembers nothing of an earlier run, also of other rows',
    },
    {
      what: 'keeps a memory in its module',
      create: () =>
        rewriter({
          begin: ({ train }) => {
            memory = `${memory ?? ''}${train.length}`.slice(-6);
          },
          adds: () => ` Remember ${memory}.`,
        }),
      title: 'remembers nothing of an earlier run, also of other rows',
    },
    {
      what: 'asks otherwise each time that it starts',
      create: () => {
        runs += 1;
        const own = runs;
        return rewriter({ label: (name) => `${name}, run ${own}` });
      },
      title:
        'stays within a limit of dollars with paid reflections, and killed twice pays nothing again and decides the same',
    },
    {
      what: 'asks otherwise each time that it starts',
      create: () => {
        runs += 1;
        const own = runs;
        return rewriter({ label: (name) => `${name}, run ${own}` });
      },
      title: 'starts nothing after a cancel, and goes on to the same result without asking anything twice',
    },
    {
      what: 'asks a reflection model without saying so',
      create: () => rewriter({ changes: { needs: { parameters: ['text'], labels: true, feedback: true } } }),
      title: 'finishes without what it does not say that it needs',
    },
    {
      what: 'makes another unlike itself',
      create: () =>
        rewriter({ changes: { fresh: () => rewriter({ adds: () => ' Or so.', changes: { version: 2 } }) } }),
      title: 'makes another like itself where it says that it can',
    },
  ];

describe('the suite finds an optimizer that', () => {
  test.each(broken)('$what, by the test “$title”', async ({ create, title }) => {
    memory = undefined;
    const failed = await runCheck(create, title).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(failed).toBeInstanceOf(Error);
  });
});

test('the suite finds a program that does not apply what it is given', async () => {
  const trial = createTrial(() => rewriter(), { reflectionModel });
  const deaf = {
    ...triage,
    forward: (inputs, runtime) => triage.forward(inputs, { ...runtime, candidate: undefined }),
  } satisfies typeof triage as typeof triage;
  await using store = await openMemoryStore();
  const run = { ...(await trial.finish({ store, changes: { program: deaf } })), store };
  const checks = candidateChecks({ ...trial, undisturbed: async () => run });
  const applied = checks.find(({ title }) => title.includes('really applied'));
  await expect(applied?.check()).rejects.toThrow('answer.instructions');
});

test('the suite finds needs that are not checked in time', async () => {
  let made = 0;
  // Says at first that it needs choice scores, and to the driver that it does not.
  const create = () => {
    made += 1;
    const needs = { parameters: ['text'], labels: true, choiceScores: made === 1 } as const;
    return rewriter({ changes: { needs } });
  };
  await expect(
    runCheck(create, 'refuses to start without choice scores, before anything is asked'),
  ).rejects.toThrow();
});
