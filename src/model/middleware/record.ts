import type { Json } from '../../base/json.ts';
import { type CallRecord, type ModelCall, type ModelMiddleware, wrapCalls } from '../model.ts';

/** One finished call, as an observer sees it. */
export interface ObservedCall {
  readonly modelId: string;
  readonly endpoint: string;
  readonly kind: ModelCall<CallRecord>['kind'];
  readonly payload: Json;
  /** See `CallOptions.draw`. */
  readonly draw: string;
  readonly result:
    | { readonly status: 'answered'; readonly answer: CallRecord }
    | { readonly status: 'failed'; readonly thrown: unknown };
}

/**
 * Shows every finished call to `observe`. Around the cache it sees every call; beneath it, those that were
 * made.
 */
export function withRecord({ observe }: { readonly observe: (call: ObservedCall) => void }): ModelMiddleware {
  return (model) =>
    wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const { kind, payload, options } = call;
      const seen = {
        modelId: model.id,
        endpoint: model.endpoint,
        kind,
        payload,
        draw: options.draw ?? '0',
      };
      let answer: Answer;
      try {
        answer = await call.proceed();
      } catch (thrown) {
        observe({ ...seen, result: { status: 'failed', thrown } });
        throw thrown;
      }
      observe({ ...seen, result: { status: 'answered', answer } });
      return answer;
    });
}
