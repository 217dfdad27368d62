import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { rankByAnswerProbability } from '../part/answer-probability.ts';
import { findClosedStep } from '../part/calibration.ts';
import { accepted } from '../part/decisions.ts';
import {
  type DemoPools,
  demoPools,
  isEmpty,
  noDemos,
  noTracedDemos,
  rowsForPools,
} from '../part/demo-pools.ts';
import { balancedSample, demoChanges } from '../part/demo-sets.ts';
import { fittingDemos } from '../part/fitting-demos.ts';
import { nestedRungs, rowsOfRace } from '../part/rungs.ts';
import { ranksAbove } from '../part/shared-rows.ts';
import { isBetter } from '../part/validation-race.ts';

/** What the options are checked by. */
export const demoSetRaceSchema = z.strictObject({
  sets: z
    .int()
    .min(1)
    .max(64)
    .default(8)
    .describe('Demo sets that race, one that the prompt has among them.'),
  demos: z.int().min(1).max(256).default(8).describe('Demos in a set.'),
  votes: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Best sets whose answers are put to the vote, where that pays; 1 for none.'),
  firstRung: z.int().min(1).max(10_000).default(12).describe('Validation rows on which the race begins.'),
});

export interface DemoSetRaceOptions {
  /** Demo sets that race, one that the prompt has among them. From 1 to 64. @default 8 */
  readonly sets?: number | undefined;
  /** Demos in a set. From 1 to 256. @default 8 */
  readonly demos?: number | undefined;
  /** Best sets whose answers are put to the vote, where that pays; 1 for none. From 1 to 16. @default 1 */
  readonly votes?: number | undefined;
  /** Validation rows on which the race begins. From 1 to 10,000. @default 12 */
  readonly firstRung?: number | undefined;
}

/**
 * Races labelled demo sets of every step on nested prefixes of validation; what inner steps take is learned from
 * answering some training rows first. The best sets' answers may be put to
 * the vote. On a model that scores choices the race ranks by the calibrated probability of the right answer.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Khattab et al. 2023, "DSPy", https://arxiv.org/abs/2310.03714; Wang et al. 2022, "Self-Consistency",
 *   https://arxiv.org/abs/2203.11171. Deviation: the votes are those of different demo sets, not of samples.
 */
export function demoSetRace(options: DemoSetRaceOptions = {}): Optimizer {
  const resolved = resolveOptions(demoSetRaceSchema, options, { of: 'demoSetRace' });
  const { sets, demos, votes, firstRung } = resolved;
  return {
    name: 'demoSetRace',
    version: 3,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Races sets of labelled rows as demos on nested parts of validation; the best may vote.',
      when: 'Rows have labels and there is no reflection model: the cheapest search that beats hand-picked examples.',
      cost: {
        task: '(innerSteps > 0 ? min(train, 3 * demos) : 0) + race(sets, votes, firstRung) + validation + (votes > 1 ? votes * validation : 0)',
        reflection: '0',
      },
    },
    fresh: () => demoSetRace(options),
    estimate: ({ train, validation, callsPerRow, program }) => ({
      task:
        (rowsForPools(program, { train, demos }) +
          rowsOfRace(sets, { rungs: nestedRungs(validation, firstRung), keep: votes }) +
          validation +
          (votes > 1 ? votes * validation : 0)) *
        callsPerRow,
      reflection: 0,
      winnerCallsPerRow: votes * callsPerRow,
    }),
    async *optimize(context) {
      const { seed, program, train, validation, random, admit, evaluate } = context;
      // A prompt that comes with demos races with them.
      const own = hasDemos(context) ? [seed] : [];
      const order = random.fork('order').shuffle(validation);
      const pools = await demoPools(context, resolved.demos);
      const draftsOf = (demos: number, count: number) =>
        Array.from({ length: count }, (_, index) => ({
          changes: demoSet(context, { pools, demos, index }),
          origin: `demo set ${own.length + index + 1}`,
          parents: [seed],
        })).filter(({ changes }) => !isEmpty(changes));
      const demos = yield* fittingDemos(context, {
        demos: resolved.demos,
        make: (size) => admit(draftsOf(size, 1))[0],
        rows: order.slice(0, Math.min(3, firstRung)),
      });
      const drafts = demos === 0 ? [] : draftsOf(demos, sets - own.length);
      if (drafts.length === 0 && own.length === 0) {
        const wasTraced = rowsForPools(program, { train: train.length, demos }) > 0;
        if (demos > 0) yield { type: 'notice', message: wasTraced ? noTracedDemos : noDemos };
        return seed;
      }
      const step = context.choiceScores ? findClosedStep(program) : undefined;
      const rank = step && rankByAnswerProbability(step, { examples: validation, train });
      const { finalists } = await context.race([...own, ...candidatesOf(admit(drafts))], {
        examples: order,
        rungs: nestedRungs(validation.length, firstRung),
        keep: votes,
        rank,
      });
      const [best] = finalists;
      if (best === undefined) return seed;
      // A prompt without demos is not in the race: what comes out must rank above it all the same.
      const traces = rank !== undefined;
      const standing = own.length > 0 ? undefined : await evaluate(seed, validation, { traces });
      const isAhead = async ({ candidate }: CandidateEvaluation) =>
        standing === undefined ||
        ranksAbove(await evaluate(candidate, validation, { traces }), standing, rank);
      const isBestAhead = await isAhead(best);
      if (isBestAhead) yield accepted(best, 'best demo set');
      const voted =
        votes > 1 ? await voteOf(context, { finalists: finalists.slice(0, votes), best, votes }) : undefined;
      if (voted === undefined || !(await isAhead(voted))) return isBestAhead ? best.candidate : seed;
      yield accepted(voted, 'vote of the best sets');
      return voted.candidate;
    },
  };
}

function hasDemos({ program, seed }: OptimizationContext): boolean {
  return program.steps.some(
    ({ name }) => (parameterOf(seed, parameterName(name, 'demos'), 'demos')?.sets.length ?? 0) > 0,
  );
}

function demoSet(
  { program, random }: OptimizationContext,
  { pools, demos, index }: { readonly pools: DemoPools; readonly demos: number; readonly index: number },
): Candidate {
  return demoChanges(program, (step) => ({
    demos: balancedSample(pools.get(step.name) ?? [], demos, random.fork(`set-${index}/${step.name}`)),
  }));
}

/** A majority vote of the finalists, where it is better than the best of them alone. */
async function voteOf(
  { program, validation, admit, evaluate, budget }: OptimizationContext,
  {
    finalists,
    best,
    votes,
  }: {
    readonly finalists: readonly CandidateEvaluation[];
    readonly best: CandidateEvaluation;
    readonly votes: number;
  },
): Promise<CandidateEvaluation | undefined> {
  if (finalists.length < votes) return undefined;
  const changes: Record<string, Candidate[string]> = {};
  for (const { name } of program.steps) {
    const parameter = parameterName(name, 'demos');
    const sets = finalists.flatMap(({ candidate }) => parameterOf(candidate, parameter, 'demos')?.sets ?? []);
    if (sets.length > 0) changes[parameter] = { kind: 'demos', sets };
  }
  const [vote] = candidatesOf(
    admit([
      {
        changes,
        origin: `vote of ${votes} demo sets`,
        parents: finalists.map(({ candidate }) => candidate),
      },
    ]),
  );
  if (vote === undefined || !budget.allows(validation, vote)) return undefined;
  const voted = await evaluate(vote, validation);
  return isBetter(voted, best) ? voted : undefined;
}
