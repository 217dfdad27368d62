import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model.ts';
import { gepa } from '../optimizer/method/gepa.ts';
import { keywordIndex } from '../program/keyword-index.ts';
import { multiHop } from '../program/multi-hop.ts';
import { contains } from '../scorer/contains.ts';
import { retrievedPassages } from '../scorer/retrieved-passages.ts';
import { weightedSum } from '../scorer/weighted-sum.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { optimize } from './library.ts';

const numbers = Array.from({ length: 160 }, (_, index) => index);
const syllables = ['ba', 'ke', 'lo', 'mu', 'ri', 'so', 'ta', 've'];
/** A word of its own for each number. */
const wordOf = (number: number, kind: string) =>
  `${[0, 3, 6].map((shift) => syllables[(number >> shift) & 7]).join('')}${kind}`;
const passages = numbers.flatMap((number) => [
  { id: `work-${number}`, text: `The ${wordOf(number, 'x')} was made by ${wordOf(number, 'y')}.` },
  { id: `home-${number}`, text: `At home in the ${wordOf(number, 'z')} house: ${wordOf(number, 'y')}.` },
]);
const rows = numbers.map((number) => ({
  id: `row-${number}`,
  inputs: { question: `In which house is the maker of ${wordOf(number, 'x')} at home?` },
  expected: { answer: wordOf(number, 'z'), passages: [`work-${number}`, `home-${number}`] },
}));

/** What each step must be told before it does its part. */
const lessons = {
  query1: 'Name the thing that was made.',
  query2: 'Name the maker that the passages tell of.',
  answer: 'Copy the word before the word house.',
};
type Step = keyof typeof lessons;

const program = multiHop(signature('question -> answer', { instructions: 'Answer.' }), {
  index: keywordIndex(passages),
  count: 1,
  firstQuery: 'Write a query.',
  nextQuery: 'Write another query.',
});

/** Does what it is told, and each part needs the one before it. */
const model = () =>
  scriptedModel({
    respond: ({ messages }: ModelRequest) => {
      const said = messages.map(({ content }) => String(content)).join('\n');
      if (said.includes(lessons.query1)) return /maker of (\w+)/u.exec(said)?.[1] ?? 'nothing';
      if (said.includes(lessons.query2)) return /made by (\w+)/u.exec(said)?.[1] ?? 'nothing';
      if (said.includes(lessons.answer)) return /in the (\w+) house/u.exec(said)?.[1] ?? 'unknown';
      return 'something';
    },
  });

/** Knows what to tell the steps that it may change, and has nothing to say of the others. */
const reflection = (steps: readonly Step[]) =>
  scriptedModel({
    respond: ({ messages }) => {
      const said = messages.map(({ content }) => String(content)).join('\n');
      const step = steps.find((each) => said.includes(`the step "${each}"`));
      const text =
        step === undefined ? 'Write what seems best to you here.' : `Do your part. ${lessons[step]}`;
      return JSON.stringify({ diagnosis: 'It was not told how.', text });
    },
  });

async function scoreAfter(steps: readonly Step[]): Promise<number> {
  await using store = await openMemoryStore();
  const run = optimize({
    program,
    dataset: rows,
    scorer: weightedSum([
      { scorer: contains('answer'), weight: 1 },
      { scorer: retrievedPassages('passages'), weight: 1 },
    ]),
    optimizer: gepa({ rounds: 12, parents: 1, merges: 0, patience: 12 }),
    model: model(),
    reflectionModel: reflection(steps),
    store,
    budget: { calls: 20_000 },
  });
  const { report } = await run.result();
  return report.sealedTest?.winner ?? Number.NaN;
}

describe('three steps that depend on each other', () => {
  test('optimized jointly do better than the best of them alone', { timeout: 60_000 }, async () => {
    const alone = [await scoreAfter(['query1']), await scoreAfter(['query2']), await scoreAfter(['answer'])];
    const jointly = await scoreAfter(['query1', 'query2', 'answer']);
    expect(Math.max(...alone)).toBeCloseTo(0.25);
    expect(jointly).toBeCloseTo(1);
  });
});
