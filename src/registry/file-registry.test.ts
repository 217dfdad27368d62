import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashJson } from '../base/hash.ts';
import { describeRegistry } from '../testing/describe-registry.ts';
import { contentHash } from './content-hash.ts';
import { fileRegistry } from './file-registry.ts';
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

describeRegistry('a folder', async () => {
  const own = mkdtempSync(join(tmpdir(), 'hone-registry-'));
  return {
    registry: fileRegistry({ folder: own }),
    again: async () => fileRegistry({ folder: own }),
    async [Symbol.asyncDispose]() {
      rmSync(own, { recursive: true, force: true });
    },
  };
});

describe('a registry of files', () => {
  test('writes nothing for a name that no file can have', async () => {
    await expect(registry.publish('../up', version('one'))).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
    });
    expect(readdirSync(folder)).toEqual([]);
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
});
