import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { type AskedBody, type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject<LoopbackServer>;
beforeEach(async () => {
  project = await scriptedProject((answer: (body: AskedBody, index: number) => string) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterEach(() => project[Symbol.asyncDispose]());

test('a promptfoo config is taken over, and evaluated with its own checks', async () => {
  project.write(
    'promptfooconfig.yaml',
    `prompts: ['Name {{ thing | upper }}{% if short %} in one word{% endif %}.']
defaultTest: {assert: [{type: javascript, value: 'output.length < 10', weight: 3}]}
tests:
  - {vars: {thing: apple, short: true}, assert: [{type: equals, value: fruit}]}
  - {vars: {thing: carrot}, assert: [{type: icontains, value: VEGETABLE}, {type: is-sql}]}
`,
  );
  const { output, code } = await project.hone('init --from promptfooconfig.yaml --into there');
  expect(code).toBe(0);
  expect(output()).toContain('wrote   there/hone.config.ts');
  expect(output()).toContain('The check is-sql (once): left out');
  expect(project.read('there/hone-import.md')).toContain('is-sql');
  const ran = await project.hone(
    `eval prompt-1 -c there/hone.config.ts -m test --base-url ${project.server.baseUrl} --json`,
  );
  expect(ran.errors()).not.toContain('error');
  const asked = project.server.requests.map(({ body }) => JSON.stringify(body.messages)).sort();
  expect(asked[0]).toContain('Name APPLE in one word.');
  expect(asked[1]).toContain('Name CARROT.');
  // Both are short enough (3 of 4), and the server says “fruit” to everything.
  expect(JSON.parse(ran.output()).summaries[0].mean).toBeCloseTo((1 + 0.75) / 2, 9);
});

test('nothing is overwritten, and the file of no tool is refused', async () => {
  project.write('promptfooconfig.yaml', "prompts: ['{{q}}']\n");
  expect((await project.hone('init --from promptfooconfig.yaml --into there')).code).toBe(0);
  const again = await project.hone('init --from promptfooconfig.yaml --into there');
  expect(again.code).toBe(2);
  expect(again.errors()).toContain('there/hone.config.ts, there/rows.jsonl would be overwritten');
  project.write('package.json', '{"name": "x"}');
  expect((await project.hone('init --from package.json')).errors()).toContain(
    'has no predictor of a DSPy program',
  );
  project.write('candidates.json', '[{"a": "b"}]');
  expect((await project.hone('init --from candidates.json')).errors()).toContain('importGepaCandidates');
  expect((await project.hone('init --from none.yaml')).errors()).toContain('There is no file none.yaml');
  expect((await project.hone('init --into x')).errors()).toContain('belong to --from');
});

test('a chat file becomes a prompt and rows that are evaluated at once', async () => {
  const line = (user: string, assistant: string, more: object[] = []) =>
    JSON.stringify({
      messages: [
        { role: 'system', content: 'Say what it is, not {{kind}}.' },
        { role: 'user', content: user },
        { role: 'assistant', content: assistant },
        ...more,
      ],
    });
  const lines = [
    line('an apple', 'fruit'),
    line('a carrot', 'vegetable'),
    line('x', 'y', [{ role: 'user', content: 'z' }]),
  ];
  project.write('chats.jsonl', `${lines.join('\n')}\n`);
  const { output, code } = await project.hone('init --from chats.jsonl --into there');
  expect(code).toBe(0);
  expect(output()).toContain(
    '1 of 3 conversations have several turns, tools or images, or no answer that counts: left out.',
  );
  const ran = await project.hone(
    `eval there/prompt.md --data there/rows.jsonl -m test --base-url ${project.server.baseUrl} --json`,
  );
  expect(ran.errors()).not.toContain('error');
  expect(JSON.parse(ran.output()).summaries[0].mean).toBe(0.5);
  expect(project.server.requests[0]?.body.messages).toEqual([
    { role: 'system', content: expect.stringMatching(/^Say what it is, not \{\{kind\}\}\./) },
    { role: 'user', content: 'an apple' },
  ]);
});

test('a saved DSPy program becomes a prompt file, and one of two predictors a config that runs', async () => {
  const predictor = (instructions: string, ...fields: string[]) => ({
    demos: [],
    signature: {
      instructions,
      fields: fields.map((name) => ({ prefix: `${name}:`, description: ['$', `{${name}}`].join('') })),
    },
    lm: null,
  });
  const sort = { ...predictor('Sort.', 'text', 'kind'), demos: [{ text: 'pea', kind: 'vegetable' }] };
  project.write('one.json', JSON.stringify(sort));
  await project.hone('init --from one.json --into one');
  const ran = await project.hone(
    `eval one/prompt.md --data rows.csv --first 2 -m test --base-url ${project.server.baseUrl} --json`,
  );
  expect(ran.errors()).not.toContain('error');
  expect(JSON.stringify(project.server.requests[0]?.body.messages)).toContain('pea');

  const program = { think: predictor('Think.', 'text', 'gist'), sort: predictor('Sort.', 'gist', 'kind') };
  project.write('two.json', JSON.stringify({ ...program, metadata: { dependency_versions: {} } }));
  const two = await project.hone('init --from two.json --into two');
  expect(two.output()).toContain('How the predictors are connected is Python code');
  project.write('two/rows.csv', project.read('rows.csv'));
  const plan = await project.hone(
    `eval program -c two/hone.config.ts --first 2 -m test --base-url ${project.server.baseUrl} --json`,
  );
  expect(plan.errors()).not.toContain('error');
  // Two rows with two steps each; the same gist is sorted once.
  expect(project.server.requests).toHaveLength(5);
});
