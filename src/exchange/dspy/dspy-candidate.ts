import { completeCandidate } from '../../program/check-candidate.ts';
import type { AnyProgram, StepShape } from '../../program/program.ts';
import { type Candidate, type Parameter, parameterName } from '../../prompt/candidate.ts';
import { plainName } from '../../prompt/plain-name.ts';
import { escapeSlots } from '../../prompt/template.ts';
import { invalidImport } from '../exchange-errors.ts';
import { stepsOfPaths } from './dspy-paths.ts';
import { barePath, type PredictorState, readDspyState } from './dspy-state.ts';
import { honeSteps, pythonNames } from './hone-key.ts';
import { demosOf } from './import-dspy.ts';

export interface DspyCandidateOptions {
  /** What the file is called in messages. @default 'The DSPy program' */
  readonly file?: string | undefined;
  /** The DSPy path of each step, such as `gist.predict`. @default the one that the step's name stands for */
  readonly paths?: Readonly<Record<string, string>> | undefined;
}

export interface DspyCandidate {
  /** Complete: what the file has no place for, the program's seed gives. */
  readonly candidate: Candidate;
  /** What was left out, in words. */
  readonly notes: readonly string[];
}

/**
 * The instructions and demos that DSPy found, as a candidate of a program of yours that has the same steps.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` where a step has no predictor or a predictor no step, or their fields
 *   differ; the message names the parameter.
 */
export function candidateFromDspy(
  text: string,
  program: AnyProgram,
  { file = 'The DSPy program', paths = {} }: DspyCandidateOptions = {},
): DspyCandidate {
  const { predictors, hone, notes: left } = readDspyState(text, file);
  const names = stepsOfPaths([...predictors.keys()]);
  const saved = honeSteps(hone);
  const notes = [...left];
  const changes: Record<string, Parameter> = {};
  const used = new Set<string>();
  const { steps } = program.shape;
  for (const step of steps) {
    const only = steps.length === 1 && predictors.size === 1 ? [...predictors.keys()][0] : undefined;
    const said = paths[step.name] === 'self' ? barePath : paths[step.name];
    const path = said ?? [...names].find(([, name]) => name === step.name)?.[0] ?? only;
    const state = path === undefined ? undefined : predictors.get(path);
    if (path === undefined || state === undefined) {
      throw invalidImport(
        `${file} has no predictor for ${parameterName(step.name, 'instructions')}: it has ${shownPaths(predictors)}.`,
        { hint: `Say which one it is: paths: { ${JSON.stringify(step.name)}: '…' }.`, file },
      );
    }
    used.add(path);
    checkFields(state, { step, path, file });
    if (typeof state.lm?.model === 'string') {
      notes.push(`${path || 'self'}: its model ${state.lm.model} is no parameter of a candidate: left out.`);
    }
    const known = saved.get(path);
    const instructions = known?.instructions(state) ?? escapeSlots(state.signature.instructions);
    changes[parameterName(step.name, 'instructions')] = { kind: 'text', text: instructions };
    const demos = demosOf(state, { fields: step, path: path || 'self', notes, known });
    changes[parameterName(step.name, 'demos')] = {
      kind: 'demos',
      sets: demos.length === 0 ? [] : [{ demos }],
    };
  }
  const stranger = [...predictors.keys()].find((path) => !used.has(path));
  if (stranger !== undefined) {
    throw invalidImport(
      `${file} has the predictor "${stranger}", for which the program "${program.shape.name}" has no step.`,
      {
        hint: `Its steps are ${steps.map(({ name }) => name).join(', ')}; say which is which with \`paths\`.`,
        file,
      },
    );
  }
  const check = { program: program.shape, seed: program.seed, called: file };
  return { candidate: completeCandidate({ ...program.seed, ...changes }, check), notes };
}

function shownPaths(predictors: ReadonlyMap<string, PredictorState>): string {
  return [...predictors.keys()].map((path) => path || 'self').join(', ');
}

/** Fields stand in their order, inputs first; the file has no more of their names than a label. */
function checkFields(
  { signature }: PredictorState,
  { step, path, file }: { readonly step: StepShape; readonly path: string; readonly file: string },
): void {
  const own = [...step.inputs, ...step.outputs].map(({ name }) => name);
  const python = [...pythonNames(own).values()];
  const found = signature.fields.map(({ prefix }) => prefix.replace(/:\s*$/, ''));
  const same =
    python.length === found.length &&
    python.every((name, at) => plainName(name) === plainName(found[at] ?? ''));
  if (same) return;
  throw invalidImport(
    `${file}: "${path || 'self'}" has the fields ${found.join(', ')}, and ${parameterName(step.name, 'demos')} is of ${own.join(', ')}.`,
    { hint: 'Give the step the same fields in the same order (chainOfThought adds `reasoning`).', file },
  );
}
