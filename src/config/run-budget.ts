import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Model } from '../model/model.ts';
import { priceOfModel } from '../model/pricing.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { ConfiguredBudget } from './define-config.ts';
import { budgetSchema } from './option-schemas.ts';

/** What one run may spend when nobody says otherwise and its model costs money. */
export const paidDefaults = { usd: 1, calls: 2_000, reflectionCalls: 200, minutes: 30 } as const;

export interface RunBudgetOptions {
  /** All that the run may ask. */
  readonly models: readonly Model[];
  /** From the most specific to the most general; the first that says something counts. */
  readonly said: readonly (ConfiguredBudget | undefined)[];
}

/**
 * The limits of a run: what was said, else the defaults of paid models, else none.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a limit out of range, `HONE_PRICE_UNKNOWN` when dollars are limited and a model's price is unknown.
 */
export function runBudget({ models, said }: RunBudgetOptions): OptimizationBudget {
  const defaults: ConfiguredBudget = models.some(mayCost) ? paidDefaults : {};
  const first = <Key extends keyof ConfiguredBudget>(key: Key) =>
    [...said, defaults].find((budget) => budget?.[key] !== undefined)?.[key];
  const usd = first('usd');
  const budget = resolveOptions(
    budgetSchema,
    {
      usd: usd === 'none' ? undefined : usd,
      calls: first('calls'),
      reflectionCalls: first('reflectionCalls'),
      tokens: first('tokens'),
      minutes: first('minutes'),
    },
    { of: 'the budget' },
  );
  const unpriced = models.find((each) => priceOfModel(each) === undefined);
  if (budget.usd !== undefined && unpriced !== undefined) throw unknownPrice(unpriced, budget.usd);
  return budget;
}

/** Whether answers of this model may cost money: not in this process, nor on this machine, nor free. */
export function mayCost(model: Model): boolean {
  if (model.inProcess || isOnThisMachine(model.endpoint)) return false;
  const price = priceOfModel(model);
  return price === undefined || price.input > 0 || price.output > 0;
}

function isOnThisMachine(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127\./.test(hostname) ||
    hostname.endsWith('.localhost')
  );
}

function unknownPrice(model: Model, usd: number): HoneError {
  return new HoneError(`The price of ${model.id} is unknown, so a limit of ${usd} USD cannot be kept.`, {
    code: 'HONE_PRICE_UNKNOWN',
    hint: 'Give --price-input and --price-output (US dollars per million tokens), or --budget-usd none for no dollar limit.',
    facts: { model: model.id },
  });
}
