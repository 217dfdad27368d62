import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { instanceFront } from '../part/instance-front.ts';
import { commonAncestors, mergeSince } from '../part/lineage.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { reflectionCalls } from '../part/reflection.ts';
import { answeredRows, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';

/** What it asks. */
export const gepaPrompts = {
  rewrite: signature(
    {
      inputs: { place: 'string', current: 'string', rows: 'json', rejected: 'json' },
      outputs: { diagnosis: 'string', text: 'string' },
    },
    {
      instructions:
        'You improve a text that tells a language model how to do a task. You see the text as it is and rows that ' +
        'were answered with it: what the model was shown, what it answered, what was expected and what was said of ' +
        'the answer. First find out what went wrong and why: what the task really asks, facts about the domain that ' +
        'the rows or the feedback give away, and ways of working that would have led to the right answers. Then ' +
        'write the whole text anew. Put into it what you learned, in general words, because whoever reads it will ' +
        'see other rows; keep what already works; do not quote the rows; keep every {{slot}}. Changes that were ' +
        'tried before and did not help are listed: do not repeat them.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        rows: 'answered rows',
        rejected: 'texts that were tried instead and were not better',
        diagnosis: 'what went wrong and what to change, in a few sentences',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};

/** What the options are checked by. */
export const gepaSchema = z.strictObject({
  rounds: z.int().min(1).max(10_000).default(20).describe('Rounds of reflection.'),
  parents: z.int().min(1).max(64).default(2).describe('Candidates that are rewritten in a round.'),
  children: z.int().min(1).max(64).default(1).describe('Rewritings of each, from other rows.'),
  minibatch: z
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .describe('Rows that a rewriting sees and must do better on.'),
  validationRows: z
    .int()
    .min(1)
    .max(10_000)
    .default(30)
    .describe('Most rows of validation that an accepted rewriting is scored on.'),
  selection: z
    .enum(['pareto', 'best', 'epsilon'])
    .default('pareto')
    .describe('Which candidates are rewritten: by the rows that they lead, the best, or mostly the best.'),
  component: z
    .enum(['roundRobin', 'all'])
    .default('roundRobin')
    .describe('Whether a rewriting changes one text, in turn, or every text of the program.'),
  merges: z.int().min(0).max(1_000).default(5).describe('Most candidates that are made of two.'),
  remembered: z.int().min(0).max(20).default(3).describe('Rejected rewritings that the next one sees.'),
  patience: z.int().min(1).max(10_000).default(10).describe('Rounds without a new best before it stops.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the rewritings.'),
  prompts: promptsOption(gepaPrompts),
});

export interface GepaOptions {
  /** Rounds of reflection. @default 20 */
  readonly rounds?: number | undefined;
  /** Candidates that are rewritten in a round. @default 2 */
  readonly parents?: number | undefined;
  /** Rewritings of each, from other rows. @default 1 */
  readonly children?: number | undefined;
  /** Rows that a rewriting sees and must do better on. @default 3 */
  readonly minibatch?: number | undefined;
  /** Most rows of validation that an accepted rewriting is scored on. @default 30 */
  readonly validationRows?: number | undefined;
  /** Which candidates are rewritten: by the rows that they lead, the best, or mostly the best. @default 'pareto' */
  readonly selection?: 'pareto' | 'best' | 'epsilon' | undefined;
  /** Whether a rewriting changes one text, in turn, or every text of the program. @default 'roundRobin' */
  readonly component?: 'roundRobin' | 'all' | undefined;
  /** Most candidates that are made of two. @default 5 */
  readonly merges?: number | undefined;
  /** Rejected rewritings that the next one sees. @default 3 */
  readonly remembered?: number | undefined;
  /** Rounds without a new best before it stops. @default 10 */
  readonly patience?: number | undefined;
  /** Of the rewritings. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly rewrite?: string | undefined } | undefined;
}

/**
 * Rewrites texts by reflecting on what became of a few rows, keeps every candidate that leads on some row of
 * validation, and merges two that learned different things.
 *
 * @see Agrawal et al. 2025, "GEPA: Reflective Prompt Evolution Can Outperform Reinforcement Learning",
 *   https://arxiv.org/abs/2507.19457. Deviations: rounds of several parents, so that answers are waited for
 *   together; at most 30 rows of validation; a minibatch never holds a row twice; parents are not answered anew;
 *   rejected rewritings are shown; a row that was lost on one side counts for neither.
 */
export function gepa(options: GepaOptions = {}): Optimizer {
  const resolved = resolveOptions(gepaSchema, options, { of: 'gepa' });
  const { rounds, parents, children, minibatch, validationRows, merges, patience } = resolved;
  const prompts = withReplaced(gepaPrompts, resolved.prompts);
  return {
    name: 'gepa',
    version: 2,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Rewrites texts by reflecting on a few answered rows, keeps every candidate that leads on some row, and merges two.',
      when: 'There is a good reflection model and a scorer that says why: the usual choice for instructions, also over several steps.',
      cost: {
        task: 'rows + rewritings * (2 * min(train, minibatch) + rows) + merges * rows',
        reflection: "2 * rewritings * (component == 'all' ? texts : 1)",
        where: {
          rows: 'min(validation, validationRows)',
          rewritings: 'rounds * parents * children',
        },
      },
    },
    fresh: () => gepa(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const rows = Math.min(validation, validationRows);
      const batch = Math.min(train, minibatch);
      const texts = resolved.component === 'all' ? textTargets(program).length : 1;
      const rewritings = rounds * parents * children;
      return {
        task: (rows + rewritings * (2 * batch + rows) + merges * rows) * callsPerRow,
        reflection: reflectionCalls(rewritings * texts),
      };
    },
    async *optimize(context) {
      const { seed, validation, random, evaluate, objectives } = context;
      const rows = random.fork('validation').sample(validation, validationRows);
      const targets = textTargets(context.program);
      const batches = minibatches(context.train, { size: minibatch, random: random.fork('minibatches') });
      const root: Member = {
        candidate: seed,
        evaluation: await evaluate(seed, rows),
        parents: [],
        turn: 0,
        rejected: [],
      };
      const pool: Member[] = [root];
      let best = root;
      let merged = 0;
      const join = async (candidates: readonly Omit<Member, 'evaluation'>[]): Promise<readonly Member[]> => {
        const evaluations = await Promise.all(candidates.map(({ candidate }) => evaluate(candidate, rows)));
        const members = candidates.flatMap((member, index) => {
          const evaluation = evaluations[index];
          return evaluation === undefined ? [] : [{ ...member, evaluation }];
        });
        pool.push(...members);
        return members;
      };
      for (let round = 0, stale = 0; round < rounds && stale < patience; round += 1, stale += 1) {
        const stream = random.fork(`round-${round}`);
        const picked = pickParents(pool, { ...resolved, best, objectives, random: stream });
        const tasks = picked.flatMap((parent) =>
          Array.from({ length: children }, () => ({
            parent,
            batch: batches.next(),
            targets: resolved.component === 'all' ? targets : nextTarget(parent, targets),
          })),
        );
        const better = await rewrite(context, tasks, { settings: resolved, prompts, round });
        const members = [...(await join(better))];
        if (merged < merges && members.length > 0) {
          const draft = mergeDraft(pool, { objectives, random: stream.fork('merge') });
          const [admission] = draft === undefined ? [] : context.admit([draft.draft]);
          if (admission?.status === 'admitted' && draft !== undefined) {
            merged += 1;
            const { candidate } = admission;
            members.push(...(await join([{ candidate, parents: draft.of, turn: 0, rejected: [] }])));
          }
        }
        for (const member of members) {
          if (!isBetter(member.evaluation, best.evaluation)) continue;
          best = member;
          stale = -1;
          yield accepted(member.evaluation, `round ${round + 1}`);
        }
      }
      return best.candidate;
    },
  };
}

/** A candidate of the pool. */
interface Member {
  readonly candidate: Candidate;
  readonly evaluation: CandidateEvaluation;
  readonly parents: readonly Member[];
  /** Which text is rewritten next. */
  turn: number;
  /** Texts that were tried instead of its own and were not better, newest last. */
  readonly rejected: string[];
}

/** The text whose turn it is: each rewriting of a candidate takes the next one, also several in one round. */
function nextTarget(member: Member, targets: readonly TextTarget[]): readonly TextTarget[] {
  const at = member.turn % targets.length;
  member.turn += 1;
  return targets.slice(at, at + 1);
}

/** One rewriting: of which candidate, from which rows, of which texts. */
interface Rewriting {
  readonly parent: Member;
  readonly batch: readonly Example[];
  readonly targets: readonly TextTarget[];
}

type Resolved = z.output<typeof gepaSchema>;

function pickParents(
  pool: readonly Member[],
  {
    selection,
    parents,
    best,
    objectives,
    random,
  }: Resolved & Pick<OptimizationContext, 'objectives' | 'random'> & { readonly best: Member },
): readonly Member[] {
  const front = instanceFront(pool, objectives);
  return Array.from({ length: parents }, (_, index) => {
    const stream = random.fork(`parent-${index}`);
    if (selection === 'best') return best;
    if (selection === 'epsilon') {
      return stream.next() < 0.1 ? (pool[stream.integer(pool.length)] ?? best) : best;
    }
    return front.pick(stream) ?? best;
  });
}

/** Rewrites, and gives back what did better than its parent on the rows that it was made from. */
async function rewrite(
  { evaluate, ask, admit }: OptimizationContext,
  tasks: readonly Rewriting[],
  {
    settings: { remembered, temperature },
    prompts,
    round,
  }: { readonly settings: Resolved; readonly prompts: typeof gepaPrompts; readonly round: number },
): Promise<readonly Omit<Member, 'evaluation'>[]> {
  const before = await Promise.all(
    tasks.map(({ parent, batch }) => evaluate(parent.candidate, batch, { traces: true })),
  );
  // Where every row is right there is nothing to learn.
  const useful = tasks.flatMap((task, index) => {
    const evaluation = before[index];
    if (evaluation === undefined) return [];
    const rows = answeredRows(evaluation, task.batch);
    return failuresOf(rows).length === 0 ? [] : [{ ...task, evaluation, rows, index }];
  });
  const questions = useful.flatMap((task) => task.targets.map((target) => ({ task, target })));
  const answers = await ask(
    questions.map(({ task, target }) => ({
      label: `round-${round}/${target.parameter.name}`,
      sample: task.index,
      temperature,
      signature: prompts.rewrite,
      inputs: {
        place: describeTarget(target),
        current: textOf(task.parent.candidate, target),
        rows: task.rows.map((row) => rowRecord(row, target.step)),
        rejected: remembered === 0 ? [] : task.parent.rejected.slice(-remembered),
      },
    })),
  );
  const drafts = useful.flatMap((task): readonly { task: typeof task; draft: Draft }[] => {
    const given = answers.flatMap((answer, index) =>
      questions[index]?.task === task && answer.status === 'answered'
        ? [{ answer, target: questions[index].target }]
        : [],
    );
    const [first] = given;
    if (first === undefined) return [];
    const changes = Object.assign(
      {},
      ...given.map(({ answer, target }) => textChange(target, answer.outputs.text.trim())),
    );
    const rows = task.batch.map(({ id }) => id);
    const because = { reflection: first.answer.id, rows, note: first.answer.outputs.diagnosis.slice(0, 500) };
    const origin = `rewritten from ${rows.length} rows in round ${round + 1}`;
    return [{ task, draft: { changes, parents: [task.parent.candidate], origin, because } }];
  });
  const admissions = admit(drafts.map(({ draft }) => draft));
  const fresh = drafts.flatMap(({ task }, index) => {
    const admission = admissions[index];
    return admission?.status === 'admitted' ? [{ task, candidate: admission.candidate }] : [];
  });
  const after = await Promise.all(fresh.map(({ task, candidate }) => evaluate(candidate, task.batch)));
  return fresh.flatMap(({ task, candidate }, index) => {
    const evaluation = after[index];
    const improves =
      evaluation !== undefined && pairedDifference(task.evaluation, evaluation).meanWithLost > 0;
    if (improves) return [{ candidate, parents: [task.parent], turn: task.parent.turn, rejected: [] }];
    for (const target of task.targets) task.parent.rejected.push(textOf(candidate, target));
    return [];
  });
}

/** A candidate made of two on the front that learned different things since they parted. */
function mergeDraft(
  pool: readonly Member[],
  { objectives, random }: Pick<OptimizationContext, 'objectives' | 'random'>,
): { readonly draft: Draft; readonly of: readonly Member[] } | undefined {
  const { members } = instanceFront(pool, objectives);
  const pairs = members.flatMap((one, index) =>
    members.slice(index + 1).map((other) => [one, other] as const),
  );
  for (const [one, other] of random.shuffle(pairs)) {
    const [better, weaker] =
      (other.evaluation.mean ?? 0) > (one.evaluation.mean ?? 0) ? [other, one] : [one, other];
    for (const ancestor of commonAncestors(one, other)) {
      const isAhead = (member: Member) => (member.evaluation.mean ?? 0) >= (ancestor.evaluation.mean ?? 0);
      const merged = mergeSince(ancestor.candidate, better.candidate, weaker.candidate);
      if (merged === undefined || !isAhead(better) || !isAhead(weaker)) continue;
      const parents = [better.candidate, weaker.candidate];
      return { draft: { changes: merged, parents, origin: 'merged from two' }, of: [better, weaker] };
    }
  }
  return undefined;
}
