import { expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { scriptedProject } from './scripted-project.ts';

const project = () =>
  scriptedProject(async (answer) => {
    const server = await openLoopbackServer(({ body }, index) => ({
      body: chatCompletion(answer(body, index)),
    }));
    return Object.assign(server, { requests: server.requests });
  });

test('--list says of every optimizer what it does, needs and costs, and calls nothing', async () => {
  await using hone = await project();
  const { code, output, errors } = await hone.hone('optimize --list');
  expect({ code, errors: errors(), calls: hone.server.count }).toEqual({ code: 0, errors: '', calls: 0 });
  const gepa = /^gepa\n[\s\S]*?\n\n/m.exec(output())?.[0];
  expect(gepa).toContain('needs          a text to rewrite, rows with the right answer, a reflection model');
  expect(gepa).toMatch(/task calls {5}rows \+ rewritings/);
  expect(gepa).toMatch(/defaults .*merges = 5/);
  expect(output()).toMatch(/^labeled-few-shot$/m);
  expect(output()).not.toContain('[object');
});

test('--list --json is one document with the same', async () => {
  await using hone = await project();
  const { optimizers } = JSON.parse((await hone.hone('optimize --list --json')).output());
  expect(optimizers.map(({ name }: { name: string }) => name)).toContain('bootstrapRandomSearch');
  expect(optimizers[0]).toMatchObject({
    name: 'ape',
    flag: 'ape',
    needs: ['a text to rewrite', 'rows with the right answer', 'a reflection model'],
    cost: { task: expect.stringContaining('validation') },
    defaults: { subsets: 5 },
    example: { task: expect.any(Number), reflection: 156 },
  });
});

test('--list --optimizer shows that one, with the options that it has', async () => {
  await using hone = await project();
  const { output } = await hone.hone('optimize --list --optimizer labeled-few-shot:{demos:4} --json');
  const { optimizers } = JSON.parse(output());
  expect(optimizers.map(({ name }: { name: string }) => name)).toEqual(['labeledFewShot']);
});

test.each([
  ['--list prompt.md', 'prompt.md'],
  ['--list --data rows.csv', '--data'],
  ['--show-prompts --max-calls 10', '--max-calls'],
  ['--list --show-prompts', '--show-prompts'],
])('%s is refused rather than half ignored', async (flags, named) => {
  await using hone = await project();
  const { code, errors, output } = await hone.hone(`optimize ${flags}`);
  expect(code).toBe(2);
  expect(output()).toBe('');
  expect(errors()).toContain(`so ${named} means nothing beside it`);
});

test('--show-prompts shows what is sent, what is shown with it and what comes back', async () => {
  await using hone = await project();
  const { code, output } = await hone.hone('optimize --show-prompts --optimizer opro');
  expect(code).toBe(0);
  expect(output()).toMatch(/^opro: \w+\n {2}\S.*[\s\S]*It is shown\n[\s\S]*It answers\n/);
  const all = JSON.parse((await hone.hone('optimize --show-prompts --json')).output()).optimizers;
  expect(all.length).toBeGreaterThan(20);
  const gepa = all.find(({ optimizer }: { optimizer: string }) => optimizer === 'gepa');
  expect(gepa.prompts[0].outputs.map(({ name }: { name: string }) => name)).toEqual(['diagnosis', 'text']);
});

test('--show-prompts of a name that is none says which there are', async () => {
  await using hone = await project();
  const { code, errors } = await hone.hone('optimize --show-prompts --optimizer gepe');
  expect(code).toBe(2);
  expect(errors()).toContain('Did you mean gepa?');
  const target = await hone.hone('optimize triage --show-prompts');
  expect(target.code).toBe(2);
  expect(target.errors()).toContain('"triage" is no target');
});

test('instructions that a config puts in the place of a prompt are shown, and are what is sent', async () => {
  await using hone = await project();
  hone.write(
    'hone.config.yaml',
    `targets:
  sort:
    prompt: prompt.md
    dataset: { file: rows.csv, expected: [kind] }
    optimizer: 'metaPrompt: {rounds: 1, drafts: 2, prompts: {improve: "Write haiku about fruit."}}'
`,
  );
  const shown = await hone.hone('optimize sort --show-prompts');
  expect(shown.output()).toContain('meta-prompt: improve\n  Write haiku about fruit.\n');
  const reflection = `openai-compatible:${hone.server.baseUrl}#reflector`;
  const ran = await hone.hone(`optimize sort ${hone.remote} --reflection-model ${reflection}`);
  expect(ran.code).toBe(0);
  const asked = hone.server.requests.filter(({ body }) => body.model === 'reflector');
  expect(asked.length).toBeGreaterThan(0);
  expect(JSON.stringify(asked[0]?.body)).toContain('Write haiku about fruit.');
});
