import { contentHash } from './content-hash.ts';
import type { ChannelMove, NewVersion, PromptRecord, PromptVersion, ReleaseEvent } from './registry.ts';
import { checkPromptName, movedMeanwhile, noVersion } from './registry-errors.ts';

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

/** The version that a channel pointed to before its last move; undefined where there was none. */
export function previousVersion(prompt: PromptRecord, channel: string): number | undefined {
  return prompt.events.filter((event) => event.channel === channel).at(-1)?.from;
}
