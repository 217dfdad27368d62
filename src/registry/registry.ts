import type { JsonObject } from '../base/json.ts';
import type { Candidate } from '../prompt/candidate.ts';

/**
 * Prompts in production, by name: immutable versions, and channels that point to them.
 *
 * - A version is known by the content hash of what changes behaviour; the same content is the same version.
 * - A channel (`production`, `staging`, any name) moves by compare-and-set, and each move is an event that stays.
 * - Killed between any two writes, a move has happened or has not: a channel never points to nothing.
 */
export interface Registry {
  /** Where it lies, for people. */
  readonly location: string;
  /** Names, in their order. */
  names(): Promise<readonly string[]>;
  /** Everything of one prompt; undefined for a name that is not there. */
  read(name: string): Promise<PromptRecord | undefined>;
  /**
   * Adds a version, or finds the one with the same content.
   *
   * @throws {HoneError} `HONE_OPTION_INVALID` for a name that no file can have, or a parent that is not there.
   */
  publish(name: string, version: NewVersion): Promise<PromptVersion>;
  /**
   * Points a channel to a version, if it still points to where the caller saw it.
   *
   * @throws {HoneError} `HONE_PROMPT_MOVED` when another one has moved it meanwhile, `HONE_PROMPT_NOT_FOUND`.
   */
  move(name: string, move: ChannelMove): Promise<ReleaseEvent>;
  /**
   * Takes over a prompt of another registry with its numbers, times, authors and moves. Of one that is here already it
   * adds what is new.
   *
   * @throws {HoneError} `HONE_PROMPT_MOVED` when both have gone on from where they were the same; nothing is changed.
   */
  import(prompt: PromptRecord): Promise<ImportedPrompt>;
}

/** How much an import has added. */
export interface ImportedPrompt {
  readonly versions: number;
  readonly moves: number;
}

export interface PromptRecord {
  readonly name: string;
  /** By number, from 1. */
  readonly versions: readonly PromptVersion[];
  /** Version number by channel. */
  readonly channels: Readonly<Record<string, number>>;
  /** Every move, the first one first. */
  readonly events: readonly ReleaseEvent[];
}

export interface NewVersion {
  /** The parameters: what is sent to a model. */
  readonly candidate: Candidate;
  /** Further content that changes behaviour: the model, the signature. @default none */
  readonly settings?: JsonObject | undefined;
  /** Numbers of the versions that it was made from. @default none */
  readonly parents?: readonly number[] | undefined;
  /** What speaks for it: an experiment, a gate, a sealed test, its cost. @default none */
  readonly evidence?: JsonObject | undefined;
  /** @default '' */
  readonly message?: string | undefined;
  readonly author: string;
}

export interface PromptVersion extends Required<Omit<NewVersion, 'settings' | 'evidence'>> {
  /** From 1, in the order of publishing. */
  readonly version: number;
  /** SHA-256 of the canonical content, in hexadecimal. */
  readonly hash: string;
  readonly settings?: JsonObject | undefined;
  readonly evidence?: JsonObject | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface ChannelMove {
  readonly channel: string;
  readonly to: number;
  /** Where the caller saw the channel: a version number, or undefined where it did not exist. */
  readonly from: number | undefined;
  readonly actor: string;
  /** @default '' */
  readonly reason?: string | undefined;
  /** What speaks for it. @default none */
  readonly evidence?: JsonObject | undefined;
}

/** One move of a channel, as it stays. */
export interface ReleaseEvent {
  /** From 1, for each prompt. */
  readonly number: number;
  readonly channel: string;
  readonly from?: number | undefined;
  readonly to: number;
  readonly actor: string;
  readonly reason: string;
  readonly evidence?: JsonObject | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
