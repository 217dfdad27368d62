import { expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { OptimizationEvent } from '../optimizer.ts';
import { type AdmissionOptions, createAdmission } from './admit.ts';

const program = predict(
  signature('ticket -> queue: "billing" | "access"', { instructions: 'Sort {{ticket}} into a queue.' }),
);
const { seed, shape } = program;

function open(options: Partial<AdmissionOptions> = {}) {
  const events: OptimizationEvent[] = [];
  const emit = (event: OptimizationEvent) => events.push(event);
  return { ...createAdmission({ program: shape, seed, train: [], emit, ...options }), events };
}

const saying = (text: string): Candidate => ({ 'answer.instructions': { kind: 'text', text } });
const draft = (changes: Candidate) => ({ changes, origin: 'a test' });

test('a proposal becomes a whole candidate with its origin, and an event', () => {
  const { admit, origins, events } = open();
  const [candidate] = admit([draft(saying('Put {{ticket}} where it belongs.'))], seed);
  expect(candidate).toEqual({ ...seed, ...saying('Put {{ticket}} where it belongs.') });
  const hash = hashCandidate(candidate ?? {});
  expect(origins.get(hash)).toEqual({ parent: hashCandidate(seed), origin: 'a test' });
  expect(events).toEqual([
    { type: 'candidate-proposed', candidate: hash, parent: hashCandidate(seed), origin: 'a test' },
  ]);
});

test.each<{ what: string; changes: Candidate; reason: RegExp }>([
  {
    what: 'a parameter that the program does not have',
    changes: { 'answer.model': { kind: 'choice', value: 'gpt' } },
    reason: /no parameter "answer.model"/,
  },
  {
    what: 'a parameter of another kind',
    changes: { 'answer.format': { kind: 'text', text: 'chat' } },
    reason: /choice/,
  },
  { what: 'an empty text', changes: saying('  '), reason: /empty/ },
  { what: 'a text without its slot', changes: saying('Sort it.'), reason: /slots/ },
  { what: 'a text with an invented slot', changes: saying('{{ticket}} {{score}}'), reason: /slots/ },
  {
    what: 'a layout that does not exist',
    changes: { 'answer.format': { kind: 'choice', value: 'xml' } },
    reason: /xml/,
  },
  { what: 'the seed itself', changes: {}, reason: /before/ },
])('$what is refused, and an event says why', ({ changes, reason }) => {
  const { admit, events } = open();
  expect(admit([draft(changes)], seed)).toEqual([]);
  expect(events).toEqual([
    { type: 'candidate-rejected', origin: 'a test', reason: expect.stringMatching(reason) },
  ]);
});

test('nothing is proposed twice, whoever its parent is', () => {
  const { admit } = open();
  const [first = seed] = admit([draft(saying('First {{ticket}}.'))], seed);
  const [second = seed] = admit([draft(saying('Second {{ticket}}.'))], first);
  expect(admit([draft(saying('First {{ticket}}.'))], seed)).toEqual([]);
  expect(admit([draft(saying('First {{ticket}}.'))], second)).toEqual([]);
});

test('a text that quotes eight words of a training row is refused', () => {
  const ticket = 'my invoice shows the wrong amount for the third time';
  const { admit } = open({ train: [{ id: '1', inputs: { ticket } }] });
  const quote = 'Sort {{ticket}}. Example: invoice shows the wrong amount for the third is billing.';
  expect(admit([draft(saying(quote))], seed)).toEqual([]);
  expect(admit([draft(saying('Sort {{ticket}}. An invoice is billing.'))], seed)).toHaveLength(1);
});

test('the limit on candidates holds, counted in order', () => {
  const { admit, events } = open({ maxCandidates: 2 });
  const drafts = ['A', 'B', 'C'].map((name) => draft(saying(`${name} {{ticket}}`)));
  expect(admit(drafts, seed)).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({ type: 'candidate-rejected', reason: expect.stringContaining('2') });
});
