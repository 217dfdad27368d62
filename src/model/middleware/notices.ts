import { type CallRecord, type ModelCall, type ModelMiddleware, wrapCalls } from '../model.ts';

/** Tells each notice of an answer once, those of stored answers too. */
export function withNotices(listener: (notice: string) => void): ModelMiddleware {
  const said = new Set<string>();
  const tell = ({ notices }: CallRecord) => {
    if (notices === undefined) return;
    for (const notice of notices) {
      if (said.has(notice)) continue;
      said.add(notice);
      listener(notice);
    }
  };
  return (model) =>
    wrapCalls(model, <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const answer = call.proceed();
      // Told before whoever asked goes on, because this was the first to wait for the answer.
      answer.then(tell, () => undefined);
      return answer;
    });
}
