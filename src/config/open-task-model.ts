import { withPathDefaults } from '../model/middleware/call-path.ts';
import type { Model, ModelPrice } from '../model/model.ts';
import type { ServerLack } from '../model/provider/server-dialect.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import type { Workspace } from './workspace.ts';

/** What flags say of the model itself. */
export interface ModelFlags {
  readonly baseUrl?: string | undefined;
  /** Longest time of one attempt, in seconds; 0 for no limit. @default `HONE_TIMEOUT`, else 120 */
  readonly timeout?: number | undefined;
  /** What the server of the model does not take. @default nothing, until it refuses it */
  readonly serverLacks?: readonly ServerLack[] | undefined;
  /** Longest time that a request of `handoff` waits for its answer, in minutes. @default 0 */
  readonly handoffWait?: number | undefined;
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
  const { baseUrl, serverLacks, handoffWait = 0, timeout = workspace.environment.timeout } = flags;
  const opened = await workspace.openModel(reference, {
    baseUrl,
    lacks: serverLacks,
    handoffWaitMs: handoffWait * 60_000,
  });
  const model = withPrice(opened, flags);
  // Who answers by hand has a time of their own.
  return timeout === undefined || model.byHand
    ? model
    : withPathDefaults(model, { timeoutMs: timeout * 1000 });
}

function withPrice(model: Model, { priceInput, priceOutput }: ModelFlags): Model {
  if (priceInput === undefined && priceOutput === undefined) return model;
  const price: ModelPrice = {
    input: priceInput ?? model.price?.input ?? 0,
    output: priceOutput ?? model.price?.output ?? 0,
  };
  return { ...model, price };
}
