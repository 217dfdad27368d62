import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importPromptfoo } from './import-promptfoo.ts';
import { readYaml } from './promptfoo-files.ts';
import { openTemplateRenderer, slotsOfTemplate } from './slots-of-template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-promptfoo-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const taken = async (yaml: string) => {
  const plan = await importPromptfoo(readYaml(yaml), { file: 'promptfooconfig.yaml', folder });
  const file = (name: string) => plan.files.find((each) => each.name === name)?.text ?? '';
  const rows = (name = 'rows.jsonl') =>
    file(name)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...plan, config: file('hone.config.ts'), rows, told: plan.notes.join('\n') };
};

describe('a template', () => {
  const vars = { name: 'Ann', user: { city: 'Rome' }, list: ['a', 'b'], formal: false };

  test.each([
    'Hello {{ name }}!',
    'Hello {{name | upper}} of {{ user.city }} and {{ user.city }}.',
    '{% if formal %}Dear{% else %}Hi{% endif %} {{name}}: {% for x in list %}<{{ x }}>{% endfor %}.',
    'A {# note #}{{ name }} with { braces } and "quotes"',
    '{% set who = name %}Hi {{ who }}',
    'C:\\{{ name }} and \\{{ name }}',
    '{% raw %}{{ name }}{% endraw %}',
    'no end {% if formal %} {{ name }',
  ])('with slots and columns says what it said: %s', async (template) => {
    const { text, computed } = slotsOfTemplate(template, new Set(Object.keys(vars)));
    const renderer = await openTemplateRenderer();
    const columns = Object.fromEntries(
      computed.map(({ name, source }) => [name, renderer.render(source, vars)]),
    );
    const values: Record<string, unknown> = { ...vars, ...columns };
    const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
    const broken = template.startsWith('no end');
    expect(filled).toBe(broken ? template : renderer.render(template, vars));
    expect(computed.length).toBeLessThanOrEqual(2);
  });
});

test('prompts, providers, tests and checks become a config with rows', async () => {
  write('chat.json', '[{"role":"system","content":"Be {{ tone }}."},{"role":"user","content":"{{q}}"}]');
  write(
    'tests.csv',
    'q,tone,__expected,__expected2\n"A, b?",kind,42,javascript: output.length < context.vars.most\n',
  );
  const { config, rows, told, files } = await taken(`
prompts: [file://chat.json]
providers: [{id: 'openai:chat:gpt-5-mini', config: {temperature: 0.2, max_tokens: 99}}]
defaultTest: {vars: {most: 9}, assert: [{type: not-contains, value: 'I am {{tone}}', weight: 2}]}
tests: tests.csv
`);
  expect(files.map(({ name }) => name)).toEqual(['hone.config.ts', 'rows.jsonl']);
  expect(rows()).toEqual([
    {
      q: 'A, b?',
      tone: 'kind',
      answer: '42',
      vars: { most: 9 },
      assertions: [
        { type: 'contains', value: 'I am kind', not: true, weight: 2 },
        { type: 'equals', value: '42' },
        { type: 'javascript', value: 'check1' },
      ],
    },
  ]);
  expect(config).toContain('model: "openai/gpt-5-mini"');
  expect(config).toContain('temperature: 0.2,');
  expect(config).toContain('{ instructions: "Be {{tone}}." }');
  expect(config).toContain('output.length < context.vars.most');
  expect(config).toContain('expected: ["answer", "vars", "assertions"]');
  expect(told).toContain('Checks and transforms in code (1) stand in hone.config.ts and were not run');
});

test('lists of variables, files of them and scenarios stand for a row each', async () => {
  write('vars/b.txt', 'two');
  write('vars/a.txt', 'one\n');
  const listed = await taken(`
prompts: ['{{x}} {{y}} {{z}}']
tests: [{vars: {x: [1a, 2a], y: 'file://vars/*.txt', z: [1, 2]}, assert: [{type: contains, value: '{{y}}'}]}]
`);
  expect(listed.rows().map(({ x, y, z }) => [x, y, z])).toEqual([
    ['1a', 'one', [1, 2]],
    ['1a', 'two', [1, 2]],
    ['2a', 'one', [1, 2]],
    ['2a', 'two', [1, 2]],
  ]);
  const played = await taken(`
prompts: ['{{x}} {{y}}']
scenarios: [{config: [{vars: {x: a}}, {vars: {x: b}}], tests: [{vars: {y: 1}}, {vars: {y: 2, x: c}}]}]
`);
  expect(played.rows().map(({ x, y }) => `${x}${y}`)).toEqual(['a1', 'c2', 'b1', 'c2']);
});

test('what has no counterpart is listed, each thing of it', async () => {
  write('gen.js', 'process.exit(7)');
  const { told, rows } = await taken(`
prompts:
  - '{{q}}'
  - file://gen.js
  - '[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"{{q}}"}]'
  - {raw: 'Say {{q}}', label: mine, config: {response_format: x}}
providers: [bedrock:x.y, 'openai:gpt-5-mini', 'anthropic:messages:claude-x']
redteam: {plugins: [x]}
tests:
  - vars: {q: 1}
    provider: x
    threshold: 0.5
    options: {rubricPrompt: x, transform: 'file://gen.js'}
    assert:
      - {type: python, value: 'True'}
      - {type: python, value: 'False'}
      - {type: latency, threshold: 5}
      - {type: made-up}
      - {type: javascript, value: "output === '{{q}}'"}
      - {type: javascript, value: 'this is no code'}
      - {type: javascript, value: 'file://gen.js'}
      - {type: regex, value: '('}
      - {type: contains, value: file://gen.js}
      - {type: assert-set, assert: [{type: moderation}, {type: contains, value: a}]}
  - file://gen.js
`);
  for (const part of [
    'prompt-2 (gen.js) is made by code',
    'prompt-3 is a conversation of 3 turns',
    'config of the prompt mine',
    'The provider bedrock:x.y has no counterpart',
    'The provider anthropic:messages:claude-x is asked too',
    'redteam of the config',
    'provider of single tests',
    'A threshold or a scoring function of a whole test',
    'rubricPrompt of the options of tests',
    'A transform that is a file of code',
    'The check python (2 times): left out; write it in TypeScript',
    'The check latency (once)',
    'The check made-up (once): left out; it has no counterpart',
    'javascript with variables in its code (once): left out; write it with context.vars',
    'javascript that cannot be read (this is no code)',
    'javascript in a file (gen.js)',
    'regex "("',
    'The check contains by code (once)',
    'The check moderation (once)',
    'Tests of gen.js are made by code',
  ]) {
    expect(told).toContain(part);
  }
  expect(rows('rows-prompt-1.jsonl')[0]?.assertions).toEqual([
    { type: 'assert-set', assert: [{ type: 'contains', value: 'a' }] },
  ]);
});

test('what stands in another shape than usual is taken over all the same', async () => {
  write('v.yaml', 'q: from a file');
  write('p.csv', 'label,prompt\nL1,"One {{q}}"\nL2,"Two, {{q}}"\n');
  write('p.jsonl', 'Three {{q}}\nFour {{q}}\n');
  const { rows, told, config } = await taken(`
env: {NAME: bar}
prompts: ['A {{q}} {{ env.NAME }}{{ env.NONE }}', file://p.csv, file://p.jsonl]
common: {checks: [{type: contains, value: x}]}
weighty: &weighty {weight: 4}
defaultTest: {assert: {type: contains, value: 'a {{env.NAME}}'}}
tests:
  - {vars: [file://v.yaml], assert: {$ref: '#/common/checks/0', weight: 7}}
  - vars: {q: 1}
    assert:
      - {type: contains, value: c, weight: '2', threshold: '0.5'}
      - {type: is-json, value: "type: object\\nrequired: [a]"}
      - {type: assert-set, assert: {type: contains, value: z}, <<: *weighty}
`);
  const every = { type: 'contains', value: 'a bar' };
  expect(rows('rows-prompt-1.jsonl')).toMatchObject([
    { q: 'from a file', env_NAME: 'bar', assertions: [every, { type: 'contains', value: 'x', weight: 7 }] },
    {
      q: 1,
      assertions: [
        every,
        { type: 'contains', value: 'c', weight: 2, threshold: 0.5 },
        { type: 'is-json', value: { type: 'object', required: ['a'] } },
        { type: 'assert-set', weight: 4, assert: [{ type: 'contains', value: 'z' }] },
      ],
    },
  ]);
  for (const text of ['One {{q}}', 'Two, {{q}}', 'Three {{q}}', 'Four {{q}}'])
    expect(config).toContain(`userTemplate: ${JSON.stringify(text)}`);
  expect(told).toContain('env.NONE is no part of the config');
});

test('nothing of a setting, a check or a row is dropped without a word', async () => {
  write('t.csv', 'q,__expected\na,b,c\nd,e\n');
  const { told, rows } = await taken(`
prompts: ['{{q}}']
providers:
  - id: openai:gpt-5-mini
    transform: output.trim()
    config: {temperature: '{{t}}', max_tokens: '12', apiKeyEnvar: K}
evaluateOptions: {delay: 5}
defaultTest: {provider: x}
scenarios: [{config: [3, {vars: {q: 1}}], foo: 1}, nonsense]
tests:
  - t.csv
  - vars: {q: 1}
    assert:
      - {type: contains, value: a, config: {x: 1}, contextTransform: t}
      - {type: contains, value: b, weight: -1}
      - {type: contains, value: ''}
      - {type: contains-any, value: ', ,'}
      - {type: is-json, value: [1]}
      - {type: word-count, value: {most: 3}}
      - {type: assert-set}
  - {vars: [gen.py]}
`);
  for (const part of [
    'transform of the provider openai:gpt-5-mini',
    'apiKeyEnvar',
    'The temperature "{{t}}"',
    'The limit of tokens "12"',
    'delay of evaluateOptions',
    'provider of defaultTest',
    'A scenario that is no object ("nonsense")',
    'foo of scenarios',
    'A config of a scenario that is no object',
    't.csv, line 2: its cells do not fit the columns',
    'config, contextTransform of single checks',
    'The weight -1 of a check',
    'The check contains with an empty value',
    'The check contains-any with an empty list',
    'The check is-json with a value that is no JSON Schema',
    'The check word-count without min and max',
    'The check assert-set without checks',
    'Variables of tests that no file says ("gen.py")',
  ]) {
    expect(told).toContain(part);
  }
  expect(rows()[2]?.assertions).toEqual([
    { type: 'contains', value: 'a' },
    { type: 'contains', value: 'b' },
  ]);
});

test('a filter in code leaves its prompt out, and names that inputs have are not taken twice', async () => {
  const { told, config, rows } = await taken(`
prompts: ['{{ a | shout }}', '{{answer}} and {{assertions}} of {{vars}}']
tests: [{vars: {a: x, answer: y, assertions: z, vars: v}, assert: [{type: equals, value: k}]}]
`);
  expect(told).toContain('filter not found: shout');
  expect(config).toContain('assertions("reply", { column: "checks" })');
  expect(rows('rows-prompt-2.jsonl')).toEqual([
    { answer: 'y', assertions: 'z', vars: 'v', reply: 'k', checks: [{ type: 'equals', value: 'k' }] },
  ]);
});

test.each<[string, string, RegExp]>([
  ['no prompt', 'prompts: [file://gen.py]', /no prompt that can be taken over.*gen\.py/],
  ['a file that is missing', 'prompts: [file://none.txt]', /names the file none\.txt, which is not there/],
  ['a broken file of tests', "prompts: ['{{q}}']\ntests: file://broken.json", /broken\.json cannot be read/],
  ['no object', '[]', /holds no promptfoo config/],
  [
    'a check whose template is broken',
    "prompts: ['{{q}}']\ntests: [{assert: [{type: equals, value: '{{ q | shout }}'}]}]",
    /\{\{ q \| shout \}\}.* cannot be filled.*shout/,
  ],
  ['what refers to itself', "prompts: ['{{q}}']\nx: [{$ref: '#/x'}, {$ref: '#/x'}]", /refers to itself/],
  [
    'a reference to nothing',
    "prompts: ['{{q}}']\ntests: [{assert: [{$ref: '#/none'}]}]",
    /#\/none .*not there/,
  ],
  [
    'too many rows',
    `prompts: ['{{a}}']\ntests: [{vars: {${['a', 'b', 'c', 'd'].map((name) => `${name}: [${Array.from({ length: 50 }, (_, at) => `'${at}'`)}]`)}}}]`,
    /more than 100000 rows/,
  ],
])('a config with %s is refused, with the place', async (_, yaml, message) => {
  write('broken.json', '[{');
  await expect(taken(yaml)).rejects.toMatchObject({
    code: 'HONE_IMPORT_INVALID',
    message: expect.stringMatching(message),
  });
});
