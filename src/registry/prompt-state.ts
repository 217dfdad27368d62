import { hashJson } from '../base/hash.ts';
import { contentHash } from './content-hash.ts';
import type { ChannelMove, NewVersion, PromptRecord, PromptVersion, ReleaseEvent } from './registry.ts';
import { checkPromptName, goneApart, movedMeanwhile, noVersion } from './registry-errors.ts';

/** A prompt that nobody has published yet. */
export function emptyPrompt(name: string): PromptRecord {
  checkPromptName(name);
  return { name, versions: [], channels: {}, events: [] };
}

/** A prompt with one more version; the same prompt where the content is known. */
export function withVersion(
  prompt: PromptRecord,
  given: NewVersion,
  at: number,
): { readonly prompt: PromptRecord; readonly version: PromptVersion } {
  const hash = contentHash(given);
  const known = prompt.versions.find((version) => version.hash === hash);
  if (known !== undefined) return { prompt, version: known };
  const { candidate, settings, parents = [], evidence, message = '', author } = given;
  const missing = parents.find((parent) => !prompt.versions.some(({ version }) => version === parent));
  if (missing !== undefined) throw noVersion(prompt.name, missing);
  const version: PromptVersion = {
    version: (prompt.versions.at(-1)?.version ?? 0) + 1,
    hash,
    candidate,
    ...(settings !== undefined && { settings }),
    parents,
    ...(evidence !== undefined && { evidence }),
    message,
    author,
    createdAt: at,
  };
  return { prompt: { ...prompt, versions: [...prompt.versions, version] }, version };
}

/**
 * A prompt with a channel moved.
 *
 * @throws {HoneError} `HONE_PROMPT_MOVED` when the channel is not where the caller saw it.
 */
export function withMove(
  prompt: PromptRecord,
  { channel, from, to, actor, reason = '', evidence }: ChannelMove,
  at: number,
): { readonly prompt: PromptRecord; readonly event: ReleaseEvent } {
  checkPromptName(channel, 'channel');
  const found = Object.hasOwn(prompt.channels, channel) ? prompt.channels[channel] : undefined;
  if (found !== from) throw movedMeanwhile(prompt.name, { channel, seen: from, found });
  if (!prompt.versions.some(({ version }) => version === to)) throw noVersion(prompt.name, to);
  const event: ReleaseEvent = {
    number: prompt.events.length + 1,
    channel,
    ...(from !== undefined && { from }),
    to,
    actor,
    reason,
    ...(evidence !== undefined && { evidence }),
    at,
  };
  return {
    prompt: { ...prompt, channels: { ...prompt.channels, [channel]: to }, events: [...prompt.events, event] },
    event,
  };
}

/**
 * A prompt with what another record of it has more.
 *
 * @throws {HoneError} `HONE_PROMPT_MOVED` when both have gone on from where they were the same.
 */
export function withRecord(
  prompt: PromptRecord,
  other: PromptRecord,
): {
  readonly prompt: PromptRecord;
  readonly versions: readonly PromptVersion[];
  readonly moves: readonly ReleaseEvent[];
} {
  const versions = continued(prompt.versions, other.versions);
  const moves = continued(prompt.events, other.events);
  if (versions === undefined || moves === undefined) throw goneApart(prompt.name);
  if (versions.length + moves.length === 0) return { prompt, versions, moves };
  const events = [...prompt.events, ...moves];
  return {
    prompt: {
      name: prompt.name,
      versions: [...prompt.versions, ...versions],
      channels: Object.fromEntries(events.map(({ channel, to }) => [channel, to])),
      events,
    },
    versions,
    moves,
  };
}

/** What the longer of two lists has more; undefined when they differ where both go. */
function continued<Item extends object>(
  known: readonly Item[],
  other: readonly Item[],
): readonly Item[] | undefined {
  const shared = Math.min(known.length, other.length);
  const same = (item: Item) => hashJson(JSON.parse(JSON.stringify(item)));
  for (const [index, item] of known.slice(0, shared).entries()) {
    if (same(item) !== same(other[index] as Item)) return undefined;
  }
  return other.slice(known.length);
}

/** The version that a channel pointed to before its last move; undefined where there was none. */
export function previousVersion(prompt: PromptRecord, channel: string): number | undefined {
  return prompt.events.filter((event) => event.channel === channel).at(-1)?.from;
}
