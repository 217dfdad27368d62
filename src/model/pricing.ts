import { createRequire } from 'node:module';
import type { Model, ModelPrice, Usage } from './model.ts';

type PriceTable = typeof import('@pydantic/genai-prices');

// Read on the first question, because loading the table takes 60 ms that most commands never need.
const require = createRequire(import.meta.url);
let loadedTable: PriceTable | undefined;
function priceTable(): PriceTable {
  loadedTable ??= require('@pydantic/genai-prices') as PriceTable;
  return loadedTable;
}

interface KnownPrice {
  readonly price: ModelPrice;
  /** Whether the price has steps, so that the cost is not linear in the tokens. */
  readonly hasSteps: boolean;
}

const free: KnownPrice = { price: { input: 0, output: 0, cachedInput: 0 }, hasSteps: false };
const known = new Map<string, KnownPrice | undefined>();

/** Providers whose models run on the user's own machine and cost nothing a token. */
const ownMachine = new Set(['local', 'ollama']);

/** Where the table calls a provider otherwise than its AI SDK package does. */
const tableNames: Readonly<Record<string, string>> = {
  xai: 'x-ai',
  'amazon-bedrock': 'aws',
  vertex: 'google',
};

/**
 * The public price of a model, from the table of `@pydantic/genai-prices` as installed; nothing is fetched.
 *
 * @param modelId `provider/model`, as in `Model.id`.
 * @returns US dollars per million tokens, the lowest step of a stepped price; 0 for local models; undefined
 *   when the price is unknown.
 */
export function priceOf(modelId: string): ModelPrice | undefined {
  return knownPrice(modelId)?.price;
}

/** The price that holds for a model: the user's, else the model's own, else the public one. */
export function priceOfModel(
  model: Pick<Model, 'id' | 'price' | 'inProcess'>,
  given?: ModelPrice | undefined,
): ModelPrice | undefined {
  return given ?? model.price ?? (model.inProcess ? free.price : priceOf(model.id));
}

/**
 * What a call of a model costs at its public price.
 *
 * @returns US dollars; undefined when the price or the tokens are unknown.
 */
export function costOf(modelId: string, usage: Usage): number | undefined {
  const entry = knownPrice(modelId);
  if (entry === undefined) return undefined;
  return entry.hasSteps ? steppedCost(modelId, usage) : costAt(entry.price, usage);
}

/**
 * What a call costs at a given price. Cached input tokens are a part of the input tokens and cost
 * `cachedInput`, or as much as the others when that is not given.
 *
 * @returns US dollars; undefined when the tokens are unknown, unless the price is 0.
 */
export function costAt(price: ModelPrice, usage: Usage): number | undefined {
  const { inputTokens, outputTokens } = usage;
  if (price.input === 0 && price.output === 0) return 0;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cached = Math.min(usage.cachedInputTokens ?? 0, inputTokens);
  const input = (inputTokens - cached) * price.input + cached * (price.cachedInput ?? price.input);
  return (input + outputTokens * price.output) / 1e6;
}

function knownPrice(modelId: string): KnownPrice | undefined {
  if (known.has(modelId)) return known.get(modelId);
  const found = lookUp(modelId);
  known.set(modelId, found);
  return found;
}

function lookUp(modelId: string): KnownPrice | undefined {
  const [provider, name] = splitModelId(modelId);
  if (provider === undefined) return undefined;
  if (ownMachine.has(provider)) return free;
  const providerId = tableNames[provider] ?? provider;
  const priced = priceTable().calcPrice({}, name, { providerId });
  // The table takes a part of a provider's name for the whole; another company's price is not this one's.
  if (priced?.provider.id !== providerId) return undefined;
  const found = priced.model_price;
  const input = lowestStep(found?.input_mtok);
  const output = lowestStep(found?.output_mtok);
  if (input === undefined || output === undefined) return undefined;
  return {
    price: { input, output, cachedInput: lowestStep(found?.cache_read_mtok) },
    hasSteps: typeof found?.input_mtok === 'object' || typeof found?.output_mtok === 'object',
  };
}

function lowestStep(price: number | { readonly base: number } | undefined): number | undefined {
  return typeof price === 'object' ? price.base : price;
}

function steppedCost(modelId: string, usage: Usage): number | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const [provider = '', name] = splitModelId(modelId);
  // The table refuses more cached tokens than tokens, which some servers report.
  const cached = Math.min(usage.cachedInputTokens ?? 0, inputTokens);
  const tokens = { input_tokens: inputTokens, output_tokens: outputTokens, cache_read_tokens: cached };
  return priceTable().calcPrice(tokens, name, { providerId: tableNames[provider] ?? provider })?.total_price;
}

function splitModelId(modelId: string): [provider: string | undefined, name: string] {
  const slash = modelId.indexOf('/');
  return slash < 0 ? [undefined, modelId] : [modelId.slice(0, slash), modelId.slice(slash + 1)];
}
