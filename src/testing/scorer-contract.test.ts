import { expect, test } from 'vitest';
import type { Scorer } from '../scorer/scorer.ts';
import { type SampleCase, scorerContract } from './scorer-contract.ts';

const samples: readonly SampleCase[] = [
  { outputs: { answer: 'a' }, expected: { answer: 'a' } },
  { outputs: { answer: 'b' }, expected: { answer: 'a' } },
];

const good: Scorer = {
  name: 'good',
  version: 'good 1',
  passFail: true,
  expects: ['answer'],
  score: ({ example, outputs }) =>
    example.expected?.answer === undefined
      ? { status: 'unscored', reason: 'no label' }
      : { status: 'scored', value: example.expected.answer === outputs.answer ? 1 : 0 },
};

/** The titles of the checks that this scorer breaks. */
async function broken(create: () => Scorer, variant: Scorer = { ...good, version: 'good 2' }) {
  const titles: string[] = [];
  for (const { title, check } of scorerContract(create, { samples, variants: [() => variant] })) {
    await check().catch(() => titles.push(title.split(' ').slice(0, 3).join(' ')));
  }
  return titles;
}

test('a scorer that keeps its promises passes', async () => {
  expect(await broken(() => good)).toEqual([]);
});

test.each<{ what: string; scorer: Scorer; title: string }>([
  {
    what: 'gives 2',
    scorer: { ...good, passFail: false, score: (sample) => doubled(good, sample) },
    title: 'gives values from',
  },
  {
    what: 'says pass or fail and gives 0.5',
    scorer: { ...good, score: (sample) => halved(good, sample) },
    title: 'gives values from',
  },
  {
    what: 'scores a row without a label',
    scorer: {
      ...good,
      score: ({ outputs }) => ({ status: 'scored', value: outputs.answer === 'a' ? 1 : 0 }),
    },
    title: 'leaves a row',
  },
  {
    what: 'always agrees',
    scorer: {
      ...good,
      score: (sample) =>
        sample.example.expected?.answer === undefined ? good.score(sample) : { status: 'scored', value: 1 },
    },
    title: 'tells a good',
  },
])('a scorer that $what is caught', async ({ scorer, title }) => {
  expect(await broken(() => scorer)).toContain(title);
});

test('a scorer that remembers, one that writes into the sample, and a version that never changes are caught', async () => {
  let calls = 0;
  const remembering: Scorer = {
    ...good,
    score: () => {
      calls += 1;
      return { status: 'scored', value: calls % 2 };
    },
  };
  expect(await broken(() => remembering)).toContain('gives the same');
  const writing: Scorer = {
    ...good,
    score: (sample) => {
      Object.assign(sample.outputs, { seen: true });
      return good.score(sample);
    },
  };
  expect(await broken(() => writing)).toEqual(['gives the same']);
  expect(await broken(() => good, good)).toEqual(['has one version']);
});

test('a scorer that needs no label skips that promise and says why', () => {
  const checks = scorerContract(() => ({ ...good, expects: [] }), { samples, variants: [] });
  expect(checks.map(({ skip }) => skip).filter((skip) => skip !== undefined)).toEqual([
    'it needs no expected value',
  ]);
});

type Score = Scorer['score'];

function doubled(scorer: Scorer, sample: Parameters<Score>[0]): ReturnType<Score> {
  const score = scorer.score(sample);
  return 'value' in score ? { ...score, value: score.value * 2 } : score;
}

function halved(scorer: Scorer, sample: Parameters<Score>[0]): ReturnType<Score> {
  const score = scorer.score(sample);
  return 'value' in score ? { ...score, value: score.value / 2 } : score;
}
