import type { Json } from '../../base/json.ts';
import { answerKey } from '../../model/middleware/answer-cache.ts';
import type { Model, ModelPrice, Usage } from '../../model/model.ts';
import { estimateRequestTokens } from '../../model/token-count.ts';
import type { Store } from '../../store/store.ts';
import type { Disturbance } from './trial.ts';

/** US dollars per million tokens. */
const prices: Readonly<Record<'task' | 'reflection', ModelPrice>> = {
  task: { input: 1, output: 4 },
  reflection: { input: 0.2, output: 0.8 },
};

/** What a plan leaves out of its dollars for a call under way: 4,096 tokens in and 1,024 out. */
export const setAsideUsd = (4_096 * prices.task.input + 1_024 * prices.task.output) / 1e6;

/** What a provider takes for its answers, over all processes of a run. */
export interface Till {
  /** The models of one process, with prices. */
  at(options?: {
    /** What the process has stored answers in. */
    readonly store?: Store | undefined;
    /** Called with the number of answers that the process has paid for. */
    readonly onPaid?: ((paid: number) => unknown) | undefined;
  }): Pick<Disturbance, 'around' | 'aroundReflection'>;
  paidUsd(): number;
  /** The dearest answer. */
  dearestUsd(): number;
  /** Answers that were paid for a second time. */
  paidTwice(): number;
  /** Answers that were stored, and paid for all the same. */
  paidAlthoughStored(): readonly string[];
}

export function createTill(): Till {
  const costs: number[] = [];
  const keys = new Set<string>();
  const stored: string[] = [];
  const at: Till['at'] = ({ store, onPaid = () => undefined } = {}) => {
    let paid = 0;
    const pay = async (key: string, usage: Usage, price: ModelPrice) => {
      if ((await store?.answers.read(key)) !== undefined) stored.push(key);
      const { inputTokens = 0, outputTokens = 0 } = usage;
      const costUsd = (inputTokens * price.input + outputTokens * price.output) / 1e6;
      costs.push(costUsd);
      keys.add(key);
      paid += 1;
      onPaid(paid);
      return costUsd;
    };
    return {
      around: (model) => priced(model, prices.task, pay),
      aroundReflection: (model) => priced(model, prices.reflection, pay),
    };
  };
  return {
    at,
    paidUsd: () => costs.reduce((sum, cost) => sum + cost, 0),
    dearestUsd: () => Math.max(0, ...costs),
    paidTwice: () => costs.length - keys.size,
    paidAlthoughStored: () => stored,
  };
}

type Pay = (key: string, usage: Usage, price: ModelPrice) => Promise<number>;

function priced(model: Model, price: ModelPrice, pay: Pay): Model {
  const { endpoint, id: modelId, scoreChoices } = model;
  return {
    ...model,
    price,
    generate: async (request, options) => {
      const answer = await model.generate(request, options);
      const payload = request as unknown as Json;
      const key = answerKey({ endpoint, modelId, kind: 'generate', payload, draw: options?.draw });
      return { ...answer, costUsd: await pay(key, answer.usage, price) };
    },
    ...(scoreChoices && {
      scoreChoices: async (request, choices, options) => {
        const scores = await scoreChoices(request, choices, options);
        const payload = { request: request as unknown as Json, choices };
        const key = answerKey({ endpoint, modelId, kind: 'score-choices', payload, draw: options?.draw });
        const usage = { inputTokens: estimateRequestTokens(request), outputTokens: 0 };
        return { ...scores, usage, costUsd: await pay(key, usage, price) };
      },
    }),
  };
}
