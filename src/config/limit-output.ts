import type { JsonObject } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import type { Program, Runtime } from '../program/program.ts';

/**
 * The program with every answer cut at `limit` tokens. The limit changes the request itself, so that stored
 * answers of another limit are not taken for these.
 */
export function limitOutput(program: Program, limit: number): Program {
  const known = new WeakMap<Model, Model>();
  const limited = <Reference extends Model | string | undefined>(model: Reference) => {
    if (model === undefined || typeof model === 'string') return model;
    const wrapped = known.get(model) ?? limitModel(model, limit);
    known.set(model, wrapped);
    return wrapped;
  };
  const limitedRuntime = (runtime: Runtime = {}): Runtime => {
    const { model, models = {} } = runtime;
    const roles = Object.entries(models).map(([role, each]) => [role, limited(each)] as const);
    return { ...runtime, model: limited(model), models: Object.fromEntries(roles) };
  };
  const steps = program.shape.steps.map((shape) => ({
    ...shape,
    maxOutputTokens: Math.min(limit, shape.maxOutputTokens),
  }));
  return {
    ...program,
    shape: { ...program.shape, steps },
    run: (inputs: JsonObject, runtime) => program.run(inputs, limitedRuntime(runtime)),
    forward: (inputs: JsonObject, runtime) => program.forward(inputs, limitedRuntime(runtime)),
    stream: (inputs: JsonObject, options) =>
      program.stream(inputs, { ...limitedRuntime(options), field: options.field, step: options.step }),
  };
}

function limitModel(model: Model, limit: number): Model {
  return {
    ...model,
    generate: (request, options) =>
      model.generate(
        { ...request, maxOutputTokens: Math.min(limit, request.maxOutputTokens ?? limit) },
        options,
      ),
  };
}
