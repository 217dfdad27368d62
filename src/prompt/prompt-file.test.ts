import { describe, expect, it, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { createRandom, type Random } from '../base/random.ts';
import { signatureOfColumns } from '../signature/shorthand.ts';
import { adapterOf } from './adapters.ts';
import { type Candidate, type DemoSet, hashCandidate, parameterOf } from './candidate.ts';
import {
  formatPromptFile,
  type PromptFile,
  parsePromptFile,
  promptFileCandidate,
  withCandidate,
} from './prompt-file.ts';

const file = 'prompt.md';
const parse = (text: string, columns?: readonly string[]) => parsePromptFile(text, { file, columns });

describe('a prompt file', () => {
  test.each<[string, string, Partial<PromptFile>]>([
    ['without slots is instructions', 'Classify the ticket.\n', { instructions: 'Classify the ticket.' }],
    [
      'with slots is the user section',
      '\nSort: {{ticket}}\n\n',
      { instructions: '', user: 'Sort: {{ticket}}' },
    ],
    ['may be empty', ' \n\n', {}],
    [
      'may have both sections',
      'system:\nBe brief.\n\nuser:\n\n{{ticket}}\n',
      { instructions: 'Be brief.', user: '{{ticket}}' },
    ],
    [
      'may have them in the other order, on the line of the name',
      'user: {{ticket}}\nsystem: Be brief.',
      { instructions: 'Be brief.', user: '{{ticket}}' },
    ],
    ['may have slots in a system section alone', 'system:\nFor {{tier}}', { instructions: 'For {{tier}}' }],
    [
      'may come from Windows',
      '\uFEFF---\r\nmodel: m\r\n---\r\nA\r\nB\r\n',
      { model: 'm', instructions: 'A\nB' },
    ],
    [
      'keeps a dialogue as text',
      'Continue.\nuser: hello\nassistant: hi',
      { instructions: 'Continue.\nuser: hello\nassistant: hi' },
    ],
    [
      'keeps lines with a backslash as text',
      '\\system:\nA\n\\user: x\n\\\\user: y\n\\z',
      { instructions: 'system:\nA\nuser: x\n\\user: y\n\\z' },
    ],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual({ demos: [], ...expected });
  });

  it('says model, outputs and scorer in its front matter', () => {
    expect(parse('---\nmodel: openai/gpt-5-mini\noutputs: category\nscorer: exactMatch\n---\nDo.')).toEqual({
      model: 'openai/gpt-5-mini',
      outputs: [{ name: 'category' }],
      scorer: { name: 'exactMatch', options: {} },
      instructions: 'Do.',
      demos: [],
    });
    const { outputs, scorer } = parse(
      '---\noutputs:\n  size: [1, 2]\n  mood: {choices: [yes, no], description: how}\n  sure: number\nscorer: {name: numeric, tolerance: 0.1}\n---\n',
    );
    expect(outputs).toEqual([
      { name: 'size', choices: ['1', '2'] },
      { name: 'mood', choices: ['yes', 'no'], description: 'how' },
      { name: 'sure', type: 'number' },
    ]);
    expect(scorer).toEqual({ name: 'numeric', options: { tolerance: 0.1 } });
  });

  test.each([
    [
      'an unknown setting',
      '---\nmodel: a\nscorrer: b\n---\n',
      /prompt\.md, line 3, column 1: there is no setting “scorrer”/,
    ],
    ['broken YAML', '---\nmodel: "a\n---\n', /prompt\.md, line \d+, column \d+: /],
    [
      'a setting of the wrong kind',
      '---\nformat: xml\n---\n',
      /line 2, column 9: “format” is not one of chat, json/,
    ],
    ['a front matter without end', '---\nmodel: a\n', /line 1: the front matter has no end/],
    [
      'a front matter that is a list',
      '---\n- a\n---\n',
      /line 2, column 1: the front matter is no list of settings/,
    ],
    ['two system sections', 'system:\na\nsystem:\nb', /line 3: there is a second “system:”/],
    ['text before the sections', '\nHello\nsystem:\nb', /line 2: there is text before the “system:”/],
    ['demos without end', 'a\n```demos\n- inputs: {}\n', /line 2: the demos have no end/],
    ['text after the demos', 'a\n```demos\n```\nb', /line 4: there is text after the demos/],
    [
      'a demo without outputs',
      'a\n\n```demos\n- inputs:\n    t: x\n```',
      /line 4, column 3: the demos are wrong at 0\.outputs/,
    ],
    ['broken YAML in demos', 'a\n```demos\n- {\n```', /line 3|line 4/],
  ])('is refused with the place for %s', (_, text, message) => {
    try {
      parse(text);
      expect.unreachable();
    } catch (thrown) {
      expect(HoneError.isInstance(thrown) && thrown.code).toBe('HONE_PROMPT_INVALID');
      expect((thrown as HoneError).message).toMatch(message);
      expect((thrown as HoneError).hint).toBeTruthy();
    }
  });

  it('is refused for a slot without a column, with the line in the file', () => {
    const text = '---\nmodel: a\n---\nsystem:\nHi\n\nuser:\nSee {{tickets}}';
    expect(() => parse(text, ['ticket'])).toThrow('prompt.md, line 8, column 5');
    expect(() => parse(text, ['tickets'])).not.toThrow();
  });
});

describe('a written prompt file', () => {
  const winner: PromptFile = {
    model: 'local/smollm2-135m-instruct',
    instructions: 'Classify the support ticket.',
    format: 'completion',
    calibration: { billing: -0.25, refunds: 0.5 },
    demos: [
      {
        demos: [
          { inputs: { ticket: 'Charged twice:\n  why?' }, outputs: { category: 'billing' }, source: 'row-7' },
        ],
      },
    ],
  };

  it('is readable', () => {
    expect(formatPromptFile(winner)).toBe(`---
model: local/smollm2-135m-instruct
format: completion
calibration:
  billing: -0.25
  refunds: 0.5
---

Classify the support ticket.

\`\`\`demos
- inputs:
    ticket: |-
      Charged twice:
        why?
  outputs:
    category: billing
  source: row-7
\`\`\`
`);
  });

  it('names the sets of an ensemble', () => {
    const sets: readonly DemoSet[] = [
      { demos: [], weight: 2 },
      { demos: winner.demos[0]?.demos ?? [], format: 'channel', offsets: { billing: 1 } },
    ];
    const text = formatPromptFile({ ...winner, demos: sets });
    expect(text).toContain('sets:\n- weight: 2\n  demos: []\n- format: channel');
    expect(parse(text).demos).toEqual(sets);
  });

  it('takes the parameters of a candidate and refuses what it has no place for', () => {
    const changed = withCandidate(winner, { 'answer.user': { kind: 'text', text: '{{ticket}}' } });
    expect(changed).toEqual({ ...winner, user: '{{ticket}}' });
    expect(() => withCandidate(winner, { 'other.demos': { kind: 'demos', sets: [] } })).toThrow(
      /other\.demos/,
    );
    expect(() => withCandidate(winner, { 'answer.demos': { kind: 'text', text: '' } })).toThrow(
      /answer\.demos/,
    );
  });

  it('gives back the same parameters and messages, whatever the text', () => {
    const random = createRandom('prompt files');
    for (let round = 0; round < 600; round += 1) {
      const candidate = randomCandidate(random.fork(`round ${round}`));
      const text = formatPromptFile(withCandidate({ demos: [] }, candidate));
      const read = promptFileCandidate(parse(text));
      expect(read, text).toEqual(candidate);
      expect(hashCandidate(read)).toBe(hashCandidate(candidate));
      expect(messagesOf(read)).toEqual(messagesOf(candidate));
    }
  });
});

const signature = signatureOfColumns({
  inputs: [{ name: 'ticket' }, { name: 'tier' }],
  outputs: [{ name: 'category', choices: ['a', 'b'] }],
});

function messagesOf(candidate: Candidate) {
  const sets = parameterOf(candidate, 'answer.demos', 'demos')?.sets ?? [];
  return sets.map(({ demos }) =>
    adapterOf(parameterOf(candidate, 'answer.format', 'choice')?.value ?? 'chat').render({
      signature,
      instructions: parameterOf(candidate, 'answer.instructions', 'text')?.text ?? '',
      userTemplate: parameterOf(candidate, 'answer.user', 'text')?.text,
      demos,
      inputs: { ticket: 'row' },
    }),
  );
}

const pieces = [
  'word',
  'system:',
  'user:',
  'user: x',
  '---',
  '```',
  '```demos',
  '````',
  '- a: b',
  '{{ticket}}',
  '{',
  '}',
  '"',
  "'",
  ': ',
  ' #',
  '\\',
  '\n',
  '\n',
  '\n\n',
  ' ',
  '  ',
  '\t',
  '|',
  '>',
  '&a',
  '*a',
  '!!x',
  '%',
  '@',
  'é',
  '😀',
  '\r\n',
  '\u0000',
  '\u2028',
  '\uFEFF',
  'null',
  'yes',
  '1e3',
  '0x1f',
  '~',
  '?',
  '...',
];

function randomText(random: Random): string {
  return Array.from({ length: random.integer(9) }, () => pieces[random.integer(pieces.length)]).join('');
}

function randomCandidate(random: Random): Candidate {
  const value = (): Json => {
    const kind = random.integer(8);
    if (kind === 0) return random.integer(1000) / 8;
    if (kind === 1) return [randomText(random), null, true];
    if (kind === 2) return { [randomText(random)]: 1.5e-9 };
    return randomText(random);
  };
  const demo = () => ({
    inputs: { ticket: value(), [randomText(random) || 'tier']: value() },
    outputs: { category: value() },
    ...(random.integer(2) === 0 && { source: randomText(random) }),
  });
  const demos = () => Array.from({ length: random.integer(3) }, demo);
  const set = (): DemoSet => ({
    ...(random.integer(3) === 0 && { format: 'json' as const }),
    ...(random.integer(3) === 0 && { weight: 1 + random.integer(9) / 10 }),
    ...(random.integer(3) === 0 && { offsets: { [randomText(random)]: -random.next() } }),
    demos: demos(),
  });
  return {
    'answer.instructions': { kind: 'text', text: randomText(random) },
    ...(random.integer(2) === 0 && { 'answer.user': { kind: 'text' as const, text: randomText(random) } }),
    'answer.demos': { kind: 'demos', sets: Array.from({ length: random.integer(3) }, set) },
    ...(random.integer(2) === 0 && { 'answer.format': { kind: 'choice' as const, value: 'completion' } }),
    ...(random.integer(2) === 0 && {
      'answer.calibration': {
        kind: 'calibration' as const,
        offsets: { [randomText(random)]: random.next() - 0.5 },
      },
    }),
  };
}

it('names its inputs, alone or in a list, in the order in which they are shown', () => {
  const read = (inputs: string) => parsePromptFile(`---\ninputs: ${inputs}\n---\nSay it.`, { file: 'p.md' });
  expect(read('ticket').inputs).toEqual(['ticket']);
  const two = read('[tier, ticket]');
  expect(two.inputs).toEqual(['tier', 'ticket']);
  expect(parsePromptFile(formatPromptFile(two), { file: 'p.md' })).toEqual(two);
});
