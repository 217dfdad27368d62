import type { JsonObject } from '../../base/json.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Model } from '../../model/model.ts';
import type { ProgramShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Ask, AskResult, OptimizationContext, Preference, PreferencePair } from '../optimizer.ts';

export interface PreferenceOptions extends Pick<OptimizationContext, 'evaluate' | 'ask'> {
  readonly program: ProgramShape;
  readonly models: Readonly<Record<string, Model>>;
}

const judgement = signature(
  'task, criterion, input, answer_a, answer_b -> better: "a" | "b" | "neither", reason',
  {
    instructions:
      'Two assistants did the same task on the same input. Say whose answer meets the criterion better: a, b, or neither when there is nothing between them. Judge the content alone; which answer stands first, and which is longer, says nothing. Give the reason in one sentence.',
  },
);

/**
 * Judges pairs without a reference answer: both candidates answer the row, then a judge sees the two answers
 * in both orders. Orders that disagree are a tie.
 *
 * @see Wang et al. 2023, "Large Language Models are not Fair Evaluators". https://arxiv.org/abs/2305.17926
 */
export function createPreferences(options: PreferenceOptions): OptimizationContext['prefer'] {
  return async (pairs) => {
    const answers = await Promise.all(pairs.map((pair) => answerBoth(pair, options)));
    const requests = pairs.flatMap((pair, index) => {
      const both = answers[index];
      return both === undefined || both.isLost || both.first === undefined || both.second === undefined
        ? []
        : bothOrders(pair, { index, first: both.first, second: both.second }, options);
    });
    const results = await options.ask(requests);
    let next = 0;
    return answers.map(({ first, second, isLost }): Preference => {
      // An outage says nothing of either, whichever it met.
      if (isLost) return { status: 'lost', reason: 'The infrastructure lost the row.' };
      if (first === undefined || second === undefined) {
        if (first === undefined && second === undefined) {
          return { status: 'lost', reason: 'Neither candidate gave an answer to this row.' };
        }
        // An answer that cannot be used is worse than any that can.
        return { status: 'judged', better: first === undefined ? 'second' : 'first', flipped: false };
      }
      const [straight, swapped] = [results[next], results[next + 1]];
      next += 2;
      return preferenceOf(straight, swapped);
    });
  };
}

interface Answers {
  /** Whether the infrastructure lost the row for either. */
  readonly isLost: boolean;
  readonly first?: JsonObject | undefined;
  readonly second?: JsonObject | undefined;
}

async function answerBoth(
  { example, first, second }: PreferencePair,
  { evaluate }: PreferenceOptions,
): Promise<Answers> {
  const answer = async (candidate: Candidate) => {
    const { results } = await evaluate(candidate, [example], { traces: true });
    return results[0];
  };
  const [one, two] = await Promise.all([answer(first), answer(second)]);
  return { first: one?.outputs, second: two?.outputs, isLost: isLost(one) || isLost(two) };
}

function isLost(row: RowResult | undefined): boolean {
  return row === undefined || row.outcome.status === 'infrastructure-error';
}

type Verdict = { readonly better: 'a' | 'b' | 'neither'; readonly reason: string };

function bothOrders(
  { example, criterion }: PreferencePair,
  { index, first, second }: Required<Pick<Answers, 'first' | 'second'>> & { readonly index: number },
  { program, models }: PreferenceOptions,
): readonly Ask<Verdict>[] {
  const task = `${program.name}: ${program.inputs.map(({ name }) => name).join(', ')} → ${program.outputs.map(({ name }) => name).join(', ')}`;
  const request = (order: string, a: JsonObject | undefined, b: JsonObject | undefined): Ask<Verdict> => ({
    label: `prefer/${index}/${order}`,
    signature: judgement as unknown as Ask<Verdict>['signature'],
    inputs: {
      task,
      criterion: criterion ?? 'The answer does what the task asks for, correctly and completely.',
      input: JSON.stringify(example.inputs),
      answer_a: JSON.stringify(a),
      answer_b: JSON.stringify(b),
    },
    temperature: 0,
    role: models.judge === undefined ? 'reflection' : 'judge',
  });
  return [request('straight', first, second), request('swapped', second, first)];
}

function preferenceOf(
  straight: AskResult<Verdict> | undefined,
  swapped: AskResult<Verdict> | undefined,
): Preference {
  if (straight?.status !== 'answered' || swapped?.status !== 'answered') {
    const failed = straight?.status === 'answered' ? swapped : straight;
    return {
      status: 'lost',
      reason: failed !== undefined && 'reason' in failed ? failed.reason : 'The judge did not answer.',
    };
  }
  const sides = { a: 'first', b: 'second', neither: 'tie' } as const;
  const flippedSides = { a: 'second', b: 'first', neither: 'tie' } as const;
  const one = sides[straight.outputs.better];
  const two = flippedSides[swapped.outputs.better];
  const note = straight.outputs.reason;
  return one === two
    ? { status: 'judged', better: one, flipped: false, note }
    : { status: 'judged', better: 'tie', flipped: true, note };
}
