import type { JsonObject } from '../../base/json.ts';
import { chainOfThought } from '../../program/chain-of-thought.ts';
import { type PredictOptions, predict } from '../../program/predict.ts';
import type { Program } from '../../program/program.ts';
import type { Demo } from '../../prompt/candidate.ts';
import { escapeSlots } from '../../prompt/template.ts';
import type { Field, Signature } from '../../signature/signature.ts';
import { invalidImport } from '../exchange-errors.ts';
import { demoMarks, fieldsOfState, hasValue } from './dspy-fields.ts';
import { stepsOfPaths } from './dspy-paths.ts';
import { barePath, type PredictorState, readDspyState } from './dspy-state.ts';
import { type HoneStep, honeSteps } from './hone-key.ts';

/** What is known beside the file, which says little of its fields. */
export interface ImportDspyOptions {
  /** What the file is called in messages. @default 'The DSPy program' */
  readonly file?: string | undefined;
  /** The signature of a predictor by its path, such as `gist.predict` (`self` for a bare one). @default read off the file */
  readonly signatures?: Readonly<Record<string, Signature>> | undefined;
  /** Names of outputs, for predictors without a signature. @default what the file lets one tell */
  readonly outputs?: readonly string[] | undefined;
}

/** One predictor as a step. */
export interface ImportedDspyStep {
  /** Its path in DSPy; `self` for a program that is one predictor. */
  readonly path: string;
  readonly step: string;
  /** Without the reasoning where it thinks first. */
  readonly signature: Signature;
  /** Whether it writes its reasoning before it answers. */
  readonly reasons: boolean;
  readonly options: PredictOptions;
  /** The step as a program of its own: `predict`, or `chainOfThought` where it reasons. */
  readonly program: Program;
}

export interface ImportedDspy {
  /** In the order of the file. How they are connected is Python code and not in it. */
  readonly steps: readonly ImportedDspyStep[];
  /** What was left out or guessed, in words. */
  readonly notes: readonly string[];
}

/**
 * The steps of a program that DSPy saved as JSON: their instructions, demos and models, the demos in the order in which
 * DSPy shows them. Field types and roles are not in such a file: what is guessed is in the notes.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` for a file that is no such program, or does not fit a signature.
 */
export function importDspy(
  text: string,
  { file = 'The DSPy program', signatures = {}, outputs }: ImportDspyOptions = {},
): ImportedDspy {
  const { predictors, hone, notes } = readDspyState(text, file);
  const steps = stepsOfPaths([...predictors.keys()]);
  const saved = honeSteps(hone);
  const said = [...notes];
  const imported = [...predictors].map(([path, state]): ImportedDspyStep => {
    const shown = path === barePath ? 'self' : path;
    const known = saved.get(path);
    const signature = signatures[shown] ?? known?.signature;
    const fields = signature ?? fieldsOfState(state, { called: shown, outputs });
    if ('notes' in fields) said.push(...fields.notes);
    checkCount(state, { fields, shown, file });
    return stepOf(
      {
        path: shown,
        name: known?.step ?? steps.get(path) ?? shown,
        state,
        fields,
        isTyped: signature !== undefined,
      },
      said,
      known,
    );
  });
  return { steps: imported, notes: said };
}

interface FieldLists {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

function checkCount(
  state: PredictorState,
  { fields, shown, file }: { readonly fields: FieldLists; readonly shown: string; readonly file: string },
): void {
  const own = fields.inputs.length + fields.outputs.length;
  const found = state.signature.fields.length;
  if (own === found) return;
  throw invalidImport(
    `${file}: "${shown}" has ${found} fields (${state.signature.fields.map(({ prefix }) => prefix).join(' ')}), and its signature ${own}.`,
    { hint: 'Give the signature of this predictor, its reasoning included.', file },
  );
}

interface StepSource {
  readonly path: string;
  readonly name: string;
  readonly state: PredictorState;
  readonly fields: FieldLists;
  /** Whether somebody said what the fields are. */
  readonly isTyped: boolean;
}

function stepOf(
  { path, name, state, fields, isTyped }: StepSource,
  notes: string[],
  known: HoneStep | undefined,
): ImportedDspyStep {
  const { inputs } = fields;
  const [first, ...others] = fields.outputs;
  const reasons =
    first?.name === 'reasoning' && others.length > 0 && (!isTyped || first.schema.type === 'string');
  const outputs = reasons ? others : fields.outputs;
  const instructions = known?.instructions(state) ?? escapeSlots(state.signature.instructions);
  const signature: Signature = { instructions, inputs, outputs };
  const options: PredictOptions = {
    name,
    demos: demosOf(state, { fields, path, notes, known }),
    ...modelOf(state.lm, path, notes),
    ...known?.options,
  };
  const program = reasons ? chainOfThought(signature, options) : predict(signature, options);
  return { path, step: name, signature, reasons, options, program: program as unknown as Program };
}

interface DemoSource {
  readonly fields: FieldLists;
  readonly path: string;
  readonly notes: string[];
  readonly known: HoneStep | undefined;
}

/** Those that DSPy shows, in its order: demos that lack a field first. */
export function demosOf(
  { demos }: PredictorState,
  { fields: { inputs, outputs }, path, notes, known }: DemoSource,
): readonly Demo[] {
  const nameOf = (field: Field) => known?.pythonNames.get(field.name) ?? field.name;
  const all = [...inputs, ...outputs].map(nameOf);
  const strangers = new Set(
    demos
      .flatMap((demo) => Object.keys(demo))
      .filter((key) => !all.includes(key) && !demoMarks.includes(key)),
  );
  if (strangers.size > 0) {
    notes.push(`${path}: its demos have ${[...strangers].join(', ')}, which are no fields of it: left out.`);
  }
  const has = (demo: JsonObject, field: Field) => hasValue(demo, nameOf(field));
  const shown = demos.filter(
    (demo) => inputs.some((field) => has(demo, field)) && outputs.some((field) => has(demo, field)),
  );
  if (shown.length < demos.length) {
    notes.push(
      `${path}: ${demos.length - shown.length} of ${demos.length} demos have no input or no output: left out, as DSPy does not show them.`,
    );
  }
  const isWhole = (demo: JsonObject) => [...inputs, ...outputs].every((field) => has(demo, field));
  const part = (demo: JsonObject, fields: readonly Field[]): JsonObject =>
    Object.fromEntries(
      fields.filter((field) => has(demo, field)).map((field) => [field.name, demo[nameOf(field)]]),
    );
  return [...shown.filter((demo) => !isWhole(demo)), ...shown.filter(isWhole)].map((demo) => {
    const values = { inputs: part(demo, inputs), outputs: part(demo, outputs) };
    const source = known?.sourceOf(values);
    return source === undefined ? values : { ...values, source };
  });
}

const quietKeys = [
  '_dspy_lm_class',
  'model',
  'temperature',
  'max_tokens',
  'cache',
  'num_retries',
  'model_type',
];

/** The model and how it is asked; where it is reached is no business of a file. */
function modelOf(
  lm: JsonObject | null,
  path: string,
  notes: string[],
): Pick<PredictOptions, 'model' | 'temperature' | 'maxOutputTokens'> {
  if (lm === null) return {};
  const { model, temperature, max_tokens: most } = lm;
  const others = Object.keys(lm).filter(
    (key) => !quietKeys.includes(key) && lm[key] !== null && JSON.stringify(lm[key]) !== '{}',
  );
  if (others.length > 0) notes.push(`${path}: ${others.join(', ')} of its model: left out.`);
  const name = typeof model === 'string' ? model.replace(/^gemini\//, 'google/') : undefined;
  const isKnown = name !== undefined && /^(openai|anthropic|google)\//.test(name);
  if (name !== undefined && !isKnown) {
    notes.push(
      `${path}: its model ${name} is reached in another way here: name it with --model, or \`model\`.`,
    );
  }
  return {
    ...(isKnown && { model: name }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof most === 'number' && most > 0 && { maxOutputTokens: most }),
  };
}
