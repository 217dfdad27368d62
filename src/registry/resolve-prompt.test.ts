import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { emptyPrompt, withMove, withVersion } from './prompt-state.ts';
import type { PromptRecord } from './registry.ts';
import { createPrompts } from './resolve-prompt.ts';

/** A prompt whose production is its newest version. */
function promptOf(...texts: readonly string[]): PromptRecord {
  let prompt = emptyPrompt('triage');
  for (const text of texts) {
    const candidate = { 'answer.instructions': { kind: 'text', text } } as const;
    const published = withVersion(prompt, { candidate, author: 'ada' }, 0);
    const from = published.prompt.channels.production;
    const move = { channel: 'production', from, to: published.version.version, actor: 'ada' };
    prompt = withMove(published.prompt, move, 0).prompt;
  }
  return prompt;
}

/** A registry that can be switched off. */
function world(prompt: PromptRecord | undefined = promptOf('one')) {
  const state = { prompt, isDown: false, reads: 0 };
  const registry = {
    location: 'here',
    read: async () => {
      state.reads += 1;
      if (state.isDown) throw new Error('down');
      return state.prompt;
    },
  };
  return { state, registry, clock: fakeClock() };
}

test('gives versions by channel and by number, and says what is not there', async () => {
  const { registry, clock } = world(promptOf('one', 'two'));
  const prompts = createPrompts({ registry, clock });
  expect((await prompts.resolve('triage@production')).version).toBe(2);
  expect((await prompts.resolve('triage')).version).toBe(2);
  expect((await prompts.resolve('triage@1')).version).toBe(1);
  for (const reference of ['triage@staging', 'triage@3', 'triage@0', 'triage@toString']) {
    await expect(prompts.resolve(reference)).rejects.toMatchObject({ code: 'HONE_PROMPT_NOT_FOUND' });
  }
});

test('answers from memory, and reads an old prompt again meanwhile', async () => {
  const { registry, state, clock } = world();
  const prompts = createPrompts({ registry, clock, staleMs: 1_000 });
  await prompts.resolve('triage@production');
  state.prompt = promptOf('one', 'two');
  await clock.advance(999);
  expect((await prompts.resolve('triage@production')).version).toBe(1);
  expect(state.reads).toBe(1);
  await clock.advance(1);
  expect((await prompts.resolve('triage@production')).version).toBe(1);
  await expect.poll(async () => (await prompts.resolve('triage@production')).version).toBe(2);
  expect(state.reads).toBe(2);
});

test('goes on with what it has while the registry is down, and tells so once a period', async () => {
  const { registry, state, clock } = world();
  const faults: unknown[] = [];
  const prompts = createPrompts({ registry, clock, staleMs: 1_000, onFault: (fault) => faults.push(fault) });
  await prompts.resolve('triage');
  state.isDown = true;
  await clock.advance(5_000);
  for (let time = 0; time < 10; time += 1) expect((await prompts.resolve('triage')).version).toBe(1);
  await expect.poll(() => faults.length).toBe(1);
  expect(state.reads).toBe(2);
});

test('starts without the registry from the last good copy on disk, else from what is bundled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hone-known-'));
  try {
    const { registry, state, clock } = world(promptOf('one', 'two'));
    await createPrompts({ registry, clock, lastKnownGood: folder }).resolve('triage');
    state.isDown = true;
    const bundled = { triage: { schemaVersion: 1, ...promptOf('old') } };
    const onDisk = createPrompts({ registry, clock, lastKnownGood: folder, bundled });
    expect((await onDisk.resolve('triage')).version).toBe(2);
    expect((await createPrompts({ registry, clock, bundled }).resolve('triage')).version).toBe(1);
    await expect(createPrompts({ registry, clock }).resolve('triage')).rejects.toThrow('down');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
