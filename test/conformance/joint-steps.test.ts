import { expect, test } from 'vitest';
import { optimize } from '../../src/optimizer/driver/optimize.ts';
import { gepa } from '../../src/optimizer/method/gepa.ts';
import { program } from '../../src/program/custom-program.ts';
import { freezeSteps } from '../../src/program/freeze-steps.ts';
import { predict } from '../../src/program/predict.ts';
import type { AnyProgram } from '../../src/program/program.ts';
import { scorer } from '../../src/scorer/custom-scorer.ts';
import { signature } from '../../src/signature/shorthand.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';
import { chance } from '../../src/testing/triage-task.ts';

/** Who works where, which firm sits in which town, which river flows there. */
const size = 120;
const firmOf = (person: number) => (person * 7 + 3) % size;
const townOf = (firm: number) => (firm * 11 + 5) % size;
const riverOf = (town: number) => (town * 13 + 1) % size;
const rows = Array.from({ length: size }, (_, person) => ({
  id: `row-${person}`,
  inputs: { question: `Which river flows where person-${person} works?` },
  expected: { river: `river-${riverOf(townOf(firmOf(person)))}` },
}));

/** What each step has to be told, or it writes more than the next one can use, on two rows of five. */
const clues = {
  firm: 'Name the firm alone.',
  town: 'Name the town alone.',
  river: 'Name the river alone.',
} as const;
type Hop = keyof typeof clues;

const seeds: Readonly<Record<Hop, string>> = {
  firm: 'Say which firm the person works for.',
  town: 'Say which town the firm sits in.',
  river: 'Say which river flows through the town.',
};
const hop = <const Text extends string>(name: Hop, text: Text) =>
  predict(signature(text as string, { instructions: seeds[name] }), { name });

const steps = {
  firm: hop('firm', 'question, passages: string[] -> firm'),
  town: hop('town', 'firm, passages: string[] -> town'),
  river: hop('river', 'town, passages: string[] -> river'),
};

/** Finds what is said of the very thing that is looked up. */
function find(query: string): readonly string[] {
  const [, kind, number] = /^(person|firm|town)-(\d+)$/u.exec(query) ?? [];
  const next = { person: ['firm', firmOf], firm: ['town', townOf], town: ['river', riverOf] } as const;
  if (kind === undefined) return [];
  const [what, of] = next[kind as keyof typeof next];
  return [`${query} has ${what}-${of(Number(number))}`];
}

/** Each step takes what the one before it found, so that one that goes wrong leads all later ones astray. */
const threeHops = program(
  'three-hops',
  { signature: signature('question -> river'), steps },
  async ({ inputs, steps: ask, retrieve }) => {
    const [person = ''] = /person-\d+/u.exec(inputs.question) ?? [];
    const { firm } = await ask.firm({ ...inputs, passages: [...(await retrieve(person, find))] as string[] });
    const { town } = await ask.town({
      firm,
      passages: [...(await retrieve(String(firm), find))] as string[],
    });
    const { river } = await ask.river({
      town,
      passages: [...(await retrieve(String(town), find))] as string[],
    });
    return { river: String(river) };
  },
);

/** Reads the passage; without its clue a step wraps what it found into words, on two rows of five. */
const taskModel = scriptedModel({
  id: 'scripted/hops',
  keepCalls: false,
  respond: ({ messages }) => {
    const told = String(messages[0]?.content);
    const asked = String(messages.at(-1)?.content);
    const step = (Object.keys(seeds) as Hop[]).find((name) => told.includes(`${name} `)) ?? 'firm';
    const own = (Object.keys(clues) as Hop[]).find((name) => asked.includes(`has ${name}-`)) ?? step;
    const found = /has (\S+?-\d+)/u.exec(asked)?.[1] ?? 'unknown';
    const isPlain = told.includes(clues[own]) || chance(`${own} ${asked}`) < 0.6;
    return isPlain ? found : `It is ${found}, I think.`;
  },
});

/** Says to a step what it has to be told; of the text that it is asked to improve it keeps what is right. */
const reflectionModel = scriptedModel({
  id: 'scripted/reflection',
  keepCalls: false,
  respond: ({ messages, responseSchema }, { draw }) => {
    const text = messages.map(({ content }) => String(content)).join('\n');
    const own = (Object.keys(seeds) as Hop[])
      .map((name) => ({ name, at: text.indexOf(seeds[name]) }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at - b.at)[0]?.name;
    const improved =
      own === undefined
        ? 'Answer briefly.'
        : `${seeds[own]} ${clues[own]} Mind note ${Math.floor(chance(draw) * 1_000)}.`;
    const properties = Object.keys((responseSchema?.properties ?? {}) as object);
    return properties.length === 0
      ? improved
      : JSON.stringify(Object.fromEntries(properties.map((name) => [name, improved])));
  },
});

const rightRiver = scorer<{ question: string }, { river: string }, { river: string }>(
  'river',
  ({ outputs, expected }) => ({
    score: outputs.river === expected.river,
    feedback: `The river is ${expected.river}.`,
  }),
  { passFail: true, expects: ['river'], givesFeedback: true },
);

/** The share of all rows that the best candidate of a search gets right. */
async function optimized(given: AnyProgram): Promise<number> {
  await using store = await openMemoryStore();
  const run = optimize({
    program: given,
    dataset: rows,
    scorer: rightRiver,
    optimizer: gepa({ rounds: 16, patience: 16, minibatch: 8 }),
    model: taskModel,
    reflectionModel,
    store,
    budget: { calls: 20_000 },
  });
  const { report } = await run.result();
  const { candidate } = report.best;
  let right = 0;
  for (const { inputs, expected } of rows) {
    const prediction = await given.forward(inputs, { model: taskModel, candidate });
    if (prediction.status === 'completed' && prediction.outputs.river === expected.river) right += 1;
  }
  return right / rows.length;
}

test('three steps that depend on each other gain more together than the best of them alone', async () => {
  const names = Object.keys(clues);
  const alone: number[] = [];
  for (const name of names) {
    alone.push(await optimized(freezeSteps(threeHops, { steps: names.filter((each) => each !== name) })));
  }
  const together = await optimized(threeHops);
  expect(together).toBeGreaterThan(0.9);
  expect(Math.max(...alone)).toBeLessThan(0.5);
});
