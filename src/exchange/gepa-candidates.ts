import { z } from 'zod';
import { completeCandidate } from '../program/check-candidate.ts';
import type { AnyProgram } from '../program/program.ts';
import { type Candidate, type Parameter, parameterName } from '../prompt/candidate.ts';
import { escapeSlots } from '../prompt/template.ts';
import { stepOfPath } from './dspy/dspy-paths.ts';
import { invalidImport } from './exchange-errors.ts';
import { readJsonText } from './read-json-file.ts';

const texts = z.array(z.record(z.string(), z.string()));
const result = z.looseObject({
  candidates: texts,
  parents: z.array(z.array(z.number().nullable()).nullable()).optional(),
  val_aggregate_scores: z.array(z.number().nullable()).optional(),
  best_idx: z.number().int().optional(),
});

/** One candidate of a GEPA run. */
export interface GepaCandidate {
  /** Complete: what GEPA did not search, the program's seed gives. */
  readonly candidate: Candidate;
  /** Its mean on GEPA's validation rows, where the file says it. */
  readonly score?: number | undefined;
  /** Indexes of those that it came from, where the file says it. */
  readonly parents?: readonly number[] | undefined;
}

export interface ImportedGepa {
  /** In GEPA's order, the seed first. */
  readonly candidates: readonly GepaCandidate[];
  /** The index of the best by GEPA's own score, where the file says it. */
  readonly best?: number | undefined;
}

export interface ImportGepaOptions {
  /** What the file is called in messages. @default 'candidates.json' */
  readonly file?: string | undefined;
  /** The parameter of each component, such as `{ system_prompt: 'answer.instructions' }`. @default by its name */
  readonly components?: Readonly<Record<string, string>> | undefined;
}

/**
 * The candidates of a GEPA run: `candidates.json` of its folder, or `result.to_dict()` as JSON, which says their scores
 * too. A component is a parameter's name, a step's, or a DSPy predictor's path; the only one is the only text.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` for a file that holds no candidates, or a component that is no parameter.
 */
export function importGepaCandidates(
  text: string,
  program: AnyProgram,
  { file = 'candidates.json', components = {} }: ImportGepaOptions = {},
): ImportedGepa {
  const value = readJsonText(text, file);
  const parsed = Array.isArray(value) ? texts.safeParse(value) : result.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalidImport(`${file} holds no candidates of GEPA: ${issue?.path.join('.')} ${issue?.message}.`, {
      hint: 'Take candidates.json of its run_dir, or json.dump(result.to_dict(), …).',
      file,
    });
  }
  const run = Array.isArray(parsed.data) ? { candidates: parsed.data } : parsed.data;
  const { shape, seed } = program;
  const check = { program: shape, seed, called: file };
  return {
    candidates: run.candidates.map((said, index) => {
      const changes: Record<string, Parameter> = {};
      for (const [component, written] of Object.entries(said)) {
        const place = { program, components, file, count: Object.keys(said).length };
        const name = parameterOfComponent(component, place);
        if (Object.hasOwn(changes, name)) {
          throw invalidImport(
            `${file}: two components of a candidate are ${name}, "${component}" among them.`,
            {
              hint: 'Say which is which with `components`.',
              file,
            },
          );
        }
        changes[name] = { kind: 'text', text: escapeSlots(written) };
      }
      const score = run.val_aggregate_scores?.[index];
      const parents = run.parents?.[index]?.filter((parent) => parent !== null);
      return {
        candidate: completeCandidate({ ...seed, ...changes }, check),
        ...(typeof score === 'number' && { score }),
        ...(parents !== undefined && { parents }),
      };
    }),
    ...(run.best_idx !== undefined && { best: run.best_idx }),
  };
}

interface ComponentPlace {
  readonly program: AnyProgram;
  readonly components: Readonly<Record<string, string>>;
  readonly file: string;
  /** How many components a candidate has. */
  readonly count: number;
}

function parameterOfComponent(
  component: string,
  { program, components, file, count }: ComponentPlace,
): string {
  const known = program.shape.parameters.filter(({ kind }) => kind === 'text').map(({ name }) => name);
  const [only, another] = known.filter((name) => name.endsWith('.instructions'));
  const guesses = [
    components[component],
    component,
    parameterName(component, 'instructions'),
    parameterName(stepOfPath(component), 'instructions'),
    count === 1 && another === undefined ? only : undefined,
  ];
  const found = guesses.find((name) => name !== undefined && known.includes(name));
  if (found !== undefined) return found;
  throw invalidImport(
    `${file}: the component "${component}" is no text parameter of "${program.shape.name}".`,
    {
      hint: `Say which one it is: components: { ${JSON.stringify(component)}: '${known[0] ?? '…'}' }. There are ${known.join(', ')}.`,
      file,
    },
  );
}
