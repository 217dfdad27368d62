import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleSentence, rules } from '../../testing/rule-task.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { finishTriage, serverError } from '../../testing/triage-run.ts';
import { triageRoles } from '../../testing/triage-task.ts';
import type { OptimizationContext, Optimizer, Preference } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';

type Search = Optimizer['optimize'];

function optimizer(optimize: Search, changes: Partial<Optimizer> = {}): Optimizer {
  return {
    name: 'test',
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true },
    estimate: () => ({ task: 1_000, reflection: 100 }),
    optimize,
    ...changes,
  };
}

const saying = (text: string): Candidate => ({ 'answer.instructions': { kind: 'text', text } });
const draft = (text: string) => ({ changes: saying(text), origin: text });

/** New instructions, as many as asked for, each of them another. */
function tryOut({ admit }: OptimizationContext, names: readonly string[]): readonly Candidate[] {
  return candidatesOf(admit(names.map((name) => draft(`Sort the ticket, way ${name}.`))));
}

describe('rows that a search may evaluate', () => {
  const roles = triageRoles();

  test.each([
    { what: 'a sealed row', row: () => roles.test[0], message: /not in its train and validation rows/ },
    {
      what: 'an easy row under the id of another',
      row: () => ({
        ...roles.validation[0],
        id: roles.validation[0]?.id ?? '',
        inputs: { ticket: '#001 easy' },
      }),
      message: /changed row/,
    },
  ])('are its own: $what is refused', async ({ row, message }) => {
    const cheat = optimizer(async function* ({ seed, evaluate }) {
      const given = row();
      if (given !== undefined) await evaluate(seed, [given]);
      yield { type: 'notice', message: 'not reached' };
      return seed;
    });
    await expect(finishTriage({ optimizer: cheat })).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('are answered once, whoever asks: a copy with the same content is the same row', async () => {
    const asks = optimizer(async function* ({ seed, validation, evaluate }) {
      const { scored } = await evaluate(seed, structuredClone([...validation]));
      yield { type: 'notice', message: `scored ${scored}` };
      return seed;
    });
    const { events, calls } = await finishTriage({ optimizer: asks });
    expect(events).toContainEqual({ type: 'notice', message: `scored ${roles.validation.length}` });
    expect(calls.filter(({ phase }) => phase === 'search')).toEqual([]);
  });
});

test('a candidate with a parameter that the program lacks is refused by name', async () => {
  const wrong = optimizer(async function* ({ validation, evaluate, seed }) {
    yield { type: 'phase-started', phase: 'wrong' };
    await evaluate({ 'anwser.instructions': { kind: 'text', text: 'x' } }, validation);
    return seed;
  });
  await expect(finishTriage({ optimizer: wrong })).rejects.toMatchObject({
    code: 'HONE_CANDIDATE_INVALID',
    message: expect.stringContaining('"anwser.instructions"'),
  });
});

describe('a nested search', () => {
  const inner = optimizer(async function* (context) {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const [candidate] = tryOut(context, [name]);
      if (candidate === undefined) continue;
      const { hash, mean } = await context.evaluate(candidate, context.validation);
      yield { type: 'candidate-accepted', candidate: hash, mean, note: name };
    }
    return context.seed;
  });

  test('ends at its share with the best that it found, and the outer one goes on', async () => {
    const ends: string[] = [];
    const outer = optimizer(async function* (context) {
      const found = yield* context.nest(inner, { label: 'inner', share: 0.25 });
      ends.push(found.stopReason, String(found.ranking.length > 0));
      const [candidate] = tryOut(context, ['outer']);
      if (candidate !== undefined)
        ends.push(String((await context.evaluate(candidate, context.validation)).scored));
      return found.candidate;
    });
    const { report, asked } = await finishTriage({
      optimizer: outer,
      choiceScores: false,
      changes: { budget: { calls: 260 } },
    });
    expect(ends).toEqual(['calls', 'true', '21']);
    expect(report.stopReason).toBe('done');
    expect(asked.length).toBeLessThanOrEqual(260);
  });

  test('with the whole share ends the outer one too: its limit is the limit of the run', async () => {
    const outer = optimizer(async function* (context) {
      return (yield* context.nest(inner, { label: 'inner' })).candidate;
    });
    const { report } = await finishTriage({
      optimizer: outer,
      choiceScores: false,
      changes: { budget: { calls: 150 } },
    });
    expect(report.stopReason).toBe('calls');
  });

  test('cannot replace what was accepted before by something worse when a limit ends both', async () => {
    const lessons = Object.entries(rules).map(([word, action]) => ruleSentence(word, action));
    const wandering = optimizer(async function* ({ admit, evaluate, validation }) {
      for (let turn = 0; ; turn += 1) {
        for (const candidate of candidatesOf(admit([draft(`Nothing is known, way ${turn}.`)]))) {
          const { hash, mean } = await evaluate(candidate, validation.slice(0, 8));
          yield { type: 'candidate-accepted', candidate: hash, mean, note: 'worse' };
        }
      }
    });
    const outer = optimizer(async function* ({ admit, evaluate, validation, nest }) {
      // More leaders than rows are kept back for.
      const ways = ['', 'Be quick. ', 'Be calm. ', 'Be kind. '].map((way) => draft(way + lessons.join(' ')));
      for (const taught of candidatesOf(admit(ways))) {
        const { hash, mean } = await evaluate(taught, validation);
        yield { type: 'candidate-accepted', candidate: hash, mean, note: 'taught' };
      }
      const { candidate } = yield* nest(wandering, { label: 'wandering' });
      return (await evaluate(candidate, validation)).candidate;
    });
    const { report, taught } = await finishRules({ optimizer: outer, changes: { budget: { calls: 260 } } });
    expect(report.stopReason).toBe('calls');
    expect(taught).toBe(lessons.length);
  });

  test('draws its own random numbers, by its label alone', async () => {
    const drawn: number[] = [];
    const draws = optimizer(async function* ({ random, seed }) {
      drawn.push(random.integer(1e9));
      yield { type: 'phase-started', phase: 'drawn' };
      return seed;
    });
    const outer = optimizer(async function* (context) {
      for (const label of ['one', 'two', 'one']) yield* context.nest(draws, { label });
      return context.seed;
    });
    await finishTriage({ optimizer: outer });
    expect(drawn[0]).toBe(drawn[2]);
    expect(drawn[0]).not.toBe(drawn[1]);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a share of %d', async (share) => {
    const outer = optimizer(async function* (context) {
      return (yield* context.nest(inner, { label: 'inner', share })).candidate;
    });
    await expect(finishTriage({ optimizer: outer })).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID' });
  });
});

describe('a preference', () => {
  /** Judges by what it reads, or by the place in which it reads it. */
  const judge = (by: 'content' | 'place') =>
    scriptedModel({
      respond: ({ messages }) => {
        const text = JSON.stringify(messages);
        const isFirst = text.indexOf('billing') < text.indexOf('access');
        const better = by === 'place' || isFirst ? 'a' : 'b';
        return JSON.stringify({ better, reason: 'It says billing.' });
      },
    });

  async function preferences(
    by: 'content' | 'place',
    { lost }: { readonly lost?: 'first' | 'second' } = {},
  ): Promise<readonly Preference[]> {
    const seen: Preference[] = [];
    let isJudging = false;
    const compares = optimizer(async function* (context) {
      const [other] = tryOut(context, ['other']);
      const example = lost === undefined ? context.validation[0] : context.train[0];
      if (other === undefined || example === undefined) return context.seed;
      isJudging = true;
      seen.push(...(await context.prefer([{ example, first: context.seed, second: other }])));
      isJudging = false;
      yield { type: 'notice', message: 'judged' };
      return context.seed;
    });
    const answers = scriptedModel({
      respond: ({ messages }) => {
        const isOther = JSON.stringify(messages).includes('way other');
        if (isJudging && lost === (isOther ? 'second' : 'first')) throw serverError();
        return isOther ? 'access' : 'billing';
      },
    });
    const { report } = await finishTriage({
      optimizer: compares,
      reflectionModel: judge(by),
      changes: { model: answers },
    });
    expect(report.usage.reflectionCalls).toBe(lost === undefined ? 2 : 0);
    return seen;
  }

  test('is that of a judge who says the same in both orders', async () => {
    expect(await preferences('content')).toEqual([
      { status: 'judged', better: 'first', flipped: false, note: 'It says billing.' },
    ]);
  });

  test.each(['first', 'second'] as const)(
    'is lost where an outage took the answer of the %s',
    async (lost) => {
      expect(await preferences('content', { lost })).toMatchObject([{ status: 'lost' }]);
    },
  );

  test('is a tie where the orders disagree, and says so', async () => {
    expect(await preferences('place')).toEqual([
      { status: 'judged', better: 'tie', flipped: true, note: 'It says billing.' },
    ]);
  });
});

describe('reflections under limits', () => {
  const request = signature('failures -> instructions: string');
  const reflecting = (rounds: number) =>
    optimizer(
      async function* (context) {
        let best = await context.evaluate(context.seed, context.validation);
        for (let round = 0; round < rounds; round += 1) {
          const answers = await context.ask(
            [0, 1].map((sample) => ({
              label: `round-${round}`,
              sample,
              signature: request,
              inputs: { failures: 'x' },
            })),
          );
          const texts = answers.flatMap((answer) =>
            answer.status === 'answered' ? [answer.outputs.instructions] : [],
          );
          const candidates = candidatesOf(context.admit(texts.map(draft)));
          const scored = await Promise.all(
            candidates.map((each) => context.evaluate(each, context.validation)),
          );
          for (const each of scored) if ((each.mean ?? 0) > (best.mean ?? 0)) best = each;
          yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: `round ${round}` };
        }
        return best.candidate;
      },
      { needs: { parameters: ['text'], labels: true, reflectionModel: true } },
    );
  const paid = () =>
    scriptedModel({
      respond: (_, { draw }) => ({
        text: JSON.stringify({ instructions: `Sort it, by ${draw.replaceAll('/', ' ')}.` }),
        costUsd: 0.05,
        usage: { inputTokens: 100, outputTokens: 50 },
      }),
      price: { input: 1, output: 1 },
    });
  const priced = {
    choiceScores: false,
    around: (model: object) => ({ ...model, price: { input: 1, output: 10 } }) as never,
  };

  test('spend no more dollars than there are, and all totals hold them', async () => {
    const { report } = await finishTriage({
      optimizer: reflecting(20),
      reflectionModel: paid(),
      changes: { budget: { usd: 0.5 } },
      ...priced,
    });
    expect(report.stopReason).toBe('cost');
    expect(report.usage.reflectionCalls).toBeGreaterThan(2);
    expect(report.usage.costUsd).toBeGreaterThanOrEqual(report.usage.reflectionCostUsd ?? 1);
    expect(report.usage.spentUsd).toBeLessThanOrEqual(0.5);
  });

  test('are unreadable as a value, and a search without one usable reflection says so', async () => {
    const sorry = scriptedModel({ respond: () => 'I am sorry.' });
    const { report, events } = await finishTriage({ optimizer: reflecting(1), reflectionModel: sorry });
    expect(events).toContainEqual({
      type: 'reflected',
      label: 'round-0',
      answered: 0,
      unreadable: 2,
      lost: 0,
    });
    expect(report.notices).toContainEqual(expect.stringContaining('None of the 2 reflections could be used'));
  });

  test('of two at the edge of the budget the first asked is answered, whichever is slower', async () => {
    const slowFirst = scriptedModel({
      respond: async (_, { draw }) => {
        if (draw.endsWith('/0')) await new Promise((resolve) => setTimeout(resolve, 30));
        return JSON.stringify({ instructions: `Sort it, by ${draw.replaceAll('/', ' ')}.` });
      },
    });
    const { report } = await finishTriage({
      optimizer: reflecting(3),
      reflectionModel: slowFirst,
      changes: { budget: { reflectionCalls: 3 } },
    });
    expect(report.stopReason).toBe('calls');
    expect(slowFirst.calls.map(({ draw }) => draw)).toEqual([
      '1/search/round-0/0',
      '1/search/round-0/1',
      '1/search/round-1/0',
    ]);
  });
});
