import { afterAll, beforeAll, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
beforeAll(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterAll(() => project[Symbol.asyncDispose]());

test('hone eval shows what was mistaken for what, repeated answers and slices, in text, Markdown and JSON', async () => {
  const { task, hone } = project;
  const ran = await hone(`eval ${task} --trials 2 --by kind -o figures.md`);
  expect(ran.code).toBe(0);
  const text = ran.output();
  expect(text).toMatch(/lowest 0\.00, lowest tenth to 0\.00/);
  expect(text).toMatch(/kind\s+accuracy 0\.50, macro F1 0\.33, micro F1 0\.50, balanced accuracy 0\.50/);
  expect(text).toMatch(/mistaken: \w+ → \w+ 50/);
  expect(text).toMatch(/several answers\s+of 2: one right 0\.50, all right 0\.50/);
  expect(text).toMatch(/by kind\s+score/);
  expect(text).toMatch(/(fruit|vegetable): 1\.00 \(/);
  const markdown = project.read('figures.md');
  expect(markdown).toContain('| Scorer | Mean | 95 % interval | Deviation | Lowest | Lowest tenth |');
  expect(markdown).toContain('macro F1 0.33');
  expect(markdown).toContain('By kind, in brackets');
  const json = JSON.parse((await hone(`eval ${task} --trials 2 --by kind --json`)).output());
  expect(json.aggregates).toMatchObject({
    classifications: [{ field: 'kind', rows: 100, accuracy: 0.5, unread: 0 }],
    passAtK: [{ k: 1 }, { k: 2, anyRight: 0.5, allRight: 0.5 }],
    slices: { field: 'kind', pooledValues: 0, slices: [{ rows: 50 }, { rows: 50 }] },
  });
});

test('a field that no row has is said, not passed over', async () => {
  const ran = await project.hone(`eval ${project.task} --by colour`);
  expect(ran.output()).toContain('No row has an input or expected field “colour”');
});

test('where nothing was compared, that is said', async () => {
  project.write('open.csv', 'text,kind\nan apple,\na carrot,\n');
  project.write(
    'open.md',
    '---\ninputs: [text]\noutputs: { kind: [fruit, vegetable] }\n---\nSay what it is.\n',
  );
  const ran = await project.hone(`eval open.md --data open.csv ${project.remote}`);
  expect(ran.output(), ran.errors()).toContain('No row has a score: the scorer applied to none');
});
