import { z } from 'zod';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { JsonObject } from '../../base/json.ts';
import type { PredictOptions } from '../../program/predict.ts';
import { promptFormats } from '../../prompt/adapters.ts';
import type { Demo } from '../../prompt/candidate.ts';
import { fillSlots } from '../../prompt/template.ts';
import type { Field, Signature } from '../../signature/signature.ts';
import type { PredictorState } from './dspy-state.ts';

const field = z.object({
  name: z.string(),
  schema: z.record(z.string(), z.json()),
  description: z.string().optional(),
  optional: z.boolean().optional(),
});

const stepSchema = z.object({
  path: z.string(),
  step: z.string(),
  inputs: z.array(field),
  outputs: z.array(field),
  /** As Hone has them: slots and escapes included. */
  instructions: z.string(),
  user: z.string().optional(),
  format: z.enum(promptFormats).optional(),
  /** The ids of the rows that the demos come from, in their order. */
  sources: z.array(z.string().nullable()).optional(),
  demos: z.array(
    z.object({ inputs: z.record(z.string(), z.json()), outputs: z.record(z.string(), z.json()) }),
  ),
});

/** What Hone writes under the key `hone` of a DSPy file: what DSPy has no place for, and leaves alone. */
export const honeKeySchema = z.object({ schemaVersion: z.literal(1), steps: z.array(stepSchema) });
export type HoneKey = z.infer<typeof honeKeySchema>;

/** What the file says of one of its predictors beside DSPy's own part. */
export interface HoneStep {
  readonly step: string;
  readonly signature: Signature;
  readonly options: Pick<PredictOptions, 'userTemplate' | 'format'>;
  /** Names of DSPy by those of the fields, where they differ. */
  readonly pythonNames: ReadonlyMap<string, string>;
  /** The instructions with their slots, unless they were changed since; then undefined. */
  instructions(state: PredictorState): string | undefined;
  /** The row that a demo comes from. */
  sourceOf(demo: { readonly inputs: JsonObject; readonly outputs: JsonObject }): string | undefined;
}

/** The steps that Hone wrote down, by their path; none where the key is of another tool, or of a newer version. */
export function honeSteps(key: JsonObject | undefined): ReadonlyMap<string, HoneStep> {
  const parsed = honeKeySchema.safeParse(key);
  if (!parsed.success) return new Map();
  return new Map(parsed.data.steps.map((step) => [step.path, stepOf(step)]));
}

function stepOf(step: HoneKey['steps'][number]): HoneStep {
  const { inputs, outputs, instructions, user, format, demos, sources = [] } = step;
  const sourceBy = new Map(demos.map((demo, index) => [canonicalJson(demo), sources[index] ?? undefined]));
  return {
    step: step.step,
    signature: { instructions, inputs: inputs as readonly Field[], outputs: outputs as readonly Field[] },
    options: {
      ...(user !== undefined && { userTemplate: user }),
      ...(format !== undefined && { format }),
    },
    pythonNames: pythonNames([...inputs, ...outputs].map(({ name }) => name)),
    instructions: ({ signature }) =>
      signature.instructions === plainInstructions(instructions) ? instructions : undefined,
    sourceOf: ({ inputs: given, outputs: answered }) =>
      sourceBy.get(canonicalJson({ inputs: given, outputs: answered } satisfies Demo)),
  };
}

/** Instructions as DSPy shows them: it has no slots, so an escaped one is what it looks like. */
export function plainInstructions(instructions: string): string {
  return fillSlots(instructions, {});
}

/** The names that fields have in Python: identifiers, each its own. */
export function pythonNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const plain = name.normalize('NFKC').replaceAll(/[^\p{L}\p{N}_]+/gu, '_');
      const wanted = /^[\p{L}_]/u.test(plain) ? plain : `field_${plain}`;
      let own = wanted;
      for (let count = 2; taken.has(own); count += 1) own = `${wanted}_${count}`;
      taken.add(own);
      return [name, own];
    }),
  );
}
