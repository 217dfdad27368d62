import { HoneError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { completeCandidate } from '../../program/check-candidate.ts';
import type { AnyProgram, StepShape } from '../../program/program.ts';
import type { Candidate, Demo } from '../../prompt/candidate.ts';
import { stepPromptsOf } from '../../prompt/step-prompts.ts';
import { slotsOf } from '../../prompt/template.ts';
import type { Field } from '../../signature/signature.ts';
import { barePath } from './dspy-state.ts';
import { type HoneKey, plainInstructions, pythonNames } from './hone-key.ts';

export interface ExportDspyOptions {
  /** The parameters to write. @default the program's seed */
  readonly candidate?: Candidate | undefined;
  /**
   * The DSPy path of each step, such as `gist.predict`. @default the step's name, with `.predict` where it reasons
   * first; a lone step is `predict` where it reasons, else the file itself (a bare `dspy.Predict`)
   */
  readonly paths?: Readonly<Record<string, string>> | undefined;
}

export interface ExportedDspy {
  /** For `program.load("….json")`. */
  readonly text: string;
  /** What DSPy does otherwise, or has no place for, in words. */
  readonly notes: readonly string[];
}

/**
 * A program in the form that DSPy's `program.load("….json")` reads: instructions, demos and fields of every step. What
 * DSPy has no place for stands under the key `hone`, which it leaves alone and `importDspy` reads back.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a step that asks several prompts, or shows every row other demos.
 */
export function exportDspy(
  program: AnyProgram,
  { candidate, paths = {} }: ExportDspyOptions = {},
): ExportedDspy {
  const { shape, seed } = program;
  const complete = completeCandidate(candidate ?? seed, { program: shape, seed });
  const notes: string[] = [];
  const file: Record<string, unknown> = {};
  const steps: HoneKey['steps'] = [];
  for (const step of shape.steps) {
    const path = paths[step.name] ?? usualPath(step, shape.steps.length);
    const { state, saved } = stateOf(step, complete, notes);
    steps.push({ ...saved, path });
    if (path === barePath || path === 'self') Object.assign(file, state);
    else file[path] = state;
  }
  const key: HoneKey = { schemaVersion: 1, steps };
  // DSPy ignores keys that it does not know; the versions may be empty, but must be there.
  const whole = { ...file, metadata: { dependency_versions: {} }, hone: key };
  return { text: `${JSON.stringify(whole, null, 2)}\n`, notes };
}

function usualPath({ name, outputs }: StepShape, count: number): string {
  const reasons = outputs.length > 1 && outputs[0]?.name === 'reasoning';
  if (count === 1) return reasons ? 'predict' : barePath;
  return reasons ? `${name}.predict` : name;
}

function stateOf(step: StepShape, candidate: Candidate, notes: string[]) {
  const prompts = stepPromptsOf(candidate, step.name);
  const [set, another] = prompts.sets;
  if (another !== undefined || set?.nearest !== undefined) {
    throw new HoneError(
      another === undefined
        ? `The step "${step.name}" shows every row other demos, which a DSPy file cannot say.`
        : `The step "${step.name}" asks ${prompts.sets.length} prompts and weighs their answers, which a DSPy file cannot say.`,
      { code: 'HONE_OPTION_INVALID', hint: 'Choose a candidate with one set of demos for it.' },
    );
  }
  const fields = [...step.inputs, ...step.outputs];
  const names = pythonNames(fields.map(({ name }) => name));
  noteDifferences(step, { prompts, names, notes, hasOffsets: Object.keys(set?.offsets ?? {}).length > 0 });
  const demos = set?.demos ?? [];
  const format = set?.format ?? prompts.format;
  const state = {
    traces: [],
    train: [],
    demos: demos.map((demo) => plainDemo(demo, fields, names)),
    signature: {
      instructions: plainInstructions(prompts.instructions),
      fields: fields.map(({ name, description }) => {
        const own = names.get(name) ?? name;
        return { prefix: `${titleCase(own)}:`, description: description ?? `\${${own}}` };
      }),
    },
    lm: null,
  };
  const saved: Omit<HoneKey['steps'][number], 'path'> = {
    step: step.name,
    inputs: step.inputs.map(plainField),
    outputs: step.outputs.map(plainField),
    instructions: prompts.instructions,
    ...(prompts.userTemplate !== undefined && { user: prompts.userTemplate }),
    ...(format !== 'chat' && { format }),
    ...(demos.some(({ source }) => source !== undefined) && {
      sources: demos.map(({ source }) => source ?? null),
    }),
    demos: demos.map(({ inputs, outputs }) => JSON.parse(JSON.stringify({ inputs, outputs }))),
  };
  return { state, saved };
}

interface Differences {
  readonly prompts: ReturnType<typeof stepPromptsOf>;
  readonly names: ReadonlyMap<string, string>;
  readonly notes: string[];
  readonly hasOffsets: boolean;
}

function noteDifferences(step: StepShape, { prompts, names, notes, hasOffsets }: Differences): void {
  const say = (what: string) => notes.push(`${step.name}: ${what}`);
  const slots = slotsOf(prompts.instructions).filter(({ name }) =>
    step.inputs.some((field) => field.name === name),
  );
  if (slots.length > 0) {
    say(
      `its instructions have the slots ${slots.map(({ name }) => `{{${name}}}`).join(', ')}, which are text to DSPy.`,
    );
  }
  if (prompts.userTemplate !== undefined)
    say('its user section is Hone’s alone: DSPy lays out the inputs itself.');
  if (prompts.format === 'completion' || prompts.format === 'channel') {
    say(`its layout "${prompts.format}" has no counterpart: DSPy asks in its chat layout.`);
  }
  if (prompts.format === 'json') say('it asks for JSON: use dspy.JSONAdapter() for the same.');
  if (hasOffsets || Object.keys(prompts.calibration).length > 0) {
    say('its calibration has no counterpart in DSPy, and is left out.');
  }
  const renamed = [...names].filter(([name, own]) => name !== own);
  if (renamed.length > 0) {
    say(
      `${renamed.map(([name, own]) => `"${name}" is called ${own}`).join(', ')} there: names are identifiers in Python.`,
    );
  }
}

function plainDemo(
  { inputs, outputs }: Demo,
  fields: readonly Field[],
  names: ReadonlyMap<string, string>,
): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const { name } of fields) {
    const value =
      inputs[name] ?? outputs[name] ?? (inputs[name] === null || outputs[name] === null ? null : undefined);
    if (value !== undefined) values[names.get(name) ?? name] = value;
  }
  return values;
}

function plainField({
  name,
  schema,
  description,
  optional,
}: Field): HoneKey['steps'][number]['inputs'][number] {
  return {
    name,
    schema: JSON.parse(JSON.stringify(schema)),
    ...(description !== undefined && { description }),
    ...(optional && { optional }),
  };
}

/** As DSPy derives a prefix from a name. */
function titleCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .replace(/(\d)([A-Za-z])/g, '$1_$2')
    .split('_')
    .filter((word) => word !== '')
    .map((word) => (word === word.toUpperCase() ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(' ');
}
