import { signature } from 'hone-ai';
import type { CandidateEvaluation, Optimizer } from 'hone-ai/optimizers';
import { predictStepsOf } from 'hone-ai/programs';

const rewriting = signature('step, instructions, failures: string[] -> improved: string', {
  instructions: 'Rewrite the instructions of this step so that failures like these do not happen again.',
});

/** Asks for better instructions of each step that went wrong, and keeps what is better on the same rows. */
export function rewriteFailures({ rounds = 3, rows = 8 } = {}): Optimizer {
  return {
    name: 'rewriteFailures',
    version: 1,
    options: { rounds, rows },
    needs: { parameters: ['text'], labels: false, feedback: true, reflectionModel: true },
    fresh: () => rewriteFailures({ rounds, rows }),
    estimate: ({ validation, callsPerRow, program: { steps } }) => ({
      task: rounds * (rows + 2 * steps.length * validation) * callsPerRow,
      reflection: rounds * steps.length * 4, // what cannot be read is asked for once more
    }),
    async *optimize({ program, seed, train, validation, random, evaluate, ask, admit }) {
      let best = await evaluate(seed, validation);
      for (let round = 1; round <= rounds; round += 1) {
        const batch = random.fork(`round-${round}`).shuffle(train).slice(0, rows);
        const seen = await evaluate(best.candidate, batch, { traces: true });
        for (const { name, step } of program.parameters.filter(({ part }) => part === 'instructions')) {
          const failures = failuresOf(seen, step);
          if (failures.length === 0) continue;
          const inputs = { step, instructions: JSON.stringify(best.candidate[name]), failures };
          const request = { label: `round-${round}/${name}`, signature: rewriting, inputs };
          const answers = await ask([0, 1].map((sample) => ({ ...request, sample })));
          const texts = answers.flatMap((each) => (each.status === 'answered' ? each.outputs.improved : []));
          const change = (text: string) => ({ changes: { [name]: { kind: 'text', text } as const } });
          const drafts = texts.map((text) => ({ ...change(text), parents: [best.candidate], origin: name }));
          for (const admission of admit(drafts)) {
            if (admission.status !== 'admitted') continue;
            const next = await evaluate(admission.candidate, validation);
            if ((next.mean ?? 0) <= (best.mean ?? 0)) continue;
            best = next;
            yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: name };
          }
        }
      }
      return best.candidate;
    },
  };
}

/** What went wrong in one step: what it took, and what the scorer or the reader of its answer says of it. */
function failuresOf({ results }: CandidateEvaluation, step: string): readonly string[] {
  return results.flatMap(({ outcome, trace = [] }) => {
    if (!('value' in outcome) || outcome.value === 1) return [];
    const own =
      outcome.status === 'scored' ? outcome.stepFeedback : { [`${outcome.step}`]: outcome.feedback };
    const told = own === undefined ? outcome.feedback : own[step];
    const [run] = predictStepsOf(trace, step);
    return told === undefined ? [] : [`${JSON.stringify(run?.inputs)}: ${told}`];
  });
}
