import { HoneError } from '../base/errors.ts';
import type { Model } from '../model/model.ts';
import { resolveModel } from '../model/resolve-model.ts';
import type { ModelRole, Runtime } from './program.ts';

/**
 * The model behind a role, for a step that asks it: resolved once where it is only named, and as the runtime wraps it.
 *
 * @param own Answers as `task` where the runtime names nobody.
 */
export function modelOfRole(
  step: string,
  own: Model | string,
): (role: ModelRole, runtime: Runtime) => Promise<Model> {
  const byName = new Map<string, Promise<Model>>();
  const resolve = (name: string) => {
    const known = byName.get(name) ?? Promise.resolve(resolveModel(name));
    byName.set(name, known);
    return known;
  };
  return async (role, { models, model, around }) => {
    const reference = models?.[role] ?? (role === 'task' ? (model ?? own) : undefined);
    if (reference === undefined) {
      throw new HoneError(`The step "${step}" asks the model of the role "${role}", and none was given.`, {
        code: 'HONE_OPTION_INVALID',
        hint: `Give it in \`models\`: { ${JSON.stringify(role)}: … }.`,
      });
    }
    const found = typeof reference === 'string' ? await resolve(reference) : reference;
    return around === undefined ? found : around(found, { step, role });
  };
}

/** The same runtime with one more wrapping around every model that is asked, inside those that are there. */
export function withAround<Given extends Runtime>(
  runtime: Given,
  wrap: NonNullable<Runtime['around']>,
): Given {
  const { around } = runtime;
  return {
    ...runtime,
    around: around === undefined ? wrap : (model, asked) => around(wrap(model, asked), asked),
  };
}
