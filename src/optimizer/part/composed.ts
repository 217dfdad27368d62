import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { anyFunction, withMembers } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type {
  CallEstimate,
  CandidateEvaluation,
  Decision,
  OptimizationContext,
  Optimizer,
  TaskSize,
} from '../optimizer.ts';
import { pairedDifference } from './paired-difference.ts';
import { votesOf } from './preference-votes.ts';
import { reflectionCalls } from './reflection.ts';
import { requirementOf } from './requirement.ts';
import { isBetter } from './validation-race.ts';

/** An optimizer as an option of another one. */
export const optimizerOption = withMembers<Optimizer>(
  'an optimizer such as gepa(), on the command line its name',
  {
    name: z.string().min(1),
    version: z.number(),
    needs: withMembers('an object', {}),
    estimate: anyFunction,
    optimize: anyFunction,
  },
);

/** What identifies optimizers within the options of the one that is made of them. */
export function identitiesOf(optimizers: readonly Optimizer[]): JsonObject[] {
  return optimizers.map(({ name, version, options }) => ({ name, version, options }));
}

/** What all of them need together, and the prompts that each sends, by its name and its place where two share one. */
export function togetherOf(optimizers: readonly Optimizer[]): Pick<Optimizer, 'needs' | 'prompts'> {
  const prompts = optimizers.flatMap(({ name, prompts: own = {} }, index) => {
    const isSecond = optimizers.findIndex((other) => other.name === name) < index;
    return isSecond
      ? []
      : Object.entries(own).map(([prompt, signature]) => [`${name}.${prompt}`, signature] as const);
  });
  const some = (need: (needs: Optimizer['needs']) => boolean | undefined) =>
    optimizers.some(({ needs }) => need(needs) === true);
  const { oneOf } = optimizers.find(({ needs }) => needs.oneOf !== undefined)?.needs ?? {};
  return {
    needs: {
      parameters: [...new Set(optimizers.flatMap(({ needs }) => needs.parameters))],
      // Where several leave a choice, the first one's is checked.
      ...(oneOf !== undefined && { oneOf }),
      labels: some(({ labels }) => labels),
      feedback: some(({ feedback }) => feedback),
      reflectionModel: some(({ reflectionModel }) => reflectionModel),
      choiceScores: some(({ choiceScores }) => choiceScores),
      preference: some(({ preference }) => preference),
    },
    ...(prompts.length > 0 && { prompts: Object.fromEntries(prompts) }),
  };
}

/** Makes all of them anew, where each can be. */
export function freshOf<Result>(
  optimizers: readonly Optimizer[],
  create: (fresh: readonly Optimizer[]) => Result,
): (() => Result) | undefined {
  const makers = optimizers.flatMap(({ fresh }) => (fresh === undefined ? [] : [fresh]));
  return makers.length < optimizers.length ? undefined : () => create(makers.map((make) => make()));
}

/** The sum of what each takes, and `comparisons` candidates on all of validation beside, judged where nothing is scored. */
export function estimateOf(
  optimizers: readonly Optimizer[],
  size: TaskSize,
  comparisons: number,
): CallEstimate {
  const estimates = optimizers.map((optimizer) => optimizer.estimate(size));
  const isJudged = optimizers.some(({ needs }) => needs.preference === true);
  const judgements = isJudged ? reflectionCalls(2 * comparisons * size.validation) : 0;
  const winner = Math.max(size.callsPerRow, ...estimates.map((each) => each.winnerCallsPerRow ?? 0));
  return {
    task: estimates.reduce((sum, { task }) => sum + task, 0) + comparisons * size.validation * winner,
    reflection: estimates.reduce((sum, { reflection }) => sum + reflection, judgements),
    winnerCallsPerRow: winner,
  };
}

/** One search within a composition. */
export interface Stage {
  readonly optimizer: Optimizer;
  readonly label: string;
  readonly seed: Candidate;
  readonly share: number;
  readonly train?: OptimizationContext['train'] | undefined;
}

/**
 * Runs one stage; its candidate stands from then on when its mean on all of validation is higher than that of the
 * standing one, or where nothing has a score, when its answers are preferred more often. Ties keep the older.
 */
export async function* advance(
  context: OptimizationContext,
  standing: Candidate,
  { optimizer, ...options }: Stage,
): AsyncGenerator<Decision, { readonly candidate: Candidate; readonly gain: number }, void> {
  const { nest, evaluate, validation } = context;
  yield { type: 'phase-started', phase: options.label, note: optimizer.name };
  const { candidate } = yield* nest(optimizer, options);
  const [before, after] = await Promise.all([
    evaluate(standing, validation),
    evaluate(candidate, validation),
  ]);
  const gain = after.hash === before.hash ? 0 : await gainOf(context, before, after);
  if (gain <= 0) return { candidate: before.candidate, gain: 0 };
  yield { type: 'candidate-accepted', candidate: after.hash, mean: after.mean, note: options.label };
  return { candidate: after.candidate, gain };
}

/** By how much one evaluation is better than another; 0 where it is not. Without any score, in votes for each row. */
async function gainOf(
  { prefer, validation, models, program, seed }: OptimizationContext,
  before: CandidateEvaluation,
  after: CandidateEvaluation,
): Promise<number> {
  if (before.scored > 0 || after.scored > 0) {
    if (!isBetter(after, before)) return 0;
    return before.scored === 0 ? (after.mean ?? 0) : pairedDifference(before, after).mean;
  }
  const canJudge = models.includes('judge') || models.includes('reflection');
  if (!canJudge || validation.length === 0) return 0;
  const asked = requirementOf(program, seed);
  const pairs = validation.map((example) => ({
    example,
    first: before.candidate,
    second: after.candidate,
    ...(asked !== '' && { criterion: asked }),
  }));
  const votes = votesOf(await prefer(pairs));
  return Math.max(0, votes / validation.length);
}
