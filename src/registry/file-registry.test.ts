import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashJson } from '../base/hash.ts';
import { contentHash } from './content-hash.ts';
import { fileRegistry } from './file-registry.ts';
import { previousVersion } from './prompt-state.ts';
import type { NewVersion, Registry } from './registry.ts';

let folder: string;
let registry: Registry;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-registry-'));
  registry = fileRegistry({ folder });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const version = (text: string, more: Partial<NewVersion> = {}): NewVersion => ({
  candidate: { 'answer.instructions': { kind: 'text', text } },
  author: 'ada',
  ...more,
});
const move = (to: number, from: number | undefined, channel = 'production') => ({
  channel,
  to,
  from,
  actor: 'ada',
});

describe('a content hash', () => {
  test('is that of the canonical JSON', () => {
    expect(hashJson({ b: [true, null, 'x'], a: 1 })).toBe(
      'eca8cfb31ab74533e1eb2f4c74d2d55dfe3c79ac704787e54be8647ea7777eb1',
    );
  });

  test('is the same for texts that are composed or broken into lines in another way, and no other', () => {
    const hash = (text: string, settings = {}) => contentHash({ ...version(text), settings });
    expect(hash('Cafe\u0301\r\nnow')).toBe(hash('Caf\u00e9\nnow'));
    expect(hash('a')).not.toBe(hash('a '));
    expect(hash('a', { model: 'x' })).not.toBe(hash('a', { model: 'y' }));
  });
});

describe('a registry of files', () => {
  test('numbers versions, and finds one that has the same content whatever is said beside it', async () => {
    const first = await registry.publish('triage', version('one', { message: 'first' }));
    const second = await registry.publish('triage', version('two', { parents: [1] }));
    const again = await registry.publish('triage', version('one', { message: 'again', author: 'bob' }));
    expect([first.version, second.version, again.version]).toEqual([1, 2, 1]);
    expect(again.message).toBe('first');
    expect(await registry.names()).toEqual(['triage']);
    await expect(registry.publish('triage', version('three', { parents: [9] }))).rejects.toMatchObject({
      code: 'HONE_PROMPT_NOT_FOUND',
    });
  });

  test.each(['', '../up', 'A', 'a/b', 'con.json', '.x', 'a'.repeat(65)])(
    'refuses the name "%s"',
    async (name) => {
      await expect(registry.publish(name, version('one'))).rejects.toMatchObject({
        code: 'HONE_OPTION_INVALID',
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('moves a channel only from where the caller saw it, and keeps each move', async () => {
    await registry.publish('triage', version('one'));
    await registry.publish('triage', version('two'));
    await registry.move('triage', move(1, undefined));
    await expect(registry.move('triage', move(2, undefined))).rejects.toMatchObject({
      code: 'HONE_PROMPT_MOVED',
    });
    await registry.move('triage', { ...move(2, 1), reason: 'better' });
    const prompt = await registry.read('triage');
    expect(prompt?.channels).toEqual({ production: 2 });
    expect(prompt?.events).toMatchObject([
      { number: 1, to: 1 },
      { number: 2, from: 1, to: 2, reason: 'better' },
    ]);
    expect(prompt && previousVersion(prompt, 'production')).toBe(1);
    await expect(registry.move('triage', move(3, 2))).rejects.toMatchObject({
      code: 'HONE_PROMPT_NOT_FOUND',
    });
    await expect(registry.move('other', move(1, undefined))).rejects.toMatchObject({
      code: 'HONE_PROMPT_NOT_FOUND',
    });
    // A name of every object is no channel that exists.
    await expect(registry.move('triage', move(1, undefined, '__proto__'))).rejects.toThrow(
      'no name of a channel',
    );
    expect((await registry.move('triage', move(1, undefined, 'constructor'))).from).toBeUndefined();
  });

  test('of many who move at once one wins and each other one is told', async () => {
    for (const text of ['one', 'two', 'three', 'four']) await registry.publish('triage', version(text));
    const others = [1, 2, 3, 4].map((to) => fileRegistry({ folder }).move('triage', move(to, undefined)));
    const ends = await Promise.allSettled(others);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) {
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'HONE_PROMPT_MOVED' });
    }
    expect((await registry.read('triage'))?.events).toHaveLength(1);
  });

  test.each([
    ['a changed version', (text: string) => text.replace('"one"', '"won"')],
    ['a channel that was set by hand', (text: string) => text.replace('"production": 1', '"production": 2')],
    ['an event that was left out', (text: string) => text.replace(/"events": \[[\s\S]*\]/, '"events": []')],
    ['a merge that was not finished', (text: string) => `<<<<<<< HEAD\n${text}`],
  ])('refuses %s', async (_, spoil) => {
    await registry.publish('triage', version('one'));
    await registry.publish('triage', version('two'));
    await registry.move('triage', move(1, undefined));
    const path = join(folder, 'triage.json');
    const text = readFileSync(path, 'utf8');
    expect(spoil(text)).not.toBe(text);
    writeFileSync(path, spoil(text));
    await expect(registry.read('triage')).rejects.toMatchObject({ code: 'HONE_FILE_UNREADABLE' });
  });

  test('a process that is killed at any moment leaves the old or the new, and holds nobody up', async () => {
    await registry.publish('triage', version('one'));
    await registry.publish('triage', version('two'));
    const source = `
      import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))};
      const { fileRegistry } = await createJiti(${JSON.stringify(import.meta.url)}).import('./file-registry.ts');
      const registry = fileRegistry({ folder: ${JSON.stringify(folder)} });
      for (;;) {
        const { production } = (await registry.read('triage')).channels;
        await registry.move('triage', { channel: 'production', from: production, to: production === 1 ? 2 : 1, actor: 'child' });
        process.stdout.write('.');
      }`;
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.on('close', resolve));
      let moves = 0;
      child.stdout.on('data', (data: Buffer) => {
        moves += data.length;
        if (moves > 5 + 7 * round) child.kill('SIGKILL');
      });
      await ended;
      const prompt = await registry.read('triage');
      const found = prompt?.channels.production;
      expect([1, 2]).toContain(found);
      expect(prompt?.events.length).toBeGreaterThanOrEqual(moves);
      await registry.move('triage', move(found === 1 ? 2 : 1, found));
    }
  });
});
