import { canonicalJson } from '../base/canonical-json.ts';
import type { Json, JsonObject } from '../base/json.ts';

/** Two answers count as one when they are told apart by case and white space alone. */
export function answerKey(value: Json | undefined): string {
  if (typeof value === 'string') return value.trim().replaceAll(/\s+/gu, ' ').toLowerCase();
  return value === undefined ? '' : canonicalJson(value);
}

/** One vote: the outputs of an answer, and how much it counts. */
export interface Vote {
  readonly outputs: JsonObject;
  /** @default 1 */
  readonly weight?: number | undefined;
}

/** The first of the votes whose answer has most of the weight; ties to the earliest. */
export function winnerOf(
  votes: readonly Vote[],
  keyOf: (outputs: JsonObject) => string,
): JsonObject | undefined {
  const groups = new Map<string, { readonly outputs: JsonObject; weight: number }>();
  for (const { outputs, weight = 1 } of votes) {
    const key = keyOf(outputs);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { outputs, weight });
    else group.weight += weight;
  }
  let best: { readonly outputs: JsonObject; readonly weight: number } | undefined;
  for (const group of groups.values()) if (best === undefined || group.weight > best.weight) best = group;
  return best?.outputs;
}
