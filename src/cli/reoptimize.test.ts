import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { pushBranch } from './push-branch.ts';
import { rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

interface Proposal {
  number: number;
  title: string;
  body: string;
  head: string;
  base: string;
}

let project: ScriptedProject;
let github: LoopbackServer;
let proposals: Proposal[];
let remote: string;

const git = (folder: string, ...words: string[]) =>
  execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();

beforeEach(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
  project.write('rows.csv', rowsText(200));
  remote = mkdtempSync(join(tmpdir(), 'hone-remote-'));
  git(remote, 'init', '--quiet', '--bare');
  git(project.folder, 'init', '--quiet', '-b', 'main');
  project.write('.gitignore', '.hone/\n');
  git(project.folder, 'add', '.');
  git(project.folder, '-c', 'user.name=ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'first');
  git(project.folder, 'remote', 'add', 'origin', remote);
  git(project.folder, 'push', '--quiet', 'origin', 'main');
  proposals = [];
  github = await openLoopbackServer(({ method, path, body }) => {
    const { searchParams, pathname } = new URL(path, 'http://github');
    const shown = (one: Proposal) => ({ ...one, html_url: `https://github.test/pull/${one.number}` });
    if (method === 'GET') {
      const head = searchParams.get('head')?.replace(/^ada:/, '');
      return { body: proposals.filter((one) => one.head === head).map(shown) };
    }
    const known = proposals.find(({ number }) => pathname.endsWith(`/pulls/${number}`));
    if (method === 'PATCH' && known !== undefined) return { body: shown(Object.assign(known, body)) };
    const created = { number: proposals.length + 1, ...body } as unknown as Proposal;
    proposals.push(created);
    return { status: 201, body: shown(created) };
  });
});
afterEach(async () => {
  await github.close();
  await project[Symbol.asyncDispose]();
  rmSync(remote, { recursive: true, force: true });
});

const hone = (line: string) =>
  project.hone(line, {
    variables: { GITHUB_TOKEN: 'secret', GITHUB_REPOSITORY: 'ada/app', GITHUB_API_URL: github.baseUrl },
  });
const search = () => `reoptimize ${project.task} --optimizer labeled-few-shot`;

test('what is proven better is one branch and one pull request, and nothing in the folder changes', async () => {
  project.write('notes.txt', 'being edited');
  const before = project.read('prompt.md');
  const ran = await hone(`${search()} --open-pr`);
  expect(ran.code, ran.errors()).toBe(0);
  expect(ran.output()).toMatch(
    /^Better: 0\.\d+ → 1\.00 on \d+ rows .*opened https:\/\/github\.test\/pull\/1\n$/,
  );
  const [proposal] = proposals;
  expect(proposal).toMatchObject({ head: 'hone/reoptimize-prompt', base: 'main' });
  expect(proposal?.title).toMatch(/^Better prompt for prompt: 0\.\d+ → 1\.00/);
  expect(proposal?.body).toContain('Again: `hone optimize prompt.md --data rows.csv');
  expect(proposal?.body).not.toContain('--open-pr');
  const pushed = git(remote, 'show', 'hone/reoptimize-prompt:prompt.md');
  expect(pushed).not.toBe(before.trim());
  expect(git(remote, 'diff', '--name-only', 'main', 'hone/reoptimize-prompt')).toBe('prompt.md');
  expect(project.read('prompt.md')).toBe(before);
  expect(git(project.folder, 'status', '--short')).toBe('?? notes.txt');
  expect(git(project.folder, 'worktree', 'list').split('\n')).toHaveLength(1);

  // The same again costs nothing and says so; new rows bring the open proposal up to date.
  const asked = project.server.count;
  expect((await hone(`${search()} --open-pr`)).output()).toContain('Nothing is new since opt-');
  expect(project.server.count).toBe(asked);
  project.write('rows.csv', rowsText(240));
  expect((await hone(`${search()} --open-pr`)).output()).toContain('updated https://github.test/pull/1');
  expect(proposals).toHaveLength(1);
  // The winner merged is not searched anew.
  project.write('prompt.md', `${git(remote, 'show', 'hone/reoptimize-prompt:prompt.md')}\n`);
  expect((await hone(search())).output()).toContain('Nothing is new');
});

test('nothing reliably better opens none, and says so', async () => {
  project.write('prompt.md', 'Say what it is. An apple and an apple and a carrot.\n');
  const ran = await hone(`${search()} --open-pr --json`);
  expect(ran.code, ran.errors()).toBe(0);
  expect(JSON.parse(ran.output())).toEqual({
    schemaVersion: 1,
    action: 'none',
    run: expect.stringMatching(/^opt-/),
    verdict: 'no-reliable-improvement',
  });
  expect((await hone(search())).output()).toContain('Nothing is new');
  // Another setting is another search, and is not taken for the same in silence.
  expect((await hone(`${search()} --seed 2`)).output()).toContain('Nothing reliably better was found');
  expect((await hone(`${search()} --anyway`)).output()).toContain('Nothing reliably better was found');
  expect(proposals).toEqual([]);
  expect(git(remote, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});

test.each([
  { line: 'reoptimize nowhere.md --data rows.csv --expected kind', told: 'nowhere.md' },
  { line: '$search --open-pr', variables: {}, told: 'GITHUB_TOKEN' },
  { line: '$search --optimiser x', told: "Unknown option '--optimiser'" },
])('$line is refused before anything is spent', async ({ line, variables, told }) => {
  const words = line.replace('$search', search());
  const ran = variables === undefined ? await hone(words) : await project.hone(words, { variables });
  expect([ran.code, ran.errors()]).toEqual([2, expect.stringContaining(told)]);
  expect(project.server.count).toBe(0);
});

test('a repository that is reached by a link is changed at the right place, and a file outside of it is refused', async () => {
  const link = `${project.folder}-link`;
  symlinkSync(project.folder, link);
  try {
    const change = { branch: 'hone/test', message: 'Change it' };
    await pushBranch({ ...change, folder: link, files: { [join(link, 'prompt.md')]: 'new' } });
    expect(git(remote, 'show', 'hone/test:prompt.md')).toBe('new');
    await expect(
      pushBranch({ ...change, folder: link, files: { [join(remote, 'x.md')]: 'new' } }),
    ).rejects.toThrow('lies outside the repository');
  } finally {
    rmSync(link, { force: true });
  }
});
