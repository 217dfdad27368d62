import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { invalidImport } from '../exchange-errors.ts';
import { readJsonObject } from '../read-json-file.ts';

const values = z.record(z.string(), z.json());

/** A field as DSPy saves it: no name, no type, no role; inputs stand before outputs. */
const fieldState = z.looseObject({ prefix: z.string(), description: z.string() });

const predictorState = z.looseObject({
  demos: z.array(values).default([]),
  signature: z.looseObject({ instructions: z.string(), fields: z.array(fieldState) }),
  lm: z.union([z.null(), values]).default(null),
});

/** What DSPy saves of one predictor. */
export type PredictorState = z.infer<typeof predictorState>;

/** A file that DSPy's `program.save("….json")` wrote. */
export interface DspyState {
  /** By path, such as `gist.predict`; a bare predictor has the path ''. */
  readonly predictors: ReadonlyMap<string, PredictorState>;
  /** What Hone wrote beside them. */
  readonly hone: JsonObject | undefined;
  /** What was left out, in words. */
  readonly notes: readonly string[];
}

/** The path of a program that is one predictor: its state is the file itself. */
export const barePath = '';

/**
 * Reads a saved DSPy program.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` with the place of what is wrong.
 */
export function readDspyState(text: string, file: string): DspyState {
  const whole = readJsonObject(text, file);
  if (text.includes('"extended_signature')) {
    throw invalidImport(`${file} was saved by DSPy 2.5 or older, whose files DSPy itself no longer reads.`, {
      hint: 'Load it with the DSPy that wrote it, and save it with DSPy 2.6 or newer.',
      file,
    });
  }
  const { hone, metadata: _, ...rest } = whole;
  const notes: string[] = [];
  const predictors = new Map<string, PredictorState>();
  const own = isJsonObject(hone) ? hone : undefined;
  if (isJsonObject(whole.signature)) {
    predictors.set(barePath, parsePredictor(whole, barePath, file));
    notes.push(...decisionNote('self', whole));
    return { predictors, hone: own, notes };
  }
  for (const [path, state] of Object.entries(rest)) {
    if (isJsonObject(state) && 'signature' in state) {
      predictors.set(path, parsePredictor(state, path, file));
      notes.push(...decisionNote(path, state));
    } else if (isJsonObject(state) && 'module_src' in state) {
      notes.push(`"${path}" is a module with source code of its own (Flex), which is Python: left out.`);
    } else {
      notes.push(`"${path}" is no predictor: left out.`);
    }
  }
  if (predictors.size > 0) return { predictors, hone: own, notes };
  throw invalidImport(`${file} has no predictor of a DSPy program.`, {
    hint: 'Save the program with program.save("program.json").',
    file,
  });
}

/** Thresholds and weights of outputs, which newer versions of DSPy can learn. */
function decisionNote(path: string, { fields }: JsonObject): readonly string[] {
  return isJsonObject(fields) && Object.keys(fields).length > 0
    ? [`${path}: what was learned of its outputs (${Object.keys(fields).join(', ')}): left out.`]
    : [];
}

function parsePredictor(state: unknown, path: string, file: string): PredictorState {
  const parsed = predictorState.safeParse(state);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [...(path === barePath ? [] : [path]), ...(issue?.path ?? [])].join('.');
  throw invalidImport(`${file}: ${place} is wrong: ${issue?.message ?? 'it is no predictor'}.`, {
    hint: 'Save the program again with DSPy.',
    file,
  });
}
