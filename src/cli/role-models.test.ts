import { expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { scriptedProject } from './scripted-project.ts';

const judged = (models: string) => `
import { scorer } from ${JSON.stringify(import.meta.resolve('../scorer/custom-scorer.ts'))};
export default {
  targets: {
    fruit: {
      prompt: 'prompt.md',
      dataset: { file: 'rows.csv', expected: ['kind'] },
      scorer: scorer('judged', async ({ outputs, ask }) => (await ask('JUDGE ' + outputs.kind)) === 'good' ? 1 : 0, { version: '1' }),
      ${models}
    },
  },
};
`;

/** A project whose server also answers a judge, by the name of the model that was asked. */
async function project(models: (baseUrl: string) => string) {
  const asked: string[] = [];
  const hone = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => {
      const { model } = body as { model: string };
      asked.push(model);
      return { body: chatCompletion(JSON.stringify(body).includes('JUDGE') ? 'good' : answer(body, index)) };
    }),
  );
  hone.write('hone.config.ts', judged(models(hone.server.baseUrl)));
  return { hone, asked, [Symbol.asyncDispose]: () => hone[Symbol.asyncDispose]() };
}

test('a config and the command line name the models of further roles, the command line first', async () => {
  await using made = await project(
    (baseUrl) => `models: { judge: 'openai-compatible:${baseUrl}#judge-of-config' },`,
  );
  const { hone, asked } = made;
  const evaluated = await hone.hone(`eval fruit ${hone.remote} --first 4 --json`);
  expect(evaluated.errors()).toBe('');
  expect(JSON.parse(evaluated.output()).summaries[0]).toMatchObject({ name: 'judged', mean: 1 });
  expect(asked.filter((name) => name === 'judge-of-config').length).toBeGreaterThan(0);
  asked.length = 0;
  const flag = `--role-model judge=openai-compatible:${hone.server.baseUrl}#judge-of-flag`;
  expect((await hone.hone(`eval fruit ${hone.remote} --first 4 ${flag}`)).code).toBe(0);
  expect(asked).toContain('judge-of-flag');
  expect(asked).not.toContain('judge-of-config');
});

test('a judge that nobody named is asked for, with both ways to name one', async () => {
  await using made = await project(() => '');
  const { code, errors } = await made.hone.hone(`eval fruit ${made.hone.remote} --first 4`);
  expect(code).toBe(2);
  expect(errors()).toMatch(/role "judge", and none was given/);
  expect(errors()).toMatch(/--role-model judge=<id>/);
});

test.each(['eval', 'optimize'])('%s counts the calls of a judge against its limits', async (command) => {
  await using made = await project(
    (baseUrl) =>
      `models: { judge: 'openai-compatible:${baseUrl}#judge' }, objectives: [{ name: 'score', direction: 'maximize' }, { name: 'tokens', direction: 'minimize' }],`,
  );
  const { hone, asked } = made;
  const ran = await hone.hone(`${command} fruit ${hone.remote} --max-calls 60 --json`);
  expect(asked.length).toBeLessThanOrEqual(60);
  expect(asked).toContain('judge');
  if (command === 'optimize') expect(JSON.parse(ran.output()).objectives).toHaveLength(2);
});
