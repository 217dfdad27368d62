import { type Clock, systemClock } from '../base/clock.ts';
import type { PromptEntry, Store } from '../store/store.ts';
import { checkPrompt, eventSchema, versionSchema } from './check-prompt.ts';
import { emptyPrompt, withMove, withRecord, withVersion } from './prompt-state.ts';
import type { PromptRecord, Registry, ReleaseEvent } from './registry.ts';
import { checkPromptName, goneApart, movedMeanwhile, noPrompt } from './registry-errors.ts';

export interface DatabaseRegistryOptions {
  readonly store: Pick<Store, 'prompts' | 'location'>;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** How often a version is numbered anew because another one was published meanwhile. */
const mostAttempts = 100;

/**
 * Prompts in the database of a team. A version and a move are one row each, and a channel is where its last move
 * points to: a process that dies leaves the old or the new. Of two moves at once one gets the next number.
 */
export function databaseRegistry({ store, clock = systemClock }: DatabaseRegistryOptions): Registry {
  const { prompts, location } = store;

  const read = async (name: string): Promise<PromptRecord | undefined> => {
    checkPromptName(name);
    const { versions, moves } = await prompts.read(name);
    if (versions.length === 0) return undefined;
    const events = moves.map(contentOf) as readonly ReleaseEvent[];
    const channels = Object.fromEntries(events.map(({ channel, to }) => [channel, to]));
    return checkPrompt({ name, versions: versions.map(contentOf), channels, events }, { location, name });
  };

  return {
    location,
    names: () => prompts.names(),
    read,
    async publish(name, given) {
      for (let attempt = 1; ; attempt += 1) {
        const before = (await read(name)) ?? emptyPrompt(name);
        const { prompt, version } = withVersion(before, given, clock.now());
        if (prompt === before) return version;
        const { version: number, hash } = version;
        const content = JSON.stringify(versionSchema.parse(version));
        if (await prompts.addVersion(name, { number, hash, content })) return version;
        if (attempt === mostAttempts) {
          throw movedMeanwhile(name, { channel: 'versions', seen: number - 1, found: number });
        }
      }
    },
    async move(name, move) {
      for (;;) {
        const before = await read(name);
        if (before === undefined) throw noPrompt(name, location);
        const { event } = withMove(before, move, clock.now());
        const content = JSON.stringify(eventSchema.parse(event));
        if (await prompts.addMove(name, { number: event.number, content })) return event;
        // Another channel was moved, or this one: then the next look tells it.
      }
    },
    async import(record) {
      const given = checkPrompt(record, { location: record.name, name: record.name });
      const { name } = given;
      const { versions, moves } = withRecord((await read(name)) ?? emptyPrompt(name), given);
      for (const version of versions) {
        const { version: number, hash } = version;
        const content = JSON.stringify(version);
        if (!(await prompts.addVersion(name, { number, hash, content }))) throw goneApart(name);
      }
      for (const move of moves) {
        const content = JSON.stringify(move);
        if (!(await prompts.addMove(name, { number: move.number, content }))) throw goneApart(name);
      }
      return { versions: versions.length, moves: moves.length };
    },
  };
}

function contentOf({ content }: PromptEntry): unknown {
  return JSON.parse(content);
}
