import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { OptimizationContext, Optimizer } from '../optimizer.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { votesOf } from '../part/preference-votes.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import { requirementOf } from '../part/requirement.ts';
import { answeredRows, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';

/** What it asks. */
export const spoPrompts = {
  improve: signature(
    {
      inputs: { place: 'string', current: 'string', requirement: 'string', answers: 'json' },
      outputs: { analysis: 'string', modification: 'string', text: 'string' },
    },
    {
      instructions:
        'Improve a text that tells a language model how to do a task. You see what is required and what the model ' +
        'answered with it; there are no right answers to compare with. Say what the answers lack, say in one line what ' +
        'you change, and write the whole text anew, different from the one that is there. Keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        requirement: 'what a good answer is',
        answers: 'rows with what was answered',
        analysis: 'what the answers lack',
        modification: 'what changes, in one line',
        text: 'the whole new text, ready for use',
      },
    },
  ),
};

/** What the options are checked by. */
export const spoSchema = z.strictObject({
  requirement: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('What a good answer is, in words.')
    .meta({ defaultText: 'what the instructions of the seed ask for' }),
  rounds: z.int().min(1).max(1_000).default(9).describe('New texts, one after the other.'),
  questions: z.int().min(1).max(100).default(3).describe('Rows on which two texts are compared.'),
  fresh: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('Share of the rows that is exchanged in each round, so that no few rows decide everything.'),
  finalists: z
    .int()
    .min(1)
    .max(16)
    .default(3)
    .describe(
      'Last texts that meet each other and the seed at the end, on all rows of validation that were seen.',
    ),
  temperature: z.number().min(0).max(2).default(0.7).describe('Of the requests for texts.'),
  prompts: promptsOption(spoPrompts),
});

export interface SpoOptions {
  /** What a good answer is, in words. @default what the instructions of the seed ask for */
  readonly requirement?: string | undefined;
  /** New texts, one after the other. @default 9 */
  readonly rounds?: number | undefined;
  /** Rows on which two texts are compared. @default 3 */
  readonly questions?: number | undefined;
  /** Share of the rows that is exchanged in each round, so that no few rows decide everything. @default 0.2 */
  readonly fresh?: number | undefined;
  /** Last texts that meet each other and the seed at the end, on all rows of validation that were seen. @default 3 */
  readonly finalists?: number | undefined;
  /** Of the requests for texts. @default 0.7 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly improve?: string | undefined } | undefined;
}

/**
 * Improves texts without labels and without a score: two texts answer the same rows, a judge sees both answers in
 * both orders, and the new text stays when it is preferred more often than not. Because wins do not add up, the last
 * winners and the seed meet once more at the end.
 *
 * @see Xiang et al. 2025, "Self-Supervised Prompt Optimization", https://arxiv.org/abs/2502.06855. Deviations: both
 *   texts always answer the same rows; the judge sees answers alone; orders that disagree are a tie; some rows change
 *   in each round; a round-robin at the end.
 */
export function spo(options: SpoOptions = {}): Optimizer {
  const resolved = resolveOptions(spoSchema, options, { of: 'spo' });
  const { rounds, questions, fresh, finalists, temperature } = resolved;
  const prompts = withReplaced(spoPrompts, resolved.prompts);
  return {
    name: 'spo',
    version: 2,
    options: { ...resolved, requirement: resolved.requirement ?? null, prompts: resolved.prompts ?? null },
    prompts,
    needs: { parameters: ['text'], labels: false, reflectionModel: true, preference: true },
    guide: {
      does: 'Improves texts by letting a judge compare answers of the old and the new one; needs no labels.',
      when: 'Nobody has written down right answers, and a reader can tell the better of two.',
      cost: {
        task: '2 * rounds * min(questions, validation) + (finalists + 1) * validation',
        reflection:
          '2 * rounds + 4 * rounds * min(questions, validation) + 2 * finalists * (finalists + 1) * validation',
      },
    },
    fresh: () => spo(options),
    estimate: ({ validation, callsPerRow }) => {
      const compared = Math.min(questions, validation);
      return {
        task: (2 * rounds * compared + (finalists + 1) * validation) * callsPerRow,
        reflection:
          reflectionCalls(rounds) +
          reflectionCalls(2 * rounds * compared) +
          reflectionCalls(finalists * (finalists + 1) * validation),
      };
    },
    async *optimize(context) {
      const { seed, validation, random, admit } = context;
      const targets = textTargets(context.program);
      const [first] = targets;
      if (first === undefined) return seed;
      const requirement = resolved.requirement ?? requirementOf(context.program, seed);
      const rows = createQuestions(validation, { questions, fresh, random });
      const winners: Candidate[] = [seed];
      for (let round = 0; round < rounds; round += 1) {
        const standing = winners.at(-1) ?? seed;
        const target = targets[round % targets.length] ?? first;
        const asked = rows.next();
        const draft = await improve(context, standing, {
          target,
          rows: asked,
          requirement,
          label: `round-${round}`,
          temperature,
          prompts,
        });
        const [candidate] = draft === undefined ? [] : newCandidates(admit([draft]));
        if (candidate === undefined) continue;
        const preferences = await context.prefer(
          asked.map((example) => ({
            example,
            first: standing,
            second: candidate,
            ...criterionOf(requirement),
          })),
        );
        if (votesOf(preferences) <= 0) continue;
        winners.push(candidate);
        yield {
          type: 'candidate-accepted',
          candidate: hashCandidate(candidate),
          mean: undefined,
          note: `round ${round + 1}: preferred`,
        };
      }
      const last = [...new Set([seed, ...winners.slice(-finalists)])];
      const [best = seed] = await roundRobin(context, last, { rows: rows.seen(), requirement });
      return best;
    },
  };
}

/** Rows in turn: the first ones stay, a share of them is exchanged from round to round. */
function createQuestions(
  validation: readonly Example[],
  {
    questions,
    fresh,
    random,
  }: Pick<OptimizationContext, 'random'> & {
    readonly questions: number;
    readonly fresh: number;
  },
) {
  const order = random.fork('questions').shuffle(validation);
  const shown: Example[] = [];
  const seen = new Set<Example>();
  let used = 0;
  return {
    seen: (): readonly Example[] => [...seen],
    next: (): readonly Example[] => {
      const wanted = Math.min(questions, order.length);
      const exchanged = shown.length === 0 || order.length <= wanted ? 0 : Math.ceil(fresh * wanted);
      shown.splice(0, exchanged);
      while (shown.length < wanted) {
        const row = order[used % order.length];
        used += 1;
        if (row === undefined) break;
        if (!shown.includes(row)) shown.push(row);
      }
      for (const row of shown) seen.add(row);
      return [...shown];
    },
  };
}

async function improve(
  { ask, evaluate }: OptimizationContext,
  standing: Candidate,
  {
    target,
    rows,
    requirement,
    label,
    temperature,
    prompts,
  }: {
    readonly target: TextTarget;
    readonly rows: readonly Example[];
    readonly requirement: string;
    readonly label: string;
    readonly temperature: number;
    readonly prompts: typeof spoPrompts;
  },
) {
  const answered = answeredRows(await evaluate(standing, rows, { traces: true }), rows);
  const [answer] = await ask([
    {
      label: `${label}/improve`,
      temperature,
      signature: prompts.improve,
      inputs: {
        place: describeTarget(target),
        current: textOf(standing, target),
        requirement,
        answers: answered.map((row): JsonObject => rowRecord(row, target.step)),
      },
    },
  ]);
  if (answer?.status !== 'answered') return undefined;
  return {
    changes: textChange(target, answer.outputs.text.trim()),
    parents: [standing],
    origin: answer.outputs.modification.slice(0, 120),
    because: {
      reflection: answer.id,
      rows: rows.map(({ id }) => id),
      note: answer.outputs.analysis.slice(0, 500),
    },
  };
}

/** Without one, what the judge is asked goes by its own. */
function criterionOf(requirement: string) {
  return requirement === '' ? {} : { criterion: requirement };
}

/** Everyone meets everyone; most comparisons won first, ties the older one first. */
async function roundRobin(
  { prefer }: OptimizationContext,
  candidates: readonly Candidate[],
  { rows, requirement }: { readonly rows: readonly Example[]; readonly requirement: string },
): Promise<readonly Candidate[]> {
  if (candidates.length < 2) return candidates;
  const pairs = candidates.flatMap((first, index) =>
    candidates.slice(index + 1).map((second) => [first, second] as const),
  );
  const preferences = await prefer(
    pairs.flatMap(([first, second]) =>
      rows.map((example) => ({ example, first, second, ...criterionOf(requirement) })),
    ),
  );
  const won = new Map(candidates.map((candidate) => [candidate, 0]));
  for (const [index, [first, second]] of pairs.entries()) {
    const votes = votesOf(preferences.slice(index * rows.length, (index + 1) * rows.length));
    if (votes === 0) continue;
    const winner = votes > 0 ? second : first;
    won.set(winner, (won.get(winner) ?? 0) + 1);
  }
  const age = new Map(candidates.map((candidate, index) => [candidate, index]));
  return [...candidates].sort(
    (a, b) => (won.get(b) ?? 0) - (won.get(a) ?? 0) || (age.get(a) ?? 0) - (age.get(b) ?? 0),
  );
}
