import { expect, test } from 'vitest';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { gepa } from '../optimizer/method/gepa.ts';
import { react } from '../program/react.ts';
import { tool } from '../program/tool.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { expectedTools } from '../scorer/expected-tools.ts';
import { weightedSum } from '../scorer/weighted-sum.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { evaluate, optimize } from './library.ts';

const input = z.object({ name: z.string().describe('A name.') });
const people = tool('people', { description: 'Searches.', input }, ({ name }) =>
  Number(name.slice(1)) % 2 === 0 ? `${name} is in the north` : `${name} is in the south`,
);
const towns = tool('towns', { description: 'Searches as well.', input }, () => 'nobody of that name');
const agent = react(signature('person -> place'), { tools: [towns, people] });
const lesson = 'Tells where a person lives.';

/** Takes the tool whose description speaks of persons, else the first one. */
const model = () =>
  scriptedModel({
    respond: ({ messages, tools = [] }) => {
      const [found] = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
      const call = (name: string, given: object) => ({
        toolCalls: [{ id: 'one', name, arguments: JSON.stringify(given) }],
        finishReason: 'tool-calls' as const,
      });
      if (found !== undefined) return call('submit', { place: /north|south/u.exec(found)?.[0] ?? 'unknown' });
      const chosen = tools.find(({ description }) => description.includes(lesson)) ?? tools[0];
      const person = /Person: (\w+)/u.exec(String(messages[1]?.content))?.[1];
      return call(chosen?.name ?? '', { name: person });
    },
  });

const reflection = scriptedModel({
  respond: ({ messages }) => {
    const said = messages.map(({ content }) => String(content)).join('\n');
    const text = said.includes('told of the tool "people"')
      ? `${lesson} Give the first name.`
      : 'Finds what is asked for.';
    return JSON.stringify({ diagnosis: 'The wrong tool was taken.', text });
  },
});

const rows = Array.from({ length: 120 }, (_, index) => ({
  id: `row-${index}`,
  inputs: { person: `P${index}` },
  expected: { place: index % 2 === 0 ? 'north' : 'south', tools: ['people'] },
}));

test('an optimizer improves an agent by what it tells of a tool', async () => {
  await using store = await openMemoryStore();
  const run = optimize({
    program: agent,
    dataset: rows,
    scorer: weightedSum([
      { scorer: exactMatch('place'), weight: 1 },
      { scorer: expectedTools('tools'), weight: 1 },
    ]),
    optimizer: gepa({ rounds: 8, merges: 0 }),
    model: model(),
    reflectionModel: reflection,
    store,
    budget: { calls: 10_000 },
  });
  const { verdict, candidate } = await run.result();
  expect(verdict).toBe('improved');
  expect(candidate['agent.tools.people.description']).toEqual({
    kind: 'text',
    text: `${lesson} Give the first name.`,
  });
});

test('rows by the hundred at once: what fails is told apart, and nothing is lost', async () => {
  await using store = await openMemoryStore();
  const numberOf = (text: string) => Number(/P(\d+)/u.exec(text)?.[1]);
  const look = tool('look', { description: 'Looks.', input }, async ({ name }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (numberOf(name) % 20 === 7) throw new Error('no such person');
    return `${name} is in the ${numberOf(name) % 2 === 0 ? 'north' : 'south'}`;
  });
  const gone = new HoneError('Overloaded', { code: 'HONE_MODEL_SERVER', facts: { retryable: false } });
  const answering = scriptedModel({
    respond: ({ messages }) => {
      const person = `P${numberOf(String(messages[1]?.content))}`;
      if (numberOf(person) % 20 === 3) throw gone;
      const [found] = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
      const given =
        found === undefined ? { name: person } : { place: /north|south/u.exec(found)?.[0] ?? 'unknown' };
      const name = found === undefined ? 'look' : 'submit';
      return {
        toolCalls: [{ id: 'one', name, arguments: JSON.stringify(given) }],
        finishReason: 'tool-calls',
      };
    },
  });
  const many = Array.from({ length: 200 }, (_, index) => ({
    id: `row-${index}`,
    inputs: { person: `P${index}` },
    expected: { place: index % 2 === 0 ? 'north' : 'south' },
  }));
  const run = evaluate({
    program: react(signature('person -> place'), { tools: [look] }),
    dataset: many,
    scorer: exactMatch('place'),
    model: answering,
    concurrency: 100,
    store,
  });
  const counts = new Map<string, number>();
  const evaluation = await run.result();
  for await (const { outcome } of evaluation.results()) {
    const kind = outcome.status === 'scored' ? `scored ${outcome.value}` : outcome.status;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  expect(Object.fromEntries(counts)).toEqual({ 'scored 1': 180, 'scored 0': 10, 'infrastructure-error': 10 });
});
