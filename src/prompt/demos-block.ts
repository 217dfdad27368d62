import { type Document, isNode } from 'yaml';
import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Demo, DemoSet } from './candidate.ts';
import { demoSchema, demoSetSchema } from './demo-schemas.ts';
import { readYaml, writeYaml, type YamlPlace } from './yaml-text.ts';

const block = z.union([z.array(demoSchema), z.strictObject({ sets: z.array(demoSetSchema) })]);

/**
 * The demos of a prompt file as a fenced block of YAML: a list of demos, or `sets:` where there are several
 * sets or a set says more. The fence is longer than any in it, so that Markdown shows it whole.
 */
export function demosBlock(sets: readonly DemoSet[]): string {
  const [first] = sets;
  const isPlain =
    sets.length === 1 &&
    first !== undefined &&
    first.demos.length > 0 &&
    first.nearest === undefined &&
    first.format === undefined &&
    first.words === undefined &&
    first.weight === undefined &&
    first.offsets === undefined &&
    first.verbalizer === undefined;
  const text = writeYaml(isPlain ? first.demos.map(plainDemo) : { sets: sets.map(plainSet) });
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}demos\n${text}\n${fence}`;
}

function plainSet({ nearest, format, words, weight, offsets, verbalizer, demos }: DemoSet) {
  return {
    ...(nearest !== undefined && { nearest }),
    ...(format !== undefined && { format }),
    ...(words !== undefined && { words }),
    ...(weight !== undefined && { weight }),
    ...(offsets !== undefined && { offsets }),
    ...(verbalizer !== undefined && { verbalizer }),
    demos: demos.map(plainDemo),
  };
}

function plainDemo({ inputs, outputs, source }: Demo) {
  return {
    inputs: withoutAbsent(inputs),
    outputs: withoutAbsent(outputs),
    ...(source !== undefined && { source }),
  };
}

function withoutAbsent(object: JsonObject): Record<string, Json> {
  const present: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) present[key] = value;
  return present;
}

/**
 * Reads the block of demos.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` with the place of what is wrong.
 */
export function readDemos(text: string, place: YamlPlace): readonly DemoSet[] {
  const { document, where } = readYaml(text, place);
  if (document.contents === null) return [];
  const found: unknown = document.toJS();
  const parsed = block.safeParse(found);
  if (parsed.success) return Array.isArray(parsed.data) ? [{ demos: parsed.data }] : parsed.data.sets;
  // The union's own message says nothing: ask the branch that was meant.
  const meant = (
    Array.isArray(found) ? z.array(demoSchema) : z.strictObject({ sets: z.array(demoSetSchema) })
  ).safeParse(found);
  const issue = meant.error?.issues[0];
  const path = (issue?.path ?? []) as readonly (string | number)[];
  const node = nearestNode(document, path);
  throw new HoneError(
    `${where(node)}: the demos are wrong${path.length === 0 ? '' : ` at ${path.join('.')}`}: ${issue?.message ?? 'they are no list'}.`,
    {
      code: 'HONE_PROMPT_INVALID',
      hint: 'Write a list of demos, each with `inputs:` and `outputs:` by column.',
      facts: { file: place.file },
    },
  );
}

/** The node at a path, or the closest one around it: what is missing has no place of its own. */
function nearestNode(document: Document.Parsed, path: readonly (string | number)[]) {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node;
  }
  return document.contents;
}
