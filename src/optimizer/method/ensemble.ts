import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, type DemoSet, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';
import { accepted } from '../part/decisions.ts';
import { demoSteps } from '../part/demo-set-pool.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { isBetter } from '../part/validation-race.ts';

/** What the options are checked by. */
export const ensembleSchema = z.strictObject({
  optimizer: optimizerOption.describe(
    'Makes the members: each run of it gives one, and what else it scored.',
  ),
  runs: z.int().min(1).max(32).default(4).describe('Runs of the optimizer.'),
  size: z.int().min(2).max(16).default(3).describe('Most members.'),
});

export interface EnsembleOptions {
  /** Makes the members: each run of it gives one, and what else it scored. */
  readonly optimizer: Optimizer;
  /** Runs of the optimizer. @default 4 */
  readonly runs?: number | undefined;
  /** Most members. @default 3 */
  readonly size?: number | undefined;
}

/**
 * Makes several candidates and lets the demo sets of the best vote: chosen answers by their pooled probabilities
 * where the model scores choices, else by majority. Members are added one by one, always the one with which the
 * ensemble does best on validation, and the smallest best ensemble stays: a second vote alone changes no majority, a
 * third may. Each row then takes one call a member.
 *
 * @see Khattab et al. 2023, "DSPy", Ensemble, https://arxiv.org/abs/2310.03714; Caruana et al. 2004, "Ensemble
 *   Selection from Libraries of Models". Deviation: members share the texts of the best candidate, since one candidate
 *   holds several demo sets and one text of each kind.
 */
export function ensemble(options: EnsembleOptions): Optimizer {
  const { optimizer, runs, size } = resolveOptions(ensembleSchema, options, { of: 'ensemble' });
  const all = Array.from({ length: runs }, () => optimizer);
  const { needs, ...prompts } = togetherOf([optimizer]);
  return {
    name: 'ensemble',
    version: 2,
    options: { optimizer: identitiesOf([optimizer])[0] ?? null, runs, size },
    ...prompts,
    needs: { ...needs, parameters: [...new Set([...needs.parameters, 'demos' as const])] },
    guide: {
      does: 'Lets the demo sets of several candidates vote, added one by one, the best number of them kept.',
      when: 'A few more calls for each row in production are worth a better answer.',
      cost: {
        task: 'those of `runs` runs of the optimizer, each winner on validation, and the ensembles that are tried',
        reflection: 'those of `runs` runs of the optimizer',
      },
    },
    fresh: freshOf([optimizer], ([fresh = optimizer]) => ensemble({ ...options, optimizer: fresh })),
    estimate: (size_) => {
      const made = estimateOf(all, size_, 1 + runs);
      const members = Math.min(size, runs);
      const calls = made.winnerCallsPerRow ?? size_.callsPerRow;
      // Each step of the selection tries every member that is left, on calls that were mostly made before.
      let tried = 0;
      for (let count = 2; count <= members; count += 1) tried += count * (runs - count + 1);
      return {
        ...made,
        task: made.task + tried * size_.validation * calls,
        winnerCallsPerRow: members * calls,
      };
    },
    async *optimize(context) {
      const { seed, validation, evaluate, nest } = context;
      const made: CandidateEvaluation[] = [];
      for (const [run, each] of all.entries()) {
        yield { type: 'phase-started', phase: `member ${run + 1}`, note: each.name };
        const share = 1 / (runs + 1 - run);
        const { candidate } = yield* nest(each, { label: `member ${run + 1}`, share });
        made.push(await evaluate(candidate, validation));
      }
      const unique = [...new Map(made.map((each) => [each.hash, each])).values()];
      const members = bestFirst(unique, (each) => each);
      const [first] = members;
      if (first === undefined) return seed;
      let best = await evaluate(seed, validation);
      if (isBetter(first, best)) {
        best = first;
        yield accepted(best, 'the best alone');
      }
      const texts = first.candidate;
      const chosen = [first];
      while (chosen.length < size) {
        const next = await bestWith(context, {
          chosen,
          texts,
          others: members.filter((each) => !chosen.includes(each)),
        });
        if (next === undefined) break;
        chosen.push(next.member);
        if (!isBetter(next.evaluation, best)) continue;
        best = next.evaluation;
        yield accepted(best, `${chosen.length} members`);
      }
      return best.candidate;
    },
  };
}

interface Selection {
  readonly chosen: readonly CandidateEvaluation[];
  readonly others: readonly CandidateEvaluation[];
  /** The candidate whose texts all members share. */
  readonly texts: Candidate;
}

/** The ensemble of the chosen and one more that does best on validation. */
async function bestWith(
  context: OptimizationContext,
  { chosen, others, texts }: Selection,
): Promise<{ readonly member: CandidateEvaluation; readonly evaluation: CandidateEvaluation } | undefined> {
  const { admit, evaluate, validation, budget } = context;
  const tried = others.map((member) => {
    const members = [...chosen, member];
    const [candidate] = candidatesOf(
      admit([
        {
          changes: pooledSets(context, members),
          parents: [texts, ...members.map(({ candidate: each }) => each)],
          origin: `ensemble of ${members.length}`,
        },
      ]),
    );
    return { member, candidate };
  });
  const known = tried.flatMap(({ member, candidate }) =>
    candidate !== undefined && budget.allows(validation, candidate) ? [{ member, candidate }] : [],
  );
  const evaluations = await Promise.all(known.map(({ candidate }) => evaluate(candidate, validation)));
  let best: { member: CandidateEvaluation; evaluation: CandidateEvaluation } | undefined;
  for (const [index, evaluation] of evaluations.entries()) {
    const member = known[index]?.member;
    if (member === undefined || (best !== undefined && !isBetter(evaluation, best.evaluation))) continue;
    best = { member, evaluation };
  }
  return best;
}

/** The demo sets of all members, of every step; a member without demos answers as it is. */
function pooledSets({ program }: OptimizationContext, members: readonly CandidateEvaluation[]): Candidate {
  const changes: Record<string, Candidate[string]> = {};
  for (const { name } of demoSteps(program)) {
    const parameter = parameterName(name, 'demos');
    const sets = members.flatMap(({ candidate }): readonly DemoSet[] => {
      const own = parameterOf(candidate, parameter, 'demos')?.sets ?? [];
      return own.length > 0 ? own : [{ demos: [] }];
    });
    changes[parameter] = { kind: 'demos', sets };
  }
  return changes;
}
