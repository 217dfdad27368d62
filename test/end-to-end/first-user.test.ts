import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  chatCompletion,
  type LoopbackServer,
  openLoopbackServer,
} from '../../src/testing/loopback-server.ts';
import { table } from './project.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'hone-first-user-'));
const modules = join(folder, 'node_modules');
let server: LoopbackServer;

interface Message {
  readonly role: string;
  readonly content: string;
}

/** Knows the answer where the prompt shows examples, and guesses without. */
function answerTo(messages: readonly Message[]): string {
  const row = messages.at(-1)?.content ?? '';
  const hasDemos = messages.some(({ role }) => role === 'assistant');
  const known = [...labels].find(([message]) => row.includes(message))?.[1];
  return hasDemos ? (known ?? 'fruit') : 'fruit';
}
const rows = table(120).trimEnd().split('\n').slice(1);
const labels = new Map(rows.map((row) => row.split(',') as [string, string]));

beforeAll(async () => {
  server = await openLoopbackServer(({ body }) => ({
    body: chatCompletion(answerTo((body as unknown as { messages: Message[] }).messages)),
  }));
  // The package as it would be published, with its dependencies beside it.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  mkdirSync(join(modules, 'hone-ai'), { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'hone-ai'), '--strip-components=1']);
  for (const name of readdirSync('node_modules')) {
    if (!name.startsWith('.') && name !== 'hone-ai')
      symlinkSync(join(process.cwd(), 'node_modules', name), join(modules, name));
  }
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as it was printed, in the user's folder. */
async function hone(command: string): Promise<string> {
  const [first, ...words] = command.trim().split(/\s+/);
  expect(first).toBe('hone');
  const cli = join(modules, 'hone-ai', 'dist', 'cli', 'main.js');
  const { stdout } = await run(process.execPath, [cli, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', HONE_MODEL_DIR: join(folder, 'no-models') },
  });
  return stdout;
}

/** The first line of an output that tells to run such a command. */
function printed(output: string, command: RegExp): string {
  const found = output.split('\n').find((line) => command.test(line));
  return found?.slice(found.indexOf('hone ')).trim() ?? '';
}

test('from an empty folder to a winner in code, each command printed by the one before', async () => {
  const remote = `--model test --base-url ${server.baseUrl}`;
  const started = await hone('hone init');
  writeFileSync(join(folder, 'rows.csv'), `message,topic\n${rows.join('\n')}\n`);

  const evaluated = await hone(`${printed(started, /hone eval/)} ${remote}`);
  expect(evaluated).toContain('exact-match(topic)');
  expect(evaluated).toContain('topic: one of fruit, vegetable');

  const optimized = await hone(printed(evaluated, /hone optimize/));
  expect(optimized).toContain('Improved');

  const proven = await hone(printed(optimized, /hone eval/));
  expect(proven).toMatch(/exact-match\(topic\)\s+1\.00/);

  const exported = await hone(printed(optimized, /hone export/));
  expect(exported).toContain('export');

  const path = /\.hone\/\S+winner\.md/.exec(optimized)?.[0] ?? '';
  const program = `import { loadPrompt } from 'hone-ai';
import { openaiCompatible } from 'hone-ai/models';

const sort = await loadPrompt(${JSON.stringify(path)});
const model = openaiCompatible({ modelId: 'test', baseUrl: ${JSON.stringify(server.baseUrl)} });
const message = process.argv[2] ?? '';
const { topic } = await sort.run({ message }, { model });
const asked: number = sort.calls({ message }).length;
console.log(topic, asked > 0);
`;
  writeFileSync(join(folder, 'app.ts'), program);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compiler = join(process.cwd(), 'node_modules', 'typescript', 'bin', 'tsc');
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--strict',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  await run(process.execPath, [compiler, ...options, 'app.ts'], { cwd: folder }).catch(({ stdout: said }) => {
    throw new Error(said);
  });
  const vegetable = rows.find((row) => row.endsWith('vegetable'))?.split(',')[0] ?? '';
  const { stdout } = await run(process.execPath, ['app.js', vegetable], { cwd: folder });
  expect(stdout.trim()).toBe('vegetable true');
});
