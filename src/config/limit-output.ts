import type { JsonObject } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import type { Program, Runtime } from '../program/program.ts';

/**
 * The program with every answer cut at `limit` tokens. The limit changes the request itself, so that stored
 * answers of another limit are not taken for these.
 */
export function limitOutput(program: Program, limit: number): Program {
  const limited = new WeakMap<Model, Model>();
  const limitedRuntime = (runtime: Runtime = {}): Runtime => {
    const { model } = runtime;
    if (model === undefined || typeof model === 'string') return runtime;
    const known = limited.get(model) ?? limitModel(model, limit);
    limited.set(model, known);
    return { ...runtime, model: known };
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
