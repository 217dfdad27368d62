import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { CallRecord } from '../model/model.ts';

/** A text that can be found, with whatever else is known of it. */
export type IndexedPassage = { readonly id: string; readonly text: string } & JsonObject;

/** A found passage; a higher score is nearer, and scores of one search alone can be compared. */
export interface FoundPassage {
  readonly passage: IndexedPassage;
  readonly score: number;
}

export interface SearchOptions {
  /** Most passages, at least 1. */
  readonly count: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of each request that a model was asked for the search. @default nobody is told */
  readonly observe?: ((record: CallRecord) => void) | undefined;
}

/** Passages in this process that can be searched. */
export interface PassageIndex {
  /** Says what is found: other passages, or another way of finding them, have another one. */
  readonly version: string;
  readonly passages: readonly IndexedPassage[];
  /** The passages that fit a query best, the best first; ties in the order of the index. */
  search(query: string, options: SearchOptions): Promise<readonly FoundPassage[]>;
}

const passageSchema = z
  .object({
    id: z.string().min(1),
    text: z.string().refine((text) => text.trim() !== '', 'the text is empty'),
  })
  .catchall(z.json());

/**
 * Passages as they are given, checked.
 *
 * @throws {HoneError} `HONE_DATASET_INVALID` naming the passage: without an id or a text, or an id that another has;
 *   `HONE_DATASET_EMPTY` without any.
 */
export function checkPassages(passages: readonly IndexedPassage[]): readonly IndexedPassage[] {
  const given: unknown = passages;
  if (!Array.isArray(given) || given.length === 0) {
    throw new HoneError('An index needs at least one passage.', {
      code: 'HONE_DATASET_EMPTY',
      hint: 'Give a list of { id, text }.',
    });
  }
  const seen = new Set<string>();
  for (const [place, passage] of given.entries()) {
    const parsed = passageSchema.safeParse(passage);
    const issue = parsed.success ? undefined : parsed.error.issues[0];
    const what = issue !== undefined ? `${issue.path.join('.') || 'it'}: ${issue.message}` : undefined;
    const twice =
      what === undefined && seen.has(passage.id) ? `the id "${passage.id}" is there twice` : undefined;
    if ((what ?? twice) !== undefined) {
      throw new HoneError(`Passage ${place + 1} cannot be indexed: ${what ?? twice}.`, {
        code: 'HONE_DATASET_INVALID',
        hint: 'Each passage is { id, text } with an id of its own; further values are JSON.',
        facts: { passage: place + 1 },
      });
    }
    seen.add(passage.id);
  }
  return passages;
}

export function indexVersion(kind: string, passages: readonly IndexedPassage[], options: JsonObject): string {
  return `${kind}:${hashJson([options, passages]).slice(0, 16)}`;
}

/** The best of scored passages, by their places in the index. */
export function bestOf(
  passages: readonly IndexedPassage[],
  scored: readonly { readonly place: number; readonly score: number }[],
  count: number,
): readonly FoundPassage[] {
  return [...scored]
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .slice(0, count)
    .flatMap(({ place, score }) => {
      const passage = passages[place];
      return passage === undefined ? [] : [{ passage, score }];
    });
}
