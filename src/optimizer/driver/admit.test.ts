import { expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { OptimizationEvent } from '../optimizer.ts';
import { createGate, type GateOptions } from './admit.ts';
import { indexRows } from './index-rows.ts';

const program = predict(
  signature('ticket -> queue: "billing" | "access"', { instructions: 'Sort {{ticket}} into a queue.' }),
);
const { seed, shape } = program;

function open(options: Partial<GateOptions> = {}) {
  const events: OptimizationEvent[] = [];
  const emit = (event: OptimizationEvent) => events.push(event);
  const kept: Record<string, Candidate> = {};
  const keep = (hash: string, candidate: Candidate) => {
    kept[hash] = candidate;
  };
  const gate = createGate({ program: shape, seed, emit, keep, ...options });
  return { ...gate, events, kept };
}

const saying = (text: string): Candidate => ({ 'answer.instructions': { kind: 'text', text } });
const draft = (changes: Candidate, ...parents: Candidate[]) => ({
  changes,
  origin: 'a test',
  ...(parents.length > 0 && { parents }),
});

test('a proposal becomes a whole candidate with its origin, and an event', () => {
  const { admit, origins, events, kept } = open();
  const because = { rows: ['row-1'], note: 'It was vague.' };
  const candidate = { ...seed, ...saying('Put {{ticket}} where it belongs.') };
  const hash = hashCandidate(candidate);
  expect(admit([{ ...draft(saying('Put {{ticket}} where it belongs.')), because }])).toEqual([
    { status: 'admitted', candidate, hash },
  ]);
  const came = { parents: [hashCandidate(seed)], origin: 'a test', because };
  expect(origins.get(hash)).toEqual(came);
  expect(events).toEqual([{ type: 'candidate-proposed', candidate: hash, ...came }]);
  expect(kept).toEqual({ [hash]: candidate });
});

test.each<{ what: string; changes: Candidate; reason: RegExp }>([
  {
    what: 'a parameter that the program does not have',
    changes: { 'answer.model': { kind: 'choice', value: 'gpt' } },
    reason: /sets "answer\.model", which the program "answer" does not have/,
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
])('$what is refused, and an event says why', ({ changes, reason }) => {
  const { admit, events } = open();
  expect(admit([draft(changes)])).toEqual([{ status: 'rejected', reason: expect.stringMatching(reason) }]);
  expect(events).toEqual([
    { type: 'candidate-rejected', origin: 'a test', reason: expect.stringMatching(reason) },
  ]);
});

test('nothing is proposed twice, whoever its parent is', () => {
  const { admit, events } = open();
  const of = (name: string) => ({ ...seed, ...saying(`${name} {{ticket}}.`) });
  admit([draft(saying('First {{ticket}}.')), draft(saying('Second {{ticket}}.'), of('First'))]);
  expect(
    admit([
      draft({}),
      draft(saying('First {{ticket}}.')),
      draft(saying('First {{ticket}}.'), of('Second')),
    ]).map(({ status }) => status),
  ).toEqual(['known', 'known', 'known']);
  expect(events).toHaveLength(2);
});

test('a text that quotes eight words of a training row is refused', async () => {
  const ticket = 'my invoice shows the wrong amount for the third time';
  const { admit } = open({ rows: await indexRows([{ id: '1', inputs: { ticket } }], shape) });
  const quote = 'Sort {{ticket}}. Example: invoice shows the wrong amount for the third is billing.';
  expect(
    admit([draft(saying(quote)), draft(saying('Sort {{ticket}}. An invoice is billing.'))]).map(
      ({ status }) => status,
    ),
  ).toEqual(['rejected', 'admitted']);
});

test('what is admitted can be changed by nobody', () => {
  const { admit, candidateOf } = open();
  const [admission] = admit([draft(saying('Mine {{ticket}}.'))]);
  if (admission?.status !== 'admitted') throw new TypeError('It is admitted.');
  expect(() => Object.assign(admission.candidate, saying('Yours {{ticket}}.'))).toThrow(TypeError);
  expect(candidateOf(admission.hash)).toBe(admission.candidate);
});

test('the limit on candidates holds, counted in order', () => {
  const { admit, events } = open({ maxCandidates: 2 });
  const drafts = ['A', 'B', 'C'].map((name) => draft(saying(`${name} {{ticket}}`)));
  expect(admit(drafts).map(({ status }) => status)).toEqual(['admitted', 'admitted', 'rejected']);
  expect(events.at(-1)).toMatchObject({ type: 'candidate-rejected', reason: expect.stringContaining('2') });
});

test.each([
  'Sort {{ticket}} into a queue.\n',
  '\n Sort {{ticket}} into a queue. \r\n',
  'Sort {{ticket}} into a queue.   ',
])('the seed with other white space at its ends is the seed: %j', (text) => {
  const { admit, admitWhole, origins } = open();
  const known = { status: 'known', candidate: seed, hash: hashCandidate(seed) };
  expect(admit([draft(saying(text))])).toEqual([known]);
  expect(admitWhole({ ...seed, ...saying(text) }, 'a test')).toEqual(known);
  expect(origins.size).toBe(0);
});

test('texts that differ inside a line, or in an empty line, are different', () => {
  const { admit } = open();
  const texts = ['Sort {{ticket}}  into a queue.', 'Sort\n{{ticket}}', 'Sort\n\n{{ticket}}'];
  expect(admit(texts.map((text) => draft(saying(text)))).map(({ status }) => status)).toEqual([
    'admitted',
    'admitted',
    'admitted',
  ]);
});

test.each<unknown>([{ 'answer.instructions': 'Sort {{ticket}}.' }, { 'answer.demos': undefined }, null])(
  'changes of another form are refused with a reason: %j',
  (changes) => {
    const { admit, events } = open();
    expect(admit([draft(changes as Candidate)])).toMatchObject([{ status: 'rejected' }]);
    expect(events).toMatchObject([{ type: 'candidate-rejected' }]);
  },
);

test('demos of long rows are refused with a reason before they grow a prompt without bound', () => {
  const demosOf = (length: number): Candidate => ({
    'answer.demos': {
      kind: 'demos',
      sets: [
        {
          demos: Array.from({ length: 8 }, () => ({
            inputs: { ticket: 'x'.repeat(length) },
            outputs: { queue: 'billing' },
          })),
        },
      ],
    },
  });
  const { admit, events } = open();
  expect(admit([draft(demosOf(20_000)), draft(demosOf(30_000))]).map(({ status }) => status)).toEqual([
    'admitted',
    'rejected',
  ]);
  expect(events.at(-1)).toMatchObject({
    type: 'candidate-rejected',
    reason: expect.stringMatching(/set 1 has 24\d{4} characters of demos, more than the 200000 allowed/),
  });
});
