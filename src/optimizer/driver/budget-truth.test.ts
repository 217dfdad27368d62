import { describe, expect, test } from 'vitest';
import { hashCandidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { callsOfSteps, triageInSteps } from '../../testing/steps-task.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { auto } from '../method/auto.ts';
import { bootstrapRandomSearch } from '../method/bootstrap-random-search.ts';
import type { OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';

const rewriting = signature('step -> improved: string');

const reflectionModel = () =>
  scriptedModel({
    respond: (_, { draw }) =>
      JSON.stringify({ improved: `Look at the telling words, way ${draw.replaceAll('/', ' ')}.` }),
  });

/** Asks for new instructions of each step in turn, round after round, until a limit ends it. */
function rewriter(
  name: string,
  score: (context: OptimizationContext, round: number) => OptimizationContext['evaluate'],
): Optimizer {
  return {
    name,
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    estimate: () => ({ task: 10_000, reflection: 1_000 }),
    async *optimize(context) {
      const { program, seed, validation, ask, admit } = context;
      let best = await context.evaluate(seed, validation);
      for (let round = 0; ; round += 1) {
        const step = program.steps[round % program.steps.length]?.name ?? '';
        const answers = await ask([
          { label: `round-${round}`, signature: rewriting, inputs: { step: `${step} ${round}` } },
        ]);
        const texts = answers.flatMap((each) => (each.status === 'answered' ? [each.outputs.improved] : []));
        const drafts = texts.map((text) => ({
          changes: { [`${step}.instructions`]: { kind: 'text', text } as const },
          origin: `round ${round}`,
        }));
        for (const candidate of candidatesOf(admit(drafts))) {
          const next = await score(context, round)(candidate, validation);
          if ((next.mean ?? 0) <= (best.mean ?? 0)) continue;
          best = next;
          yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: `round ${round}` };
        }
      }
    },
  };
}

const scripted = [
  {
    name: 'scores on validation',
    create: () => rewriter('scores on validation', ({ evaluate }) => evaluate),
  },
  {
    name: 'tries training rows first',
    create: () =>
      rewriter(
        'tries training rows first',
        ({ evaluate, train, random, seed }, round) =>
          async (candidate, rows) => {
            const few = random.fork(`rows-${round}`).shuffle(train).slice(0, 3);
            await Promise.all([evaluate(seed, few), evaluate(candidate, few)]);
            return evaluate(candidate, rows);
          },
      ),
  },
  {
    name: 'races four at once',
    create: () =>
      rewriter(
        'races four at once',
        ({ evaluate, race, random, admit }, round) =>
          async (candidate, rows) => {
            const others = admit(
              ['calmly', 'quickly', 'twice'].map((how) => ({
                changes: {
                  'sort.instructions': { kind: 'text', text: `Look at the ticket ${how}, ${round}.` },
                },
                origin: how,
              })),
            );
            const { finalists } = await race([candidate, ...candidatesOf(others)], {
              examples: random.fork(`order-${round}`).shuffle(rows),
              rungs: [Math.ceil(rows.length / 2), rows.length],
            });
            return evaluate(finalists[0]?.candidate ?? candidate, rows);
          },
      ),
  },
];

async function spend(
  optimizer: Optimizer,
  { calls, choiceScores }: { calls: number; choiceScores: boolean },
) {
  const finished = await finishTriage({
    optimizer,
    task: 'two steps',
    choiceScores,
    reflectionModel: reflectionModel(),
    changes: { budget: { calls } },
  });
  const { report } = finished;
  const seed = report.candidates.find(({ origin }) => origin === 'seed');
  const better = report.candidates.filter(({ mean = 0 }) => mean > (seed?.mean ?? 0));
  const ofProof = finished.calls.filter(({ phase }) => phase === 'sealed test').length;
  const spent = finished.calls.length - ofProof;
  // What the proof may take is not there to be searched with; a tenth of written answers is asked for again.
  const callsOfRow = choiceScores ? callsOfSteps : 1.1 * callsOfSteps;
  const allowed = calls - Math.max(ofProof, 2 * callsOfRow * (report.sealedTest?.rows ?? 0));
  return {
    share: spent / allowed,
    total: finished.calls.length,
    better: better.length,
    verdict: report.sealedTest?.verdict,
    isSeed: report.best.hash === hashCandidate(triageInSteps.seed),
  };
}

describe.each([100, 200, 400])('%d calls on a task of three calls a row and reflections', (calls) => {
  describe.each([true, false])('where choices are scored: %s', (choiceScores) => {
    test.each(scripted)('a search that $name spends them', async ({ create }) => {
      const { total, share, better, isSeed, verdict } = await spend(create(), { calls, choiceScores });
      expect(total).toBeLessThanOrEqual(calls);
      expect(share).toBeGreaterThanOrEqual(0.9);
      // What a winner shares with the seed is not kept back for its proof a second time.
      expect(total / calls).toBeGreaterThanOrEqual(0.85);
      expect(verdict).not.toBe('incomplete');
      expect(isSeed && better > 0).toBe(false);
    });

    test.each([auto(), bootstrapRandomSearch()])(
      '$name never returns the seed where it scored a better one',
      async (optimizer) => {
        const { total, better, isSeed } = await spend(optimizer, { calls, choiceScores });
        expect(total).toBeLessThanOrEqual(calls);
        expect(isSeed && better > 0).toBe(false);
      },
    );
  });
});
