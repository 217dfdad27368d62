import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { contains } from './contains.ts';
import { scorer } from './custom-scorer.ts';
import { exactMatch } from './exact-match.ts';
import { regex } from './regex.ts';
import type { Scorer } from './scorer.ts';
import { tokenF1 } from './token-f1.ts';
import { twoStage } from './two-stage.ts';
import { weightedSum } from './weighted-sum.ts';
import { withinLimit } from './within-limit.ts';

const score = (of: Scorer, outputs: JsonObject, expected?: JsonObject) =>
  of.score({ example: { id: 'row-1', inputs: {}, expected }, outputs, trace: [] });

const polite = regex('reply', /please/i);
const notApplicable = scorer('judge', () => null);

describe('twoStage', () => {
  describeScorer('twoStage', () => twoStage([polite], tokenF1('reply')), {
    samples: [
      { outputs: { reply: 'Please wait.' }, expected: { reply: 'Please wait.' } },
      { outputs: { reply: 'Wait.' }, expected: { reply: 'Please wait.' } },
    ],
    variants: [
      () => twoStage([polite], exactMatch('reply')),
      () => twoStage([regex('reply', /thanks/)], tokenF1('reply')),
      () => twoStage([polite], tokenF1('reply'), { passesFrom: 0.5 }),
    ],
  });

  test('the first constraint that does not hold ends it: nothing further is asked, its reason is kept', async () => {
    const asked: string[] = [];
    const noting = (name: string, value: number) =>
      scorer(name, () => {
        asked.push(name);
        return { score: value, feedback: `${name} says ${value}` };
      });
    const result = await score(
      twoStage([noting('form', 1), noting('safe', 0), noting('short', 1)], noting('judge', 1)),
      { reply: 'x' },
    );
    expect(asked).toEqual(['form', 'safe']);
    expect(result).toEqual({
      status: 'scored',
      value: 0,
      feedback: 'A hard constraint does not hold, so nothing else counts. safe: safe says 0',
      objectives: { form: 1, safe: 0 },
    });
  });

  test('where the constraints hold the soft score counts, with all parts as objectives', async () => {
    const result = await score(
      twoStage([polite], tokenF1('reply')),
      { reply: 'please wait' },
      { reply: 'please wait here' },
    );
    expect(result).toMatchObject({
      value: expect.closeTo(0.8, 9),
      objectives: { 'regex(reply)': 1, 'token-f1(reply)': expect.closeTo(0.8, 9), precision: 1 },
    });
  });

  test('a constraint that does not apply is passed over; a soft score that does not leaves the row unscored', async () => {
    const maybe = scorer('maybe', () => null);
    expect(await score(twoStage([maybe], polite), { reply: 'please' })).toMatchObject({ value: 1 });
    expect(await score(twoStage([exactMatch('label')], polite), { reply: 'please' })).toMatchObject({
      status: 'unscored',
    });
    expect(await score(twoStage([polite], notApplicable), { reply: 'please' })).toMatchObject({
      status: 'unscored',
    });
    expect(await score(twoStage([polite], notApplicable), { reply: 'no' })).toMatchObject({ value: 0 });
  });

  test('without a constraint, or with two of one name, it is refused', () => {
    expect(() => twoStage([], polite)).toThrow('no hard constraint');
    expect(() => twoStage([polite, polite], notApplicable)).toThrow('two parts');
  });
});

describe('weightedSum', () => {
  const half = scorer('half', () => 0.5, { givesFeedback: true });
  const parts = [
    { scorer: exactMatch('label'), weight: 3 },
    { scorer: half, weight: 1 },
  ];

  describeScorer('weightedSum', () => weightedSum(parts), {
    samples: [
      { outputs: { label: 'a' }, expected: { label: 'a' } },
      { outputs: { label: 'b' }, expected: { label: 'a' } },
    ],
    variants: [
      () =>
        weightedSum([
          { scorer: exactMatch('label'), weight: 1 },
          { scorer: half, weight: 1 },
        ]),
      () => weightedSum(parts, { vetoes: [polite] }),
      () => weightedSum(parts, { vetoes: [polite], vetoBelow: 0.5 }),
      () => weightedSum(parts.slice(0, 1)),
    ],
  });

  test('weights are shares of their sum, and each part is an objective', async () => {
    expect(await score(weightedSum(parts), { label: 'a' }, { label: 'a' })).toMatchObject({
      value: 0.875,
      objectives: { 'exact-match(label)': 1, half: 0.5 },
    });
  });

  test('what is no score does not vanish within a sum or behind a constraint', async () => {
    const broken = (value: unknown): Scorer => ({
      ...half,
      name: `broken ${value}`,
      score: () => ({ status: 'scored', value: value as number }),
    });
    for (const value of [Number.NaN, null, 2, -1]) {
      const sum = weightedSum([
        { scorer: half, weight: 1 },
        { scorer: broken(value), weight: 1 },
      ]);
      const refused = expect.objectContaining({ code: 'HONE_SCORER_FAILED' });
      await expect(score(sum, {})).rejects.toThrow(refused);
      await expect(score(twoStage([broken(value)], half), {})).rejects.toThrow(refused);
      await expect(score(twoStage([half], broken(value), { passesFrom: 0.5 }), {})).rejects.toThrow(refused);
    }
  });

  test('a part that does not apply leaves its weight to the others, and the feedback says so', async () => {
    const given = weightedSum([
      { scorer: notApplicable, weight: 9 },
      { scorer: half, weight: 1 },
    ]);
    expect(await score(given, {})).toMatchObject({
      value: 0.5,
      feedback: 'Not applicable here, so the others count for it: judge.',
    });
    expect(await score(weightedSum([{ scorer: notApplicable, weight: 1 }]), {})).toMatchObject({
      status: 'unscored',
    });
  });

  test('a veto makes it 0 whatever the parts say, and one that does not apply vetoes nothing', async () => {
    const vetoed = weightedSum(parts, { vetoes: [contains('reply')] });
    expect(await score(vetoed, { label: 'a', reply: 'no' }, { label: 'a', reply: 'sorry' })).toMatchObject({
      value: 0,
      feedback: expect.stringMatching(/^Vetoed by contains\(reply\)\./),
    });
    expect(await score(vetoed, { label: 'a', reply: 'no' }, { label: 'a' })).toMatchObject({ value: 0.875 });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a weight of %s is refused', (weight) => {
    expect(() => weightedSum([{ scorer: half, weight }])).toThrow('not above 0');
  });
});

describe('withinLimit', () => {
  const sample = (usage: { costUsd?: number; tokens?: number; latencyMs: number } | undefined) => ({
    example: { id: 'row-1', inputs: {} },
    outputs: {},
    trace: [],
    usage,
  });

  test.each([
    { measure: 'latency', limit: 1000, usage: { latencyMs: 1000 }, value: 1 },
    { measure: 'latency', limit: 1000, usage: { latencyMs: 1001 }, value: 0 },
    { measure: 'cost', limit: 0.01, usage: { latencyMs: 1, costUsd: 0 }, value: 1 },
    { measure: 'cost', limit: 0.01, usage: { latencyMs: 1, costUsd: 0.02 }, value: 0 },
    { measure: 'tokens', limit: 100, usage: { latencyMs: 1, tokens: 101 }, value: 0 },
  ] as const)('$measure of $usage against $limit is $value', async ({ measure, limit, usage, value }) => {
    expect(await withinLimit(measure, limit).score(sample(usage))).toMatchObject({ value });
  });

  test('between the limit and zeroAt it falls evenly', async () => {
    const graded = withinLimit('latency', 1000, { zeroAt: 2000 });
    expect(graded.passFail).toBe(false);
    expect(await graded.score(sample({ latencyMs: 1250 }))).toMatchObject({
      value: 0.75,
      feedback: 'It took 1250 ms; the limit is 1000 ms.',
    });
    expect(await graded.score(sample({ latencyMs: 9000 }))).toMatchObject({ value: 0 });
  });

  test('what is not known is unscored, never free and never 0', async () => {
    expect(await withinLimit('cost', 1).score(sample({ latencyMs: 5 }))).toEqual({
      status: 'unscored',
      reason: 'The cost of this answer is not known.',
    });
    expect(await withinLimit('latency', 1).score(sample(undefined))).toMatchObject({ status: 'unscored' });
  });

  test('outside an evaluation the calls of the trace count', async () => {
    const call = (costUsd: number | undefined) => ({
      usage: { inputTokens: 5, outputTokens: 5 },
      latencyMs: 7,
      costUsd,
    });
    const traced = (...costs: (number | undefined)[]) => ({
      ...sample(undefined),
      trace: [{ kind: 'predict' as const, id: 'a', step: 'a', inputs: {}, calls: costs.map(call) }],
    });
    expect(await withinLimit('tokens', 20).score(traced(1, 1))).toMatchObject({ value: 1 });
    expect(await withinLimit('tokens', 19).score(traced(1, 1))).toMatchObject({ value: 0 });
    expect(await withinLimit('cost', 5).score(traced(1, undefined))).toMatchObject({ status: 'unscored' });
  });

  test('its version holds the limit, and a zeroAt at the limit is refused', () => {
    const versions = [withinLimit('cost', 1), withinLimit('cost', 2), withinLimit('cost', 1, { zeroAt: 3 })];
    expect(new Set(versions.map(({ version }) => version)).size).toBe(3);
    expect(() => withinLimit('cost', 1, { zeroAt: 1 })).toThrow('not above the limit');
    expect(() => withinLimit('cost', 0)).toThrow(expect.objectContaining({ code: 'HONE_OPTION_INVALID' }));
  });
});
