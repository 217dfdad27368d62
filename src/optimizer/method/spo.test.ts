import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../../model/model.ts';
import { predict } from '../../program/predict.ts';
import { parameterOf } from '../../prompt/candidate.ts';
import { unscored } from '../../scorer/unscored.ts';
import { signature } from '../../signature/shorthand.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { optimize } from '../driver/optimize.ts';
import type { OptimizeOptions } from '../driver/optimize-options.ts';
import { bestOf } from './best-of.ts';
import { restarts } from './restarts.ts';
import { sequence } from './sequence.ts';
import { spo } from './spo.ts';

describeOptimizer('spo', () => spo({ rounds: 2 }), { reflectionModel: ruleReflection });

const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => String(content)).join('\n');
const program = predict(signature('question -> answer', { instructions: 'Answer politely.' }));
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const word = (at: number) => Math.abs(Math.sin(index * 7 + at) * 1e9).toString(36);
    return { id: `q-${index}`, inputs: { question: `Question ${word(1)} ${word(2)} ${word(3)}?` } };
  });

/** Says please as often as its instructions do. */
const answers = () =>
  scriptedModel({
    respond: (request) => {
      const pleases = textOf(request).match(/PLEASE/g)?.length ?? 0;
      return `An answer${' PLEASE'.repeat(pleases)}`;
    },
  });

interface JudgeOptions {
  /** Goes by the order alone. */
  readonly biased?: boolean;
  /** Whether more pleases are better on a question. */
  readonly likes?: (question: string) => boolean;
}

/** Adds a PLEASE to whatever text it is shown, and prefers the answer with more of them. */
function reflection({ biased = false, likes = () => true }: JudgeOptions = {}, seen: string[] = []) {
  return scriptedModel({
    respond: (request) => {
      const text = textOf(request);
      const fieldOf = (name: string) => new RegExp(`${name}: ?\\n?(.*)`, 'i').exec(text)?.[1] ?? '';
      if (!text.includes('Two assistants did the same task')) {
        const count = (text.match(/say PLEASE/g)?.length ?? 0) + 1;
        const better = `Answer politely. ${'say PLEASE '.repeat(count)}`.trim();
        return JSON.stringify({ analysis: 'Curt.', modification: 'One more please.', text: better });
      }
      seen.push(text);
      const pleases = (answer: string) => answer.match(/PLEASE/g)?.length ?? 0;
      const [a, b] = [pleases(fieldOf('answer.?a')), pleases(fieldOf('answer.?b'))];
      const more = likes(/Question \S+ \S+ \S+\?/.exec(text)?.[0] ?? '');
      const better = biased ? 'a' : a === b ? 'neither' : a > b === more ? 'a' : 'b';
      return JSON.stringify({ better, reason: 'r' });
    },
  });
}

type Changes = Partial<OptimizeOptions<{ question: string }, { answer: string }>>;

async function run(
  count: number,
  changes: Changes = {},
  { judge = {}, seen = [] }: { readonly judge?: JudgeOptions; readonly seen?: string[] } = {},
) {
  await using store = await openMemoryStore();
  const model = answers();
  const { report, candidate, verdict } = await optimize({
    program,
    dataset: rows(count),
    scorer: unscored(),
    model,
    reflectionModel: reflection(judge, seen),
    optimizer: spo({ rounds: 3 }),
    ...changes,
    store,
  }).result();
  const instructions = parameterOf(candidate, 'answer.instructions', 'text')?.text ?? '';
  return { report, verdict, instructions, calls: model.calls.length };
}

describe('spo on rows without labels', () => {
  test('finds a text whose answers are preferred, and says preferred, never improved', async () => {
    const { report, verdict, instructions } = await run(120);
    expect(verdict).toBe('preferred');
    expect(report.sealedTest).toBeUndefined();
    expect(report.preferenceTest).toMatchObject({ seed: 0, ties: 0, lost: 0 });
    expect(report.preferenceTest?.winner).toBe(report.preferenceTest?.rows);
    expect(instructions.match(/PLEASE/g)?.length).toBeGreaterThan(1);
    expect(report.validation).toMatchObject({ seed: undefined, winner: undefined });
  });

  test('prefers nothing where the judge goes by the order of the answers', async () => {
    const { verdict, instructions, report } = await run(120, {}, { judge: { biased: true } });
    expect(verdict).not.toBe('preferred');
    expect(instructions).toBe('Answer politely.');
    expect(report.best.hash).toBe(report.seed.hash);
  });

  test('shows the judge answers in both orders, and neither prompt nor round', async () => {
    const seen: string[] = [];
    await run(120, {}, { seen });
    expect(seen.length % 2).toBe(0);
    expect(seen.filter((text) => /say PLEASE|\bround\b/i.test(text))).toEqual([]);
  });

  test('works on three rows, and claims nothing then', async () => {
    const { verdict, report } = await run(3);
    expect(verdict).toBe('too-few-rows');
    expect(JSON.stringify(report.best.candidate)).toContain('PLEASE');
  });

  test('counts copies of a row once', async () => {
    const groups = rows(120).map((row, index) => ({ ...row, group: `g-${index % 5}` }));
    const { report } = await run(0, { dataset: groups });
    expect(report.preferenceTest?.clusters ?? 0).toBeLessThanOrEqual(5);
    expect(report.verdict).not.toBe('preferred');
  });

  test('keeps the judgements of the test back from a limit', async () => {
    const { report, calls } = await run(120, { budget: { calls: 400, reflectionCalls: 140 } });
    expect(report.usage.reflectionCalls).toBeLessThanOrEqual(140);
    expect(calls).toBeLessThanOrEqual(400);
    expect(report.preferenceTest?.lost).toBe(0);
  });

  test.each([
    ['sequence', sequence({ stages: [spo({ rounds: 2 }), spo({ rounds: 2 })] })],
    ['bestOf', bestOf({ of: [spo({ rounds: 1 }), spo({ rounds: 3 })] })],
    ['restarts', restarts({ optimizer: spo({ rounds: 2 }), times: 2 })],
  ])('keeps in a %s what is preferred, since nothing has a score', async (_, optimizer) => {
    const { verdict, instructions } = await run(120, { optimizer });
    expect(verdict).toBe('preferred');
    expect(instructions).toContain('PLEASE');
  });

  test('is refused to optimizers that go by scores', async () => {
    const { bootstrapRandomSearch } = await import('./bootstrap-random-search.ts');
    await expect(run(120, { optimizer: bootstrapRandomSearch() })).rejects.toMatchObject({
      code: expect.stringMatching(/HONE_OPTION_INVALID|HONE_DATASET_EMPTY/),
    });
  });

  test('keeps the seed where it and the last winner are preferred equally often in the end', async () => {
    const liked = new Set<string>();
    const { instructions, report } = await run(
      120,
      { optimizer: spo({ rounds: 2, fresh: 1 }) },
      {
        judge: {
          // More pleases are liked on the three questions that it sees first, and fewer on all others.
          likes: (question) => {
            if (liked.size < 3) liked.add(question);
            return liked.has(question);
          },
        },
      },
    );
    expect(liked.size).toBe(3);
    expect(instructions).toBe('Answer politely.');
    expect(report.verdict).not.toBe('preferred');
  });

  test('holds the answers of several steps to what all of them ask for', async () => {
    const reflectionModel = ruleReflection();
    await finishTriage({
      optimizer: spo({ rounds: 1 }),
      task: 'two steps',
      choiceScores: false,
      reflectionModel,
    });
    const judged = reflectionModel.calls
      .map(({ request }) => textOf(request))
      .filter((text) => text.includes('Two assistants'));
    expect(judged.length).toBeGreaterThan(0);
    for (const text of judged) {
      expect(text).toContain('note: Give the note for the ticket');
      expect(text).toContain('sort: Give the queue for the ticket');
    }
  });
});
