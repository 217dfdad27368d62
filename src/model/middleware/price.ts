import {
  type CallRecord,
  type ModelCall,
  type ModelMiddleware,
  type ModelPrice,
  wrapCalls,
} from '../model.ts';
import { costAt, costOf, priceOfModel } from '../pricing.ts';

/**
 * Puts a price on every answer that comes without one; an unknown price stays unknown. The only place where
 * answers get their cost.
 *
 * @param options.price Instead of the model's own price and of any cost that the answer says.
 */
export function withPrice(options: { readonly price?: ModelPrice | undefined } = {}): ModelMiddleware {
  return (model) => {
    const price = priceOfModel(model, options.price);
    if (price === undefined) return model;
    // The table of public prices knows steps for long prompts, which a plain price does not say.
    const isFromTable = options.price === undefined && model.price === undefined;
    return wrapCalls({ ...model, price }, async <Answer extends CallRecord>(call: ModelCall<Answer>) => {
      const answer: Answer = await call.proceed();
      if (answer.costUsd !== undefined && options.price === undefined) return answer;
      const computed = isFromTable ? costOf(model.id, answer.usage) : costAt(price, answer.usage);
      // Where the tokens are unknown, what the answer says of itself is all there is.
      const costUsd = computed ?? answer.costUsd;
      return { ...answer, costUsd };
    });
  };
}
