import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCandidate } from '../program/load-candidate.ts';
import { predict } from '../program/predict.ts';
import { signature } from '../signature/shorthand.ts';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject<LoopbackServer>;
beforeEach(async () => {
  project = await scriptedProject((answer: (body: AskedBody, index: number) => string) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterEach(() => project[Symbol.asyncDispose]());

const columns = '--data rows.csv --expected kind';
const saving = (candidate: object) =>
  project.write('own.candidate.json', JSON.stringify({ schemaVersion: 1, candidate }));

test('what the command line finds has the names that code uses', async () => {
  project.write('rows.csv', rowsText(200));
  await project.hone(`optimize ${project.task} -o best.candidate.json`);
  const text = project.read('best.candidate.json');
  expect(JSON.parse(text)).toMatchObject({
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    provenance: { run: expect.any(String), verdict: 'improved', is: 'the best that the search found' },
    program: { steps: [{ name: 'answer', outputs: [{ name: 'kind' }] }] },
  });
  const candidate = loadCandidate(text);
  const program = predict(signature('text -> kind: "a" | "b"', { instructions: 'Say what it is.' }));
  expect(Object.keys(candidate)).toContain('answer.instructions');
  for (const name of Object.keys(candidate)) expect(Object.keys(program.seed)).toContain(name);
});

test('a candidate whose step is called "prompt" is read as the one that is meant, with a note', async () => {
  saving({ 'prompt.instructions': { kind: 'text', text: 'Mark the kind.' } });
  const { output, errors, code } = await project.hone(
    `export prompt.md ${columns} --candidate own.candidate.json`,
  );
  expect(output()).toContain('Mark the kind.');
  expect(errors()).toContain(
    'note: own.candidate.json names its step "prompt" (prompt.instructions), which is called "answer" now: read as answer.instructions.',
  );
  expect(code).toBe(0);
});

test.each<{ what: string; candidate: object; message: RegExp }>([
  {
    what: 'a misspelled name',
    candidate: { 'answer.instruction': { kind: 'text', text: 'x' } },
    message: /own\.candidate\.json sets "answer\.instruction".*\n.*Did you mean answer\.instructions\?/,
  },
  {
    what: 'a step "prompt" with a part that no prompt file has',
    candidate: {
      'prompt.instructions': { kind: 'text', text: 'x' },
      'prompt.tone': { kind: 'text', text: 'y' },
    },
    message: /own\.candidate\.json sets "prompt\.instructions", "prompt\.tone"/,
  },
  {
    what: 'both names at once',
    candidate: {
      'prompt.instructions': { kind: 'text', text: 'x' },
      'answer.instructions': { kind: 'text', text: 'y' },
    },
    message: /own\.candidate\.json sets "prompt\.instructions"/,
  },
  {
    what: 'a layout that does not exist',
    candidate: { 'answer.format': { kind: 'choice', value: 'yaml' } },
    message: /own\.candidate\.json: answer\.format cannot be “yaml”/,
  },
])('$what is refused before anything is asked', async ({ candidate, message }) => {
  saving(candidate);
  for (const command of ['eval', 'export'] as const) {
    const flags = command === 'eval' ? project.task : `prompt.md ${columns}`;
    const { errors, code } = await project.hone(`${command} ${flags} --candidate own.candidate.json`);
    expect(errors()).toContain('HONE_CANDIDATE_INVALID');
    expect(errors()).toMatch(message);
    expect(code).toBe(2);
  }
  expect(project.server.count).toBe(0);
});
