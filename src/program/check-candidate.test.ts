import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { completeCandidate } from './check-candidate.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const program = predict(
  signature('ticket -> category: "billing" | "refunds"', { instructions: 'Sort the ticket.' }),
);
const { shape, seed } = program;
const check = { program: shape, seed };

test('a part is completed by the seed, a whole candidate stays the same object', () => {
  const part: Candidate = { 'answer.instructions': { kind: 'text', text: 'Name the category.' } };
  expect(completeCandidate(part, check)).toEqual({ ...seed, ...part });
  const whole = { ...seed, ...part };
  expect(completeCandidate(whole, check)).toBe(whole);
});

describe.each<{ what: string; candidate: unknown; message: RegExp; hint?: RegExp }>([
  {
    what: 'a name that the program does not have',
    candidate: { 'answer.instruction': { kind: 'text', text: 'x' } },
    message: /sets "answer\.instruction", which the program "answer" does not have/,
    hint: /Did you mean answer\.instructions\? The parameters of "answer" are answer\.instructions, answer\.demos/,
  },
  {
    what: 'the names of another step',
    candidate: { 'prompt.demos': { kind: 'demos', sets: [] }, 'prompt.user': { kind: 'text', text: 'x' } },
    message: /sets "prompt\.demos", "prompt\.user"/,
    hint: /Did you mean answer\.demos\?/,
  },
  {
    what: 'another kind',
    candidate: { 'answer.format': { kind: 'text', text: 'chat' } },
    message: /answer\.format is a choice and cannot become a text/,
  },
  {
    what: 'a plain text instead of a parameter',
    candidate: { 'answer.instructions': 'Sort.' },
    message: /answer\.instructions is wrong/,
  },
  {
    what: 'a text without its text',
    candidate: { 'answer.instructions': { kind: 'text' } },
    message: /answer\.instructions\.text is wrong/,
  },
  {
    what: 'undefined',
    candidate: { 'answer.instructions': undefined },
    message: /answer\.instructions is wrong/,
  },
  {
    what: 'a value that is no option',
    candidate: { 'answer.format': { kind: 'choice', value: 'yaml' } },
    message: /answer\.format cannot be “yaml”, only one of/,
  },
  {
    what: 'a demo with an answer that is not allowed',
    candidate: {
      'answer.demos': {
        kind: 'demos',
        sets: [{ demos: [{ inputs: { ticket: 'a' }, outputs: { category: 'spam' } }] }],
      },
    },
    message: /set 1, demo 1 answers "spam" for category, which is not allowed/,
  },
  { what: 'a list', candidate: [], message: /no object of parameters/ },
  { what: 'a text', candidate: 'x', message: /no object of parameters/ },
  { what: 'null', candidate: null, message: /no object of parameters/ },
])('$what is refused', ({ candidate, message, hint = /The parameters of "answer" are/ }) => {
  const expected = {
    code: 'HONE_CANDIDATE_INVALID',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  };

  test('by the check', () => {
    let thrown: unknown;
    try {
      completeCandidate(candidate as Candidate, check);
    } catch (error) {
      thrown = error;
    }
    expect(HoneError.isInstance(thrown)).toBe(true);
    expect(thrown).toMatchObject(expected);
  });

  test('by a program that is run with it', async () => {
    await expect(
      program.run({ ticket: 'a' }, { candidate: candidate as Candidate, model: 'openai/none' }),
    ).rejects.toMatchObject(expected);
  });
});

test('a program takes its own part of what the program around it was given, and of nothing else', async () => {
  const other = predict(signature('ticket -> note', { instructions: 'Note.' }), { name: 'note' });
  const both = pipeline([other, program]);
  const whole = { ...both.seed };
  expect(both.calls(whole).typical).toBe(2);
  expect(() => program.calls(whole)).toThrow(/sets "note\.instructions"/);
  expect(() => other.calls(whole)).toThrow(/sets "answer\.instructions"/);
});

test('a parameter that nobody gives is named', () => {
  const { 'answer.demos': _, ...rest } = seed;
  expect(() => completeCandidate(rest, { program: shape, seed: rest })).toThrow(/lacks "answer\.demos"/);
});

test('a field that is undefined is left out', () => {
  const demo = {
    inputs: { ticket: 'a', mail: undefined },
    outputs: { category: 'billing' },
    source: undefined,
  };
  const candidate = { 'answer.demos': { kind: 'demos', sets: [{ demos: [demo], format: undefined }] } };
  expect(() => completeCandidate(candidate as unknown as Candidate, check)).not.toThrow();
});

test('what the seed has is right, whatever it is', () => {
  const odd: Candidate = { ...seed, 'answer.format': { kind: 'choice', value: 'own' } };
  expect(completeCandidate({ ...odd }, { program: shape, seed: odd })).toEqual(odd);
});
