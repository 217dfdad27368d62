import { join } from 'node:path';
import { createJiti } from 'jiti';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadPrompt } from '../config/load-prompt.ts';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

const openServer = (answer: (body: AskedBody, index: number) => string) =>
  openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) }));

let project: ScriptedProject<LoopbackServer>;
beforeEach(async () => {
  project = await scriptedProject(openServer);
});
afterEach(() => project[Symbol.asyncDispose]());

/** The messages that were sent for a row, whatever the prompt. */
const sentFor = (text: string) =>
  project.server.requests
    .map(({ body }) => body.messages as unknown as readonly { readonly content: string }[])
    .filter((messages) => messages.at(-1)?.content.includes(text));

describe('hone export', () => {
  test('gives the winner as it was measured: in code, for SDKs and by loadPrompt', async () => {
    project.write('rows.csv', rowsText(200));
    const { output } = await project.hone(`optimize ${project.task}`);
    const best = output().match(/^ +winner +(\S+)/m)?.[1] ?? '';
    const [row] = project.read(output().match(/sealed rows +(\S+)/)?.[1] ?? '').split('\n');
    const { text } = JSON.parse(row ?? '');
    const measured = sentFor(text).at(-1);

    const wrote = await project.hone(`export ${best} -o prompt.ts`);
    expect(wrote.errors()).toBe('wrote prompt.ts\n');
    const module = (await createJiti(import.meta.url).import(join(project.folder, 'prompt.ts'))) as {
      promptMessages(inputs: unknown): unknown;
    };
    expect(module.promptMessages({ text })).toEqual([measured]);

    const loaded = await loadPrompt(join(project.folder, best));
    expect(loaded.messages({ text })).toEqual(measured);

    const filled = (json: unknown) => JSON.parse(JSON.stringify(json).replaceAll('{{text}}', text));
    const messages = JSON.parse((await project.hone(`export ${best} --as messages`)).output());
    expect(filled(messages.prompts[0].messages)).toEqual(measured);
    const openai = JSON.parse((await project.hone(`export ${best} --as openai --model gpt-5`)).output());
    expect(openai.model).toBe('gpt-5');
    expect(filled(openai.messages)).toEqual(measured);
    const anthropic = JSON.parse((await project.hone(`export ${best} --as anthropic`)).output());
    expect([{ role: 'system', content: anthropic.system }, ...filled(anthropic.messages)]).toEqual(measured);
    expect(anthropic.max_tokens).toBe(1024);
    expect((await project.hone(`export ${best}`)).output()).toMatch(/^# Prompt\n/);
  });

  test('takes what a prompt file does not say from its rows', async () => {
    const { code, errors } = await project.hone('export prompt.md');
    expect(errors()).toMatch(/HONE_PROMPT_INVALID: prompt\.md does not name its inputs\./);
    expect(code).toBe(2);
    const { output } = await project.hone('export prompt.md --data rows.csv --expected kind');
    expect(output()).toContain('Say what it is.');
    expect(output()).toContain('Text: {{text}}');
  });

  test('asks for a step where a program has several', async () => {
    project.write(
      'hone.config.ts',
      `import { defineConfig, pipeline, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
export default defineConfig({
  targets: {
    two: {
      program: pipeline([
        predict(signature('text -> gist'), { name: 'shorten' }),
        predict(signature("gist -> kind: 'fruit' | 'vegetable'"), { name: 'sort' }),
      ]),
      dataset: { file: 'rows.csv', expected: ['kind'] },
      scorer: exactMatch('kind'),
    },
  },
});
`,
    );
    const { code, errors } = await project.hone('export two');
    expect(errors()).toMatch(/HONE_OPTION_INVALID: .* has 2 steps/);
    expect(errors()).toContain('--step with one of: shorten, sort');
    expect(code).toBe(2);
    expect((await project.hone('export two --step sort')).output()).toContain('Gist: {{gist}}');
    const module = await project.hone('export two --as openai-sdk --model openai/gpt-5');
    expect(module.output()).toContain('export async function runPipeline(');
    expect(module.output()).toContain('model = "gpt-5"');
    expect(module.errors()).toContain('note: sort: a model that scores choices');
  });

  test('writes the whole program for DSPy, and says what DSPy does otherwise', async () => {
    project.write(
      'triage.md',
      '---\ninputs: [text]\noutputs:\n  kind: [fruit, vegetable]\n---\n\nsystem:\nSort it.\nuser:\nHere: {{text}}\n',
    );
    const { output, errors, code } = await project.hone('export triage.md --as dspy');
    expect(JSON.parse(output()).signature).toEqual({
      instructions: 'Sort it.',
      fields: [
        { prefix: 'Text:', description: ['$', '{text}'].join('') },
        { prefix: 'Kind:', description: ['$', '{kind}'].join('') },
      ],
    });
    expect(errors()).toContain('note: answer: its user section is Hone’s alone');
    expect(code).toBe(0);
  });

  test('writes over nothing that it reads', async () => {
    const { errors } = await project.hone('export prompt.md --data rows.csv --expected kind -o prompt.md');
    expect(errors()).toMatch(/HONE_OPTION_INVALID: --output prompt\.md would overwrite prompt\.md/);
  });
});
