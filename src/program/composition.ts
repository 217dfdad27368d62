import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { Json } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { AnyProgram, ParameterSpec, Runtime, StepShape } from './program.ts';

/** What a program has from the programs that it is made of. */
export interface Composition {
  readonly version: string;
  readonly steps: readonly StepShape[];
  readonly parameters: readonly ParameterSpec[];
  readonly seed: Candidate;
  /** The models that they bring along, by role. */
  readonly models?: Readonly<Record<string, Model>> | undefined;
}

/**
 * The steps, parameters and seed of several programs together, and the version of what is made of them.
 *
 * @param behaviour Raised when what is made of them behaves otherwise with the same settings.
 * @param settings Everything else that it does depends on; the text of a function stands for it.
 * @throws {HoneError} `HONE_OPTION_INVALID` when two of them bring different models along for one role.
 */
export function composed(
  behaviour: string,
  parts: readonly AnyProgram[],
  settings: Json | undefined = null,
): Composition {
  const versions = parts.map(({ shape }) => [shape.name, shape.version]);
  return {
    version: hashJson([behaviour, settings, versions]).slice(0, 16),
    steps: parts.flatMap(({ shape }) => shape.steps),
    parameters: parts.flatMap(({ shape }) => shape.parameters),
    seed: Object.assign({}, ...parts.map(({ seed }) => seed)),
    ...modelsOf(parts),
  };
}

function modelsOf(parts: readonly AnyProgram[]): Pick<Composition, 'models'> {
  const models = new Map<string, Model>();
  for (const { models: own = {}, shape } of parts) {
    for (const [role, model] of Object.entries(own)) {
      const known = models.get(role);
      if (known !== undefined && known !== model) {
        throw new HoneError(
          `"${shape.name}" brings ${model.id} along as "${role}", and a program beside it ${known.id}.`,
          {
            code: 'HONE_OPTION_INVALID',
            hint: 'Let both ask the same model object, or run them on their own.',
          },
        );
      }
      models.set(role, model);
    }
  }
  return models.size === 0 ? {} : { models: Object.fromEntries(models) };
}

/** The text of a function as a part of a version; absent where there is none. */
export function textOf(code: unknown): string | null {
  return code === undefined ? null : String(code);
}

/** The same runtime for an answer of its own: asked alike, each label is answered on its own. */
export function withDraw<Given extends Runtime>(runtime: Given, label: string): Given {
  return { ...runtime, draw: `${runtime.draw ?? '0'}/${label}` };
}

/** The same runtime for answers that are to differ: what would be asked at 0 is asked at this temperature. */
export function withSampling<Given extends Runtime>(runtime: Given, temperature: number): Given {
  return { ...runtime, samplingTemperature: runtime.samplingTemperature ?? temperature };
}

/** The names of the steps of a program that makes them itself: `draft`, or `essay-draft` where it is named `essay`. */
export function innerName(name: string | undefined, step: string): string {
  return name === undefined ? step : `${name}-${step}`;
}
