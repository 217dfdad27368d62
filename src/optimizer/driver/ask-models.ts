import type { OptimizationContext, StopReason } from '../optimizer.ts';
import { times } from './amounts.ts';
import { type AskUnit, askKey, modelOf } from './ask.ts';
import type { Asker } from './evaluator.ts';
import { isExhausted, reasonOf, type SearchEngine } from './scope.ts';

export interface AskOptions extends Asker {
  /** Names who asks within the run: part of every draw. */
  readonly path: string;
  /** Called before anything is asked; may throw. */
  readonly before?: (() => void) | undefined;
  /** Called when a limit refuses. */
  readonly refused?: ((reason: StopReason) => Promise<void>) | undefined;
}

/** Asks models through the run's one way of effects: recorded, limited, in order. */
export function createAsk(
  engine: Pick<SearchEngine, 'models' | 'randomSeed' | 'costs' | 'effects' | 'record' | 'emit'>,
  { account, path, purpose, before, refused }: AskOptions,
): OptimizationContext['ask'] {
  const { costs, record } = engine;
  return (async (requests) => {
    const units = requests.map((request): AskUnit => {
      modelOf(request as Pick<AskUnit['ask'], 'role'>, engine.models);
      const draw = `${engine.randomSeed}/${path}/${request.label}/${request.sample ?? 0}`;
      const typical = costs.ask(request as unknown as AskUnit['ask']);
      return {
        kind: 'ask',
        key: askKey(draw, request as unknown as AskUnit['ask']),
        account,
        typical,
        most: times(typical, 2),
        ask: request as unknown as AskUnit['ask'],
        draw,
      };
    });
    try {
      before?.();
      await engine.effects.request({ units, purpose });
    } catch (thrown) {
      if (isExhausted(thrown)) await refused?.(reasonOf(thrown));
      throw thrown;
    }
    const results = units.map(({ key }) => {
      const settled = record.get(key);
      if (settled?.kind !== 'ask') throw new TypeError(`No answer for ${key.example}.`);
      return settled.ask.result;
    });
    for (const label of new Set(requests.map((request) => request.label))) {
      const of = results.filter((_, index) => requests[index]?.label === label);
      const count = (status: string) => of.filter((result) => result.status === status).length;
      engine.emit({
        type: 'reflected',
        label,
        answered: count('answered'),
        unreadable: count('unreadable'),
        lost: count('lost'),
      });
    }
    return results;
  }) as OptimizationContext['ask'];
}
