import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { parameterSchema } from '../prompt/saved-candidate.ts';
import { contentHash } from './content-hash.ts';
import type { PromptRecord } from './registry.ts';

const jsonObject = z.record(z.string(), z.json());

/** One version, as it is written down. */
export const versionSchema = z.strictObject({
  version: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  candidate: z.record(z.string(), parameterSchema),
  settings: jsonObject.optional(),
  parents: z.array(z.int().min(1)),
  evidence: jsonObject.optional(),
  message: z.string(),
  author: z.string(),
  createdAt: z.number(),
});

/** One move of a channel, as it is written down. */
export const eventSchema = z.strictObject({
  number: z.int().min(1),
  channel: z.string(),
  from: z.int().optional(),
  to: z.int().min(1),
  actor: z.string(),
  reason: z.string(),
  evidence: jsonObject.optional(),
  at: z.number(),
});

const promptSchema = z.strictObject({
  name: z.string(),
  channels: z.record(z.string(), z.int().min(1)),
  versions: z.array(versionSchema),
  events: z.array(eventSchema),
});

/**
 * @throws {HoneError} `HONE_FILE_UNREADABLE` for what is no prompt, such as after a merge that went wrong: versions
 *   whose content is not what their hash says, numbers out of order, a channel or an event that points nowhere.
 */
export function checkPrompt(
  value: unknown,
  { location, name }: { readonly location: string; readonly name: string },
): PromptRecord {
  const parsed = promptSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadablePrompt(location, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const prompt = parsed.data;
  if (prompt.name !== name) throw unreadablePrompt(location, `it is of ${prompt.name}`);
  for (const [index, version] of prompt.versions.entries()) {
    if (version.version !== index + 1)
      throw unreadablePrompt(location, `version ${version.version} stands at place ${index + 1}`);
    if (contentHash(version) !== version.hash)
      throw unreadablePrompt(
        location,
        `version ${version.version} was changed: versions are immutable, publish a new one`,
      );
  }
  const pointers = new Map<string, number>();
  for (const [index, { number, channel, from, to }] of prompt.events.entries()) {
    if (number !== index + 1 || pointers.get(channel) !== from || to > prompt.versions.length)
      throw unreadablePrompt(location, `event ${number} does not follow from those before it`);
    pointers.set(channel, to);
  }
  const channels = Object.entries(prompt.channels);
  if (channels.length !== pointers.size || channels.some(([channel, to]) => pointers.get(channel) !== to))
    throw unreadablePrompt(location, 'its channels are not what its events say');
  return prompt;
}

export function unreadablePrompt(location: string, what: string): HoneError {
  return new HoneError(`${location} is no prompt: ${what}.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Take the file of one side of the merge, or of an earlier commit, and publish again.',
    facts: { file: location },
  });
}
