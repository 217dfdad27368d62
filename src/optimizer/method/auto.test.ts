import { describe, expect, test } from 'vitest';
import { sha256 } from '../../base/hash.ts';
import { splitDataset } from '../../dataset/split.ts';
import { contentText } from '../../model/content.ts';
import type { Model } from '../../model/model.ts';
import { predict } from '../../program/predict.ts';
import { react } from '../../program/react.ts';
import { tool } from '../../program/tool.ts';
import { type Candidate, parameterOf } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { ruleProgram, ruleReflection, ruleSentence, rules } from '../../testing/rule-task.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triage, triageExamples } from '../../testing/triage-task.ts';
import { auto } from './auto.ts';

describeOptimizer('auto on a model that scores choices', () => auto());
describeOptimizer('auto on a model that writes', () => auto(), { choiceScores: false });
describeOptimizer('auto with a reflection model', () => auto({ rounds: 1, sets: 2, demos: 4 }), {
  choiceScores: false,
  reflectionModel: ruleReflection,
});

function setsOf(candidate: Candidate) {
  return parameterOf(candidate, 'answer.demos', 'demos')?.sets ?? [];
}

/** Scores every channel at random. */
function withUselessChannels(model: Model): Model {
  const { scoreChoices } = model;
  if (scoreChoices === undefined) return model;
  return {
    ...model,
    scoreChoices: async (request, choices, options) => {
      const scores = await scoreChoices(request, choices, options);
      if (choices.length > 1) return scores;
      const chance = Number.parseInt(sha256(JSON.stringify([request, choices])).slice(0, 6), 16);
      return { ...scores, logProbabilities: [-chance / 1e5] };
    },
  };
}

describe('auto', () => {
  test('chooses the layout that the model answers best in', async () => {
    const { report, events } = await finishTriage({ optimizer: auto() });
    const layout = events.find(
      (event) => event.type === 'candidate-accepted' && event.note === 'best layout',
    );
    expect(layout).toBeDefined();
    expect(report.best.candidate['answer.format']).toEqual({ kind: 'choice', value: 'completion' });
  });

  test('keeps a channel where it pays', async () => {
    const { report, verdict } = await finishTriage({ optimizer: auto() });
    expect(verdict).toBe('improved');
    expect(setsOf(report.best.candidate).map(({ format }) => format)).toContain('channel');
  });

  test('shows no row in the channel that the direct set shows', async () => {
    const { report } = await finishTriage({ optimizer: auto() });
    const sources = setsOf(report.best.candidate).flatMap(({ demos }) => demos.map(({ source }) => source));
    expect(new Set(sources).size).toBe(sources.length);
  });

  test('keeps a single set where a channel does not pay', async () => {
    const { report } = await finishTriage({ optimizer: auto(), around: withUselessChannels });
    const sets = setsOf(report.best.candidate);
    expect(sets).toHaveLength(1);
    expect(sets[0]?.format ?? 'completion').toBe('completion');
  });

  test.each([
    { channelDemos: 2, asks: true },
    { channelDemos: 0, asks: false },
  ])('asks channels with $channelDemos demos for each answer: $asks', async ({ channelDemos, asks }) => {
    const { calls } = await finishTriage({ optimizer: auto({ channelDemos }) });
    // In a channel the ticket is what is scored, not part of the prompt's end.
    const isChannel = calls.some(
      ({ request }) => !contentText(request.messages.at(-1)?.content ?? '').includes('#'),
    );
    expect(isChannel).toBe(asks);
  });

  test('puts three sets to the vote on a model that writes, and keeps the vote when it is better', async () => {
    const { report, events } = await finishTriage({
      optimizer: auto({ sets: 4, demos: 6, layoutRows: 12 }),
      choiceScores: false,
      noise: 4,
      changes: { randomSeed: 3, dataset: splitDataset(triageExamples(), { seed: 3 }) },
    });
    expect(events).toContainEqual(expect.objectContaining({ origin: 'vote of 3 demo sets' }));
    expect(events).toContainEqual(expect.objectContaining({ note: 'vote of the best sets' }));
    expect(setsOf(report.best.candidate)).toHaveLength(3);
  });

  test('keeps one set on a model that writes when the vote is no better', async () => {
    const { report, events } = await finishTriage({
      optimizer: auto({ sets: 4, demos: 5, layoutRows: 12 }),
      choiceScores: false,
    });
    expect(events).toContainEqual(expect.objectContaining({ origin: 'vote of 3 demo sets' }));
    expect(setsOf(report.best.candidate)).toHaveLength(1);
  });

  test.each([{ option: { sets: 6 } }, { option: { layoutRows: 4 } }])(
    'estimates other calls with $option',
    ({ option }) => {
      const choiceScores = option.sets === undefined;
      const size = {
        train: 40,
        validation: 20,
        test: 20,
        callsPerRow: 1,
        program: triage.shape,
        choiceScores,
      };
      expect(auto(option).estimate(size)).not.toEqual(auto().estimate(size));
    },
  );
});

describe('auto of an agent', () => {
  const look = tool('look', { description: 'Tells what the words mean.' }, () => 'nothing');
  const program = react(ruleProgram.signature, { tools: [look] });

  test('rewrites its texts by reflection, with the whole budget, as it shows no demos', async () => {
    const { report, events, reflections } = await finishRules({
      optimizer: auto({ rounds: 3 }),
      changes: { program },
    });
    expect(reflections.length).toBeGreaterThan(0);
    expect(Object.keys(report.best.candidate).sort()).toEqual(Object.keys(program.seed).sort());
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'phase-started', note: expect.stringContaining('shows no demos') }),
    );
  });

  test('is refused before a call where nothing could write its texts', async () => {
    const asked = finishRules({ optimizer: auto(), changes: { program, reflectionModel: undefined } });
    await expect(asked).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringMatching(/only text parameters .* reflection model writes/),
    });
  });
});

describe('auto with a reflection model', () => {
  test('rewrites the texts first, and says so', async () => {
    const { taught, report, events } = await finishRules({ optimizer: auto() });
    expect(taught).toBeGreaterThanOrEqual(6);
    expect(report.verdict).toBe('improved');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'phase-started',
        phase: 'texts',
        note: expect.stringContaining('reflection'),
      }),
    );
  });

  test('gives a small budget to the texts alone', async () => {
    const { events, taskCalls, taught } = await finishRules({
      optimizer: auto(),
      changes: { budget: { calls: 200 } },
    });
    expect(events.some((event) => event.type === 'phase-started' && event.phase === 'demo sets')).toBe(false);
    expect(taskCalls.length).toBeLessThanOrEqual(200);
    expect(taught).toBeGreaterThan(2);
  });

  test('leaves a seed behind that misleads: most of its rules are wrong', async () => {
    const wrong = Object.keys(rules)
      .slice(0, 6)
      .map((word) => ruleSentence(word, rules[word] === 'scrap' ? 'ship' : 'scrap'));
    const program = predict(
      signature('note -> action: "ship" | "hold" | "return" | "scrap"', {
        instructions: `Say what to do with the parcel. ${wrong.join(' ')}`,
      }),
    );
    const { report } = await finishRules({ optimizer: auto(), changes: { program } });
    expect(report.sealedTest?.seed).toBeLessThan(0.3);
    expect(report.sealedTest?.winner).toBeGreaterThan(0.75);
  });

  test('leaves the texts as they are with no rounds', async () => {
    const { reflections } = await finishRules({ optimizer: auto({ rounds: 0 }) });
    expect(reflections).toEqual([]);
  });
});
