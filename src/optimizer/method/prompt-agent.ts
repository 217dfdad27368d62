import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { answeredRows, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';

/** What it asks. */
export const promptAgentPrompts = {
  reflect: signature(
    { inputs: { place: 'string', current: 'string', rows: 'json' }, outputs: { feedback: 'string' } },
    {
      instructions:
        'A language model followed a text and answered these rows wrongly. Think about each: what led to the wrong ' +
        'answer, from several sides. End with a list of what the text would have to say or change.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        rows: 'wrongly answered rows',
        feedback: 'causes, then what to change',
      },
    },
  ),
  praise: signature(
    { inputs: { place: 'string', current: 'string', rows: 'json' }, outputs: { feedback: 'string' } },
    {
      instructions:
        'A language model followed a text and answered these rows well. Think about what in the text made it so, ' +
        'and what rows of other kinds would still need. End with a list of what to keep and what to add.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        rows: 'well answered rows',
        feedback: 'what to keep and what to add',
      },
    },
  ),
  rewrite: signature(
    {
      inputs: { place: 'string', current: 'string', rows: 'json', feedback: 'string', path: 'json' },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Write a better text for a language model, by the feedback on the rows that are shown. You see the texts ' +
        'that led to the present one, oldest first: carry on where they were going, and repeat none of them. Be as ' +
        'thorough as the task needs: knowledge, steps, exceptions. Quote no row, keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        rows: 'rows that were answered with it',
        feedback: 'what to change',
        path: 'the texts before it, oldest first',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};

/** What the options are checked by. */
export const promptAgentSchema = z.strictObject({
  iterations: z.int().min(1).max(200).default(8).describe('Walks from the root.'),
  depth: z.int().min(1).max(20).default(5).describe('Most edits one after another.'),
  width: z.int().min(1).max(16).default(3).describe('Edits of a text, each from other rows.'),
  minibatch: z.int().min(1).max(100).default(5).describe('Rows that an edit is made from.'),
  rows: z.int().min(1).max(10_000).default(50).describe('Most rows of validation that a text is scored on.'),
  exploration: z.number().min(0).max(10).default(2.5).describe('Weight of what was visited little.'),
  leastDepth: z.int().min(0).max(20).default(2).describe('Depth from which a walk may end early.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(promptAgentPrompts),
});

export interface PromptAgentOptions {
  /** Walks from the root. @default 8 */
  readonly iterations?: number | undefined;
  /** Most edits one after another. @default 5 */
  readonly depth?: number | undefined;
  /** Edits of a text, each from other rows. @default 3 */
  readonly width?: number | undefined;
  /** Rows that an edit is made from. @default 5 */
  readonly minibatch?: number | undefined;
  /** Most rows of validation that a text is scored on. @default 50 */
  readonly rows?: number | undefined;
  /** Weight of what was visited little. @default 2.5 */
  readonly exploration?: number | undefined;
  /** Depth from which a walk may end early. @default 2 */
  readonly leastDepth?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | Readonly<Partial<Record<keyof typeof promptAgentPrompts, string | undefined>>>
    | undefined;
}

/** A text in the tree of edits. */
interface Node {
  readonly evaluation: CandidateEvaluation;
  readonly parent: Node | undefined;
  readonly depth: number;
  readonly reward: number;
  children: readonly Node[];
  /** Walks that came through. */
  visits: number;
  /** Sum over these walks of the mean reward from here to their end. */
  value: number;
  isTerminal: boolean;
}

/**
 * Plans edits as a Monte Carlo tree search: a state is a prompt, an action what its errors suggest, the reward its
 * score on validation. Walks descend by upper confidence bounds, expand a leaf, follow the best child to the end,
 * and report what they met to everything above. The steps of a program take turns along a path.
 *
 * @see Wang et al. 2023, "PromptAgent: Strategic Planning with Language Models Enables Expert-level Prompt
 *   Optimization", https://arxiv.org/abs/2310.16427. Deviations: the value of a node is the mean of the rewards
 *   after it, not their sum, so that a longer path is not a better one; a node that was given up is never walked
 *   into again; the best node overall is returned.
 */
export function promptAgent(options: PromptAgentOptions = {}): Optimizer {
  const resolved = resolveOptions(promptAgentSchema, options, { of: 'promptAgent' });
  const { iterations, depth, width, minibatch, rows: mostRows, exploration, leastDepth } = resolved;
  const prompts = withReplaced(promptAgentPrompts, resolved.prompts);
  return {
    name: 'promptAgent',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Plans edits as a Monte Carlo tree search over what the errors suggest.',
      when: 'A long prompt with the knowledge of an expert is wanted, and calls are plenty.',
      cost: {
        task: 'tested + iterations * depth * width * (min(train, minibatch) + tested)',
        reflection: '4 * iterations * depth * width',
        where: {
          tested: 'min(rows, validation)',
        },
      },
    },
    fresh: () => promptAgent(options),
    estimate: ({ train, validation, callsPerRow }) => {
      const rows = Math.min(validation, mostRows);
      const edits = iterations * depth * width;
      return {
        task: (rows + edits * (Math.min(train, minibatch) + rows)) * callsPerRow,
        reflection: reflectionCalls(2 * edits),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, random, evaluate } = context;
      const rows = random.fork('rows').sample(validation, mostRows);
      const batches = minibatches(train, { size: minibatch, random: random.fork('minibatches') });
      const targets = textTargets(program);
      const nodeOf = (evaluation: CandidateEvaluation, parent?: Node): Node => ({
        evaluation,
        parent,
        depth: parent === undefined ? 0 : parent.depth + 1,
        reward: evaluation.mean ?? 0,
        children: [],
        visits: 0,
        value: 0,
        isTerminal: false,
      });
      const root = nodeOf(await evaluate(seed, rows));
      let best = root.evaluation;
      let expansions = 0;
      for (let iteration = 0; iteration < iterations && !root.isTerminal; iteration += 1) {
        const path = descend(root, exploration);
        let node = path.at(-1) ?? root;
        while (!node.isTerminal) {
          if (node.children.length === 0) {
            const target = targets[node.depth % targets.length];
            if (target === undefined) return seed;
            const drawn = Array.from({ length: width }, () => batches.next());
            const candidates = await expand(context, node, {
              options: resolved,
              prompts,
              target,
              drawn,
              label: `expansion-${expansions}`,
            });
            expansions += 1;
            const evaluations = await Promise.all(candidates.map((candidate) => evaluate(candidate, rows)));
            const parent = node;
            node.children = evaluations.map((evaluation) => nodeOf(evaluation, parent));
          }
          const next = [...node.children].sort((a, b) => b.reward - a.reward)[0];
          if (next === undefined) {
            node.isTerminal = true;
            break;
          }
          for (const child of node.children) {
            if (child.depth >= depth) child.isTerminal = true;
            // Worse than half-way between the root and its parent: not worth a walk.
            else if (child.depth >= leastDepth && child.reward < (root.reward + node.reward) / 2)
              child.isTerminal = true;
          }
          path.push(next);
          node = next;
          if (!isBetter(next.evaluation, best)) continue;
          best = next.evaluation;
          yield accepted(best, `walk ${iteration + 1}, edit ${next.depth}`);
          if (next.depth >= leastDepth) break;
        }
        report(path);
        closeFinished(root);
      }
      return best.candidate;
    },
  };
}

/** From the root to a leaf, each time to the child with the highest upper confidence bound. */
function descend(root: Node, exploration: number): Node[] {
  const path = [root];
  for (let node = root; node.children.length > 0; ) {
    const { visits } = node;
    const bound = (child: Node) =>
      (child.visits === 0 ? child.reward : child.value / child.visits) +
      exploration * Math.sqrt(Math.log(visits + 1) / Math.max(1, child.visits));
    const open = node.children.filter(({ isTerminal }) => !isTerminal);
    const [next] = [...open].sort((a, b) => bound(b) - bound(a));
    if (next === undefined) break;
    path.push(next);
    node = next;
  }
  return path;
}

/** Tells every node of a walk the mean reward from it to the end. */
function report(path: readonly Node[]): void {
  let sum = 0;
  for (let at = path.length - 1; at >= 0; at -= 1) {
    const node = path[at];
    if (node === undefined) continue;
    sum += node.reward;
    node.visits += 1;
    node.value += sum / (path.length - at);
  }
}

/** A node whose children are all finished is finished. */
function closeFinished(node: Node): void {
  for (const child of node.children) closeFinished(child);
  if (node.children.length > 0 && node.children.every(({ isTerminal }) => isTerminal)) node.isTerminal = true;
}

interface Expansion {
  readonly options: z.output<typeof promptAgentSchema>;
  readonly prompts: typeof promptAgentPrompts;
  readonly target: TextTarget;
  /** The rows of each child. */
  readonly drawn: readonly OptimizationContext['train'][];
  readonly label: string;
}

/** New texts of a node: feedback on other rows for each, then a text by that feedback. */
async function expand(
  { evaluate, ask, admit }: OptimizationContext,
  node: Node,
  { options: { temperature }, prompts, target, drawn, label }: Expansion,
): Promise<readonly Candidate[]> {
  const { candidate } = node.evaluation;
  const place = describeTarget(target);
  const current = textOf(candidate, target);
  const seen = await Promise.all(drawn.map((rows) => evaluate(candidate, rows, { traces: true })));
  const shown = seen.map((evaluation, index) => {
    const answered = answeredRows(evaluation, drawn[index] ?? []);
    const wrong = failuresOf(answered);
    // Without errors there is something to learn from what went well.
    const rows = (wrong.length > 0 ? wrong : answered).map((row) => rowRecord(row, target.step));
    return { rows, signature: wrong.length > 0 ? prompts.reflect : prompts.praise };
  });
  const reflected = await ask(
    shown.map(({ rows, signature: asked }, sample) => ({
      label: `${label}/feedback`,
      sample,
      temperature,
      signature: asked,
      inputs: { place, current, rows },
    })),
  );
  const path: string[] = [];
  for (let above = node.parent; above !== undefined; above = above.parent) {
    path.unshift(textOf(above.evaluation.candidate, target));
  }
  const useful = reflected.flatMap((answer, index) =>
    answer.status === 'answered' ? [{ index, feedback: answer.outputs.feedback }] : [],
  );
  const answers = await ask(
    useful.map(({ index, feedback }) => ({
      label: `${label}/rewrite`,
      sample: index,
      temperature,
      signature: prompts.rewrite,
      inputs: { place, current, rows: shown[index]?.rows ?? [], feedback, path },
    })),
  );
  const origin = `edit ${node.depth + 1} along a path`;
  return newCandidates(
    admit(rewrites(answers, { target, parent: candidate, origin, textsOf: ({ text }) => [text] })),
  );
}
