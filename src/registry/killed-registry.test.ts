import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startPostgres } from '../../test/postgres.ts';
import { openStore } from '../store/open-store.ts';
import { databaseRegistry } from './database-registry.ts';
import { fileRegistry } from './file-registry.ts';
import type { Registry } from './registry.ts';

const postgres = await startPostgres();
const root = mkdtempSync(join(tmpdir(), 'hone-killed-'));
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const inFiles = (folder: string) => ({
  registry: fileRegistry({ folder }),
  opening: `(await jiti.import('./file-registry.ts')).fileRegistry({ folder: ${JSON.stringify(folder)} })`,
});
const inDatabase = async (options: { readonly folder: string } | { readonly address: string }) => ({
  registry: databaseRegistry({ store: await openStore(options) }),
  opening: `(await jiti.import('./database-registry.ts')).databaseRegistry({
    store: await (await jiti.import('../store/open-store.ts')).openStore(${JSON.stringify(options)}),
  })`,
});

/** A process that moves the channel to and fro, and prints a dot for each move that it was told. */
function movingForEver(opening: string) {
  const source = `
    import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))};
    const jiti = createJiti(${JSON.stringify(import.meta.url)});
    const registry = ${opening};
    for (;;) {
      const { production } = (await registry.read('triage')).channels;
      const to = production === 1 ? 2 : 1;
      await registry.move('triage', { channel: 'production', from: production, to, actor: 'child' });
      process.stdout.write('.');
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const places: readonly (readonly [string, () => Promise<{ registry: Registry; opening: string }>])[] = [
  ['files', async () => inFiles(join(root, 'prompts'))],
  ['a SQLite file', () => inDatabase({ folder: join(root, 'sqlite') })],
  ...(postgres === undefined
    ? []
    : ([['Postgres', async () => inDatabase({ address: await postgres.createDatabase() })]] as const)),
];

test.each(places)(
  'a process that is killed at any moment leaves the old or the new in %s, and holds nobody up',
  async (_, open) => {
    const { registry, opening } = await open();
    for (const text of ['one', 'two']) {
      await registry.publish('triage', {
        candidate: { 'answer.instructions': { kind: 'text', text } },
        author: 'ada',
      });
    }
    let told = 0;
    for (let round = 0; round < 2; round += 1) {
      const child = movingForEver(opening);
      const ended = new Promise((resolve) => child.on('close', resolve));
      let moves = 0;
      child.stdout.on('data', (dots: Buffer) => {
        moves += dots.length;
        if (moves > 5 + 7 * round) child.kill('SIGKILL');
      });
      await ended;
      told += moves;
      const prompt = await registry.read('triage');
      const found = prompt?.channels.production;
      expect([1, 2]).toContain(found);
      expect(prompt?.events.length).toBeGreaterThanOrEqual(told);
      await registry.move('triage', {
        channel: 'production',
        from: found,
        to: found === 1 ? 2 : 1,
        actor: 'ada',
      });
      told += 1;
    }
  },
);
