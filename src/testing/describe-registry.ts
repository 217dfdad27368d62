import { previousVersion } from '../registry/prompt-state.ts';
import type { ChannelMove, NewVersion, PromptRecord, Registry } from '../registry/registry.ts';
import { describe, expect, it } from './test-runner.ts';

/** A new, empty registry. */
export interface OpenedRegistry extends AsyncDisposable {
  readonly registry: Registry;
  /** Opens the same one again, as another process would. */
  again(): Promise<Registry>;
}

/**
 * The contract of a registry, as tests. Every implementation runs it.
 *
 * @param open Opens a new, empty registry; each test disposes its own.
 */
export function describeRegistry(name: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${name} as a Registry`, () => {
    it('has no prompts at first', async () => {
      await using opened = await open();
      expect(await opened.registry.names()).toEqual([]);
      expect(await opened.registry.read('triage')).toBeUndefined();
      await expect(opened.registry.move('triage', moveTo(1))).rejects.toMatchObject({
        code: 'HONE_PROMPT_NOT_FOUND',
      });
    });

    it('numbers versions, and finds one that has the same content whatever is said beside it', async () => {
      await using opened = await open();
      const { registry } = opened;
      const first = await registry.publish('triage', versionOf('one', { message: 'first' }));
      const second = await registry.publish('triage', versionOf('two', { parents: [1] }));
      const again = await registry.publish('triage', versionOf('one', { message: 'again', author: 'bob' }));
      expect([first.version, second.version, again.version]).toEqual([1, 2, 1]);
      expect(again).toEqual(first);
      await registry.publish('other', versionOf('one'));
      expect(await registry.names()).toEqual(['other', 'triage']);
      await expect(registry.publish('triage', versionOf('three', { parents: [9] }))).rejects.toMatchObject({
        code: 'HONE_PROMPT_NOT_FOUND',
      });
    });

    it('gives everything back to whoever opens it later', async () => {
      await using opened = await open();
      const version = versionOf('Say “yes”.\n\u0000 ✓', {
        settings: { model: 'openai/gpt-5-mini' },
        evidence: { experiment: 'eval-1', score: { mean: 0.9 } },
        message: 'better',
      });
      const published = await opened.registry.publish('triage', version);
      const event = await opened.registry.move('triage', {
        ...moveTo(1),
        reason: 'gate passed',
        evidence: { gate: 'pass' },
      });
      const later = await opened.again();
      expect(await later.read('triage')).toEqual({
        name: 'triage',
        versions: [published],
        channels: { production: 1 },
        events: [event],
      });
      expect(published).toMatchObject({ ...version, version: 1, parents: [] });
      expect(event).toMatchObject({ number: 1, channel: 'production', to: 1, actor: 'ada' });
    });

    it.each(['', '../up', 'A', 'a/b', 'con.json', '.x', 'a'.repeat(65), '__proto__'])(
      'refuses the name "%s"',
      async (bad) => {
        await using opened = await open();
        const invalid = { code: 'HONE_OPTION_INVALID' };
        await expect(opened.registry.publish(bad, versionOf('one'))).rejects.toMatchObject(invalid);
        await expect(opened.registry.read(bad)).rejects.toMatchObject(invalid);
        await opened.registry.publish('triage', versionOf('one'));
        await expect(opened.registry.move('triage', { ...moveTo(1), channel: bad })).rejects.toMatchObject(
          invalid,
        );
      },
    );

    it('moves a channel only from where the caller saw it, and keeps each move', async () => {
      await using opened = await open();
      const { registry } = opened;
      await registry.publish('triage', versionOf('one'));
      await registry.publish('triage', versionOf('two'));
      await registry.move('triage', moveTo(1));
      await expect(registry.move('triage', moveTo(2))).rejects.toMatchObject({ code: 'HONE_PROMPT_MOVED' });
      await registry.move('triage', { ...moveTo(2, 1), reason: 'better' });
      await registry.move('triage', { ...moveTo(1), channel: 'constructor' });
      const prompt = await registry.read('triage');
      expect(prompt?.channels).toEqual({ production: 2, constructor: 1 });
      expect(prompt?.events).toMatchObject([
        { number: 1, channel: 'production', to: 1 },
        { number: 2, channel: 'production', from: 1, to: 2, reason: 'better' },
        { number: 3, channel: 'constructor', to: 1 },
      ]);
      expect(prompt && previousVersion(prompt, 'production')).toBe(1);
      await expect(registry.move('triage', moveTo(3, 2))).rejects.toMatchObject({
        code: 'HONE_PROMPT_NOT_FOUND',
      });
    });

    it('of many who move one channel at once one wins, and each other one is told', async () => {
      await using opened = await open();
      const texts = ['one', 'two', 'three', 'four'];
      for (const text of texts) await opened.registry.publish('triage', versionOf(text));
      const movers = await Promise.all(texts.map(() => opened.again()));
      const ends = await Promise.allSettled(
        movers.map((registry, index) => registry.move('triage', moveTo(index + 1))),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const end of ends) {
        if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'HONE_PROMPT_MOVED' });
      }
      expect((await opened.registry.read('triage'))?.events).toHaveLength(1);
    });

    it('takes what many publish and move in channels of their own, each once', async () => {
      await using opened = await open();
      const texts = Array.from({ length: 6 }, (_, index) => `text ${index}`);
      const others = await Promise.all(texts.map(() => opened.again()));
      const published = await Promise.all(
        others.map((registry, index) => registry.publish('triage', versionOf(texts[index] ?? ''))),
      );
      expect(published.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      await Promise.all(
        others.map((registry, index) =>
          registry.move('triage', { ...moveTo(index + 1), channel: `channel-${index}` }),
        ),
      );
      expect((await opened.registry.read('triage'))?.events.map(({ number }) => number)).toEqual([
        1, 2, 3, 4, 5, 6,
      ]);
    });

    it('takes over what another one has, as it is, and later what is new there', async () => {
      await using source = await open();
      await using target = await open();
      await source.registry.publish('triage', versionOf('one', { evidence: { score: 1 } }));
      await source.registry.move('triage', moveTo(1));
      const first = await recordOf(source.registry);
      expect(await target.registry.import(first)).toEqual({ versions: 1, moves: 1 });
      expect(await recordOf(target.registry)).toEqual(first);
      expect(await target.registry.import(first)).toEqual({ versions: 0, moves: 0 });
      await source.registry.publish('triage', versionOf('two'));
      await source.registry.move('triage', moveTo(2, 1));
      const second = await recordOf(source.registry);
      expect(await target.registry.import(second)).toEqual({ versions: 1, moves: 1 });
      expect(await recordOf(target.registry)).toEqual(second);
      // What is here has more: nothing is taken back.
      expect(await target.registry.import(first)).toEqual({ versions: 0, moves: 0 });
      expect(await recordOf(target.registry)).toEqual(second);
    });

    it('refuses what has gone another way, and changes nothing', async () => {
      await using source = await open();
      await using target = await open();
      for (const { registry } of [source, target]) await registry.publish('triage', versionOf('one'));
      await source.registry.publish('triage', versionOf('theirs'));
      await target.registry.publish('triage', versionOf('ours'));
      const before = await recordOf(target.registry);
      await expect(target.registry.import(await recordOf(source.registry))).rejects.toMatchObject({
        code: 'HONE_PROMPT_MOVED',
      });
      const [changed] = before.versions;
      const forged = { ...before, versions: [{ ...changed, candidate: {} }] } as unknown as PromptRecord;
      await expect(target.registry.import(forged)).rejects.toMatchObject({ code: 'HONE_FILE_UNREADABLE' });
      expect(await recordOf(target.registry)).toEqual(before);
    });
  });
}

async function recordOf(registry: Registry): Promise<PromptRecord> {
  const prompt = await registry.read('triage');
  if (prompt === undefined) throw new Error('The prompt is not there.');
  return prompt;
}

function versionOf(text: string, more: Partial<NewVersion> = {}): NewVersion {
  return { candidate: { 'answer.instructions': { kind: 'text', text } }, author: 'ada', ...more };
}

function moveTo(to: number, from?: number): ChannelMove {
  return { channel: 'production', to, from, actor: 'ada' };
}
