import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPostgres } from '../../test/postgres.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
const knowing = 'Say what it is. An apple and an apple and a carrot.\n';

beforeEach(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterEach(() => project[Symbol.asyncDispose]());

const hone = (line: string) => project.hone(`${line} --actor ada`);
const evaluate = async (prompt: string) => {
  project.write('prompt.md', prompt);
  expect((await project.hone(`eval ${project.task}`)).code).toBe(0);
};

test('a version is published with its evidence, promoted by a gate that judged it, and rolled back at once', async () => {
  expect((await project.hone('prompts')).output()).toContain('There is no prompt yet');
  await evaluate('Say what it is.\n');
  expect((await hone('prompts publish triage --message first')).output()).toContain('triage@1');
  await project.hone('gate --rule none --threshold 0.3 -o first.json');
  expect((await hone('prompts promote triage@1 production --gate first.json')).code).toBe(0);
  await evaluate(knowing);
  expect((await hone('prompts publish triage')).output()).toContain('triage@2');
  expect((await hone('prompts publish triage')).output()).toContain('was published before');

  const without = await hone('prompts promote triage@2 production');
  expect([without.code, without.errors()]).toEqual([3, expect.stringContaining('no passed gate')]);
  const other = await hone('prompts promote triage@2 production --gate first.json');
  expect([other.code, other.errors()]).toEqual([3, expect.stringContaining('judged another prompt')]);
  expect((await hone('prompts promote triage@2 production --force')).code).toBe(3);
  await project.hone('gate --rule none --threshold 1 -o open.json');
  expect((await hone('prompts promote triage@2 production --gate open.json')).errors()).toContain(
    'says inconclusive',
  );

  await project.hone('gate --baseline latest~1 -o gate.json');
  expect((await hone('prompts promote triage@2 production --gate gate.json')).output()).toContain('1 → 2');
  expect((await hone('prompts list')).output()).toContain('production → 2');
  expect((await hone('prompts diff triage@1 triage@production')).output()).toContain(
    '+ Say what it is. An apple and an apple and a carrot.',
  );
  expect((await hone('prompts rollback triage@production --reason worse')).output()).toContain('2 → 1');
  expect((await hone('prompts rollback triage@production 2')).output()).toContain('1 → 2');
  expect((await hone('prompts history triage')).output()).toMatch(/2 → 1 {2}ada: worse/);
  expect(JSON.parse(project.read('hone/prompts/triage.json')).events).toHaveLength(4);
});

test('a word that would be ignored is refused, and a gate on another model lets nothing in', async () => {
  await evaluate(knowing);
  await hone('prompts publish triage');
  const two = await hone('prompts promote triage@1 production staging --force --reason both');
  expect([two.code, two.errors()]).toEqual([2, expect.stringContaining('has no use for “staging”')]);
  expect((await hone('prompts list everything')).code).toBe(2);
  await project.hone('gate --rule none --threshold 0.5 -o gate.json');
  const gate = JSON.parse(project.read('gate.json'));
  project.write('gate.json', JSON.stringify({ ...gate, model: 'openai/another' }));
  const other = await hone('prompts promote triage@1 production --gate gate.json');
  expect([other.code, other.errors()]).toEqual([3, expect.stringContaining('with the model openai/another')]);
  project.write('gate.json', JSON.stringify(gate));
  expect((await hone('prompts promote triage@1 production --gate gate.json')).code).toBe(0);
});

test('a promotion goes without a gate where somebody says why', async () => {
  await evaluate(knowing);
  await hone('prompts publish triage');
  expect((await hone('prompts promote triage@1 staging --force --reason urgent')).code).toBe(0);
  const [event] = JSON.parse(project.read('hone/prompts/triage.json')).events;
  expect(event).toMatchObject({ actor: 'ada', reason: 'urgent', evidence: { forced: true } });
});

test.each([
  ['prompts show', 'Something is missing'],
  ['prompts show none', 'There is no prompt none'],
  ['prompts publish', 'Something is missing'],
  ['prompts publish ../up', 'no experiment'],
  ['prompts promote triage', 'Something is missing'],
  ['prompts rollback triage', 'Something is missing'],
  ['prompts rollback triage@production', 'There is no prompt triage'],
  ['prompts list --gate gone.json', ''],
])('hone %s ends with what is wrong', async (line, message) => {
  const ran = await hone(line);
  expect(ran.errors()).toContain(message);
  if (message !== '') expect(ran.code).toBe(2);
});

test('prompts move from files to the database of a team and back, with their numbers and moves', async ({
  skip,
}) => {
  await using postgres = (await startPostgres()) ?? skip('there are no Postgres binaries');
  const variables = { HONE_DATABASE_URL: await postgres.createDatabase() };
  const inDatabase = (line: string) => project.hone(line, { variables });
  await evaluate(knowing);
  await hone('prompts publish triage');
  await hone('prompts promote triage@1 production --force --reason urgent');

  const noted = await inDatabase('prompts list');
  expect(noted.output()).toContain('There is no prompt yet');
  expect(noted.errors()).toContain('hone/prompts are not read');
  const taken = await inDatabase('prompts import hone/prompts');
  expect(taken.output()).toMatch(
    /to postgres:\/\/127\.0\.0\.1:\d+\/hone_\S+\ntriage {2}1 versions and 1 moves/,
  );
  expect((await inDatabase('prompts import hone/prompts')).output()).toContain('nothing new');
  expect((await inDatabase('prompts list')).output()).toContain('production → 1');

  // Runs and answers are there too: the evaluation comes from nowhere else.
  expect((await inDatabase(`eval ${project.task}`)).code).toBe(0);
  expect((await inDatabase('prompts publish other')).output()).toContain('other@1');
  expect((await inDatabase('prompts rollback triage@production')).code).toBe(2);
  expect((await inDatabase('doctor')).output()).toMatch(/store.*postgres:\/\//);

  expect((await inDatabase('prompts export backup triage')).output()).toContain('triage  1 versions');
  expect(project.read('backup/triage.json')).toBe(project.read('hone/prompts/triage.json'));
  expect((await hone('prompts export hone/prompts')).errors()).toContain('is where the prompts are');
  expect((await hone('prompts import nowhere')).errors()).toContain('There is no file or folder');
  expect((await hone('prompts export')).errors()).toContain('hone prompts export <folder>');
});

test('a database that is no database, or not there, is one clear error without the password', async () => {
  const wrong = await project.hone('prompts list', { variables: { HONE_DATABASE_URL: 'mysql://a:b@c/d' } });
  expect([wrong.code, wrong.errors()]).toEqual([2, expect.stringContaining('HONE_DATABASE_URL')]);
  const variables = { HONE_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/hone' };
  for (const line of ['prompts list', 'experiments', 'report', `eval ${project.task}`]) {
    const away = await project.hone(line, { variables });
    expect([line, away.code, away.errors()]).toEqual([
      line,
      1,
      expect.stringContaining('HONE_STORE_UNREACHABLE'),
    ]);
    expect(away.errors() + away.output()).not.toContain('secret');
  }
});
