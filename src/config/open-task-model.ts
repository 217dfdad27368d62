import type { Model, ModelPrice } from '../model/model.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import type { Workspace } from './workspace.ts';

/** What flags say of the model itself. */
export interface ModelFlags {
  readonly baseUrl?: string | undefined;
  /** US dollars per million tokens. */
  readonly priceInput?: number | undefined;
  readonly priceOutput?: number | undefined;
}

/** Opens the model of a task with what the flags say of it. */
export async function openTaskModel(
  workspace: Workspace,
  reference: ModelReference | undefined,
  flags: ModelFlags = {},
): Promise<Model> {
  const model = await workspace.openModel(reference, { baseUrl: flags.baseUrl });
  return withPrice(model, flags);
}

function withPrice(model: Model, { priceInput, priceOutput }: ModelFlags): Model {
  if (priceInput === undefined && priceOutput === undefined) return model;
  const price: ModelPrice = {
    input: priceInput ?? model.price?.input ?? 0,
    output: priceOutput ?? model.price?.output ?? 0,
  };
  return { ...model, price };
}
