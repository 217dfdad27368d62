import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { finishTriage } from '../testing/triage-run.ts';
import type { Optimizer } from './optimizer.ts';
import { candidatesOf } from './part/admitted.ts';
import { pairedDifference } from './part/paired-difference.ts';

/** A search of a user's own: asks for new instructions in rounds and keeps the best. */
function rewrite({ rounds = 2 }: { readonly rounds?: number } = {}): Optimizer {
  const request = signature('instructions, failures -> improved: string');
  return {
    name: 'rewrite',
    version: 1,
    options: { rounds },
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    estimate: ({ validation, callsPerRow }) => ({
      task: rounds * 2 * validation * callsPerRow,
      reflection: rounds * 4,
    }),
    async *optimize({ seed, validation, evaluate, admit, ask }) {
      let best = await evaluate(seed, validation);
      for (let round = 1; round <= rounds; round += 1) {
        const failures = best.results.filter(({ outcome }) => 'value' in outcome && outcome.value < 1);
        const inputs = {
          instructions: 'Sort.',
          failures: failures.map(({ exampleId }) => exampleId).join(', '),
        };
        const answers = await ask(
          [0, 1].map((sample) => ({ label: `round-${round}`, signature: request, inputs, sample })),
        );
        const drafts = answers.flatMap((answer) =>
          answer.status === 'answered'
            ? [
                {
                  changes: {
                    'answer.instructions': { kind: 'text', text: answer.outputs.improved } as const,
                  },
                  parents: [best.candidate],
                  origin: `round ${round}`,
                  because: { reflection: answer.id },
                },
              ]
            : [],
        );
        const candidates = candidatesOf(admit(drafts));
        const evaluations = await Promise.all(candidates.map((candidate) => evaluate(candidate, validation)));
        for (const evaluation of evaluations) {
          if (pairedDifference(best, evaluation).mean <= 0) continue;
          best = evaluation;
          yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: `round ${round}` };
        }
      }
      return best.candidate;
    },
  };
}

const reflectionModel = () =>
  scriptedModel({
    id: 'scripted/reflection',
    respond: (_, { draw }) =>
      JSON.stringify({ improved: `Look at the telling words (${draw.at(-1)}${draw.length}).` }),
  });

describeOptimizer('an optimizer of a user’s own that asks a reflection model', () => rewrite(), {
  reflectionModel,
});

describe('a reflecting optimizer', () => {
  test('asks each sample of each round on its own', async () => {
    const model = reflectionModel();
    const { events } = await finishTriage({ optimizer: rewrite(), reflectionModel: model });
    expect(model.calls.map(({ draw }) => draw)).toEqual([
      '1/search/round-1/0',
      '1/search/round-1/1',
      '1/search/round-2/0',
      '1/search/round-2/1',
    ]);
    expect(events.filter(({ type }) => type === 'candidate-proposed').length).toBeGreaterThanOrEqual(2);
  });

  test('ends normally when its reflection calls are spent', async () => {
    const model = reflectionModel();
    const { report } = await finishTriage({
      optimizer: rewrite({ rounds: 9 }),
      reflectionModel: model,
      changes: { budget: { reflectionCalls: 3 } },
    });
    expect(model.callCount).toBe(3);
    expect(report.stopReason).toBe('calls');
    expect(report.sealedTest?.rows).toBe(20);
  });
});
