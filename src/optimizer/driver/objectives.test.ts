import { describe, expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { exactMatch } from '../../scorer/exact-match.ts';
import { signature } from '../../signature/shorthand.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import type { Objective, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { optimize } from './optimize.ts';

/** A prompt of so many words gets so many of ten rows right. */
const rightByWords: Readonly<Record<number, number>> = { 1: 4, 5: 6, 20: 9, 200: 10, 210: 9 };
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

const answerOf = (row: number) => (row % 2 === 0 ? 'yes' : 'no');

/** Scores every prompt of the table on all of validation. */
const everyPrompt: Optimizer = {
  name: 'every-prompt',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: true },
  estimate: () => ({ task: 200, reflection: 0 }),
  async *optimize({ admit, evaluate, validation }) {
    const drafts = Object.keys(rightByWords)
      .filter((count) => count !== '1')
      .map((count) => ({
        changes: { 'answer.instructions': { kind: 'text', text: words(Number(count)) } as const },
        origin: `${count} words`,
      }));
    const evaluations = [];
    for (const candidate of candidatesOf(admit(drafts))) {
      evaluations.push(await evaluate(candidate, validation));
    }
    return evaluations.reduce((best, next) => ((next.mean ?? 0) > (best.mean ?? 0) ? next : best)).candidate;
  },
};

async function run(objectives: readonly Objective[]) {
  await using store = await openMemoryStore();
  const model = scriptedModel({
    respond: ({ messages }) => {
      const text = messages.map(({ content }) => String(content)).join(' ');
      const count = new Set(text.match(/word\d+/g)).size;
      const row = Number(/number (\d+)/.exec(text)?.[1]);
      return answerOf(row % 10 < (rightByWords[count] ?? 0) ? row : row + 1);
    },
  });
  const row = (index: number) => ({
    id: `row-${index}`,
    inputs: { text: `number ${index}` },
    expected: { answer: answerOf(index) },
  });
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => row(from + index));
  const { report } = await optimize({
    program: predict(signature("text -> answer: 'yes' | 'no'", { instructions: words(1) })),
    dataset: { train: rows(0, 10), validation: rows(10, 40), test: rows(50, 60) },
    scorer: exactMatch('answer'),
    model,
    optimizer: everyPrompt,
    objectives,
    store,
  }).result();
  const wordsOf = (hash: string | undefined) => report.candidates.find((each) => each.hash === hash)?.origin;
  return { report, wordsOf };
}

const score: Objective = { name: 'score', direction: 'maximize' };
const tokens: Objective = { name: 'tokens', direction: 'minimize' };

describe('several objectives', () => {
  test('give the front of what no other candidate beats, with its knee', async () => {
    const { report, wordsOf } = await run([score, tokens]);
    expect(report.front?.map(({ hash }) => wordsOf(hash))).toEqual([
      '200 words',
      '20 words',
      '5 words',
      'seed',
    ]);
    expect(wordsOf(report.knee)).toBe('20 words');
    expect(wordsOf(report.best.hash)).toBe('200 words');
  });

  test('with a hard limit let only those win that keep it', async () => {
    const { report, wordsOf } = await run([score, { ...tokens, bound: 150 }]);
    expect(wordsOf(report.best.hash)).toBe('20 words');
    expect(report.verdict).toBe('improved');
    expect(report.notices.join()).not.toMatch(/limit/);
  });

  test('say so when nobody keeps the limit, and then the score decides', async () => {
    const { report, wordsOf } = await run([score, { ...tokens, bound: 1 }]);
    expect(wordsOf(report.best.hash)).toBe('200 words');
    expect(report.notices.join()).toMatch(/No candidate keeps all limits .* tokens at most 1 \(mean \d+\)/);
  });

  test('say so when nothing is known of what is limited', async () => {
    const { report } = await run([score, { name: 'brevity', direction: 'maximize', bound: 0.5 }]);
    expect(report.notices.join()).toMatch(/brevity at least 0\.5 \(not known\)/);
  });

  test('of which the score is one alone give no front', async () => {
    const { report } = await run([score]);
    expect(report).not.toHaveProperty('front');
    expect(report).not.toHaveProperty('knee');
  });
});
