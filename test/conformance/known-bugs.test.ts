/** What other implementations of these methods were found to get wrong, held against every optimizer. */
import { describe, expect, test } from 'vitest';
import { program as custom } from '../../src/program/custom-program.ts';
import { predict } from '../../src/program/predict.ts';
import type { Candidate } from '../../src/prompt/candidate.ts';
import { bootstrapFewShot, gepa, mipro } from '../../src/public/optimizers.ts';
import { scorer } from '../../src/scorer/custom-scorer.ts';
import { signature } from '../../src/signature/shorthand.ts';
import { withInstructions } from '../../src/signature/signature.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';
import { finishRules, type RuleRunOptions, textOfCall } from '../../src/testing/rule-run.ts';
import { ruleExamples, ruleProgram, ruleRoles } from '../../src/testing/rule-task.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';
import { everyOptimizer, reflecting } from './every-optimizer.ts';

/** Those that work on a task without scored choices and without numbers. */
const general = everyOptimizer.filter(({ create }) => {
  const { choiceScores = false, preference = false, parameters } = create().needs;
  return !choiceScores && !preference && !parameters.includes('number');
});
const dataset = ruleRoles(36);

/** A run with every candidate that it proposed. */
async function finish(options: RuleRunOptions) {
  await using store = await openMemoryStore();
  const run = await finishRules({ ...options, changes: { dataset, ...options.changes, store } });
  const proposed: Candidate[] = [];
  for (const event of run.events) {
    if (event.type !== 'candidate-proposed') continue;
    proposed.push((await store.candidates.read(event.candidate)) as unknown as Candidate);
  }
  return { ...run, proposed };
}

/** So long that whoever shows only the ends of a text would lose what stands in the middle. */
const longText = [
  'Say what to do with the parcel.',
  ...Array.from({ length: 120 }, (_, rule) => `Rule ${rule} of the house: shelf ${rule * 7} is never used.`),
].join(' ');
const [start, middle] = ['Rule 0 of the house', 'Rule 60 of the house: shelf 420 is never used.'];

describe.each(general)('$name', (optimizer) => {
  const needs = optimizer.create().needs;

  test('never answers a row with that row among its demos, and leaves what it does not search as it is', async () => {
    const program = predict(ruleProgram.signature, { parameters: ['temperature'], models: ['task'] });
    const { taskCalls, proposed } = await finish({ optimizer: optimizer.create(), changes: { program } });
    const beside = taskCalls.map(textOfCall).filter((text) => {
      const numbers = [...text.matchAll(/#(\d{3}) /g)].map(([, number]) => number);
      return numbers.slice(0, -1).includes(numbers.at(-1));
    });
    expect(beside).toEqual([]);
    if (optimizer.name === 'parameterSearch') return;
    const settings = ({ 'answer.temperature': temperature }: Candidate) => temperature;
    expect(proposed.map(settings)).toEqual(proposed.map(() => settings(program.seed)));
  });

  test.each([0, 0.5])('takes nothing for better where every answer scores %s', async (score) => {
    const constant = scorer<{ note: string }, { action: string }, { action: string }>(
      'constant',
      () => ({ score, feedback: 'As always.' }),
      { expects: ['action'], givesFeedback: true },
    );
    const { report, events } = await finish({ optimizer: optimizer.create(), changes: { scorer: constant } });
    expect(report.stopReason).toBe('done');
    expect(report.verdict).not.toBe('improved');
    const accepted = events.flatMap((event) => (event.type === 'candidate-accepted' ? [event.note] : []));
    expect(choosesStart.has(optimizer.name) ? [] : accepted).toEqual([]);
  });

  test.runIf(needs.reflectionModel)('shows a long text whole to whoever rewrites it', async () => {
    const program = predict(withInstructions(ruleProgram.signature, longText));
    const { reflections } = await finish({ optimizer: optimizer.create(), changes: { program } });
    const cut = reflections.map(textOfCall).filter((text) => text.includes(start) && !text.includes(middle));
    expect(cut).toEqual([]);
  });
});

/** They choose among layouts with demos first, as a start for what comes after; that choice is no claim. */
const choosesStart = new Set(['layoutChoice', 'auto']);

/** The prompts by which a method asks what went wrong. */
const critiques: Readonly<Record<string, readonly string[]>> = {
  gepa: ['rewrite'],
  proTeGi: ['criticize'],
  textGrad: ['loss', 'backward'],
  hierarchicalReflective: ['analyse', 'merge', 'edit'],
  failureTaxonomy: ['classify', 'guide'],
  reflectiveClimb: ['revise'],
  promptWizard: ['blame'],
  promptAgent: ['reflect'],
  simba: ['contrast'],
};

describe.each(reflecting.filter(({ name }) => name in critiques))('$name', ({ name, create }) => {
  test('asks nobody what went wrong where no training row did', async () => {
    const inTraining = new Set(dataset.train.map(({ id }) => id));
    const rows = ruleExamples();
    const model = scriptedModel({
      respond: (request) => {
        const text = request.messages.map(({ content }) => String(content)).join('\n');
        const row = rows[Number([...text.matchAll(/#(\d{3}) /g)].at(-1)?.[1] ?? 0)];
        const right = String(row?.expected?.action);
        const answer = inTraining.has(row?.id ?? '') ? right : 'scrap';
        return request.responseSchema === undefined ? answer : JSON.stringify({ action: answer });
      },
    });
    const optimizer = create();
    const { reflections, report } = await finish({ optimizer, changes: { model } });
    const openings = (critiques[name] ?? []).map(
      (prompt) => optimizer.prompts?.[prompt]?.instructions.slice(0, 80) ?? '?',
    );
    expect(openings).not.toContain('?');
    const asked = reflections.map(textOfCall);
    expect(asked.filter((text) => openings.some((opening) => text.includes(opening)))).toEqual([]);
    expect(report.stopReason).toBe('done');
  });
});

describe('a random seed', () => {
  const decisions = async (randomSeed: number) => {
    const { events, proposed } = await finish({
      optimizer: mipro({ trials: 3, demos: 2 }),
      changes: { randomSeed },
    });
    return JSON.stringify([events, proposed]);
  };

  test('of 0 is a seed like any other', async () => {
    expect(await decisions(0)).toBe(await decisions(0));
    expect(await decisions(0)).not.toBe(await decisions(9));
    expect(await decisions(0)).not.toBe(await decisions(1));
  });
});

describe('an answer with half marks', () => {
  const halfMarks = scorer<{ note: string }, { action: string }, { action: string }>(
    'half marks',
    () => ({ score: 0.5, feedback: 'Half right.' }),
    { expects: ['action'], givesFeedback: true },
  );
  const bootstrapped = async (threshold: number) => {
    const { proposed } = await finish({
      optimizer: bootstrapFewShot({ bootstrapped: 3, demos: 6, threshold }),
      changes: { scorer: halfMarks },
    });
    return proposed.length;
  };

  test('becomes no example unless the threshold says so, and a threshold of 0 takes any', async () => {
    // The teacher alone, or what it made beside it.
    expect(await bootstrapped(1)).toBe(1);
    expect(await bootstrapped(0.5)).toBe(2);
    expect(await bootstrapped(0)).toBe(2);
  });
});

test('of two steps with the same signature and words each is shown its own answers', async () => {
  const twin = signature('text -> next', { instructions: 'Go on with the text.' });
  const program = custom(
    'twins',
    {
      signature: signature('note -> action'),
      steps: { first: predict(twin, { name: 'first' }), second: predict(twin, { name: 'second' }) },
    },
    async ({ inputs, steps }) => {
      const { next } = await steps.first({ text: inputs.note });
      return { action: (await steps.second({ text: next })).next };
    },
  );
  const wrong = scorer<{ note: string }, { action: string }, { action: string }>(
    'never right',
    () => ({ score: 0, feedback: 'Wrong.' }),
    { expects: ['action'], givesFeedback: true },
  );
  const model = scriptedModel({
    respond: ({ messages }) =>
      String(messages.at(-1)?.content).includes('said by one') ? 'said by two' : 'said by one',
  });
  const { reflections } = await finish({
    optimizer: gepa({ rounds: 2, component: 'all' }),
    changes: { program, model, scorer: wrong },
  });
  const shownTo = (step: string) =>
    reflections.map(textOfCall).filter((text) => text.includes(`of the step "${step}"`));
  expect(shownTo('first').length).toBeGreaterThan(0);
  for (const text of shownTo('first')) expect(text).toMatch(/"outputs":\{"next":"said by one"\}/);
  for (const text of shownTo('second')) expect(text).toMatch(/"outputs":\{"next":"said by two"\}/);
});
