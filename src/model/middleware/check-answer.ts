import { HoneError } from '../../base/errors.ts';
import {
  type CallRecord,
  type ChoiceScores,
  type Model,
  type ModelCall,
  type ModelResponse,
  type TokenScores,
  type Usage,
  wrapCalls,
} from '../model.ts';
import { readCount } from '../read-count.ts';

/**
 * Holds every answer to the contract, whoever made it: scores are finite and as many as the choices, a text
 * is a text, and counts, costs and times are numbers from 0 or unknown.
 *
 * @throws {HoneError} `HONE_MODEL_BAD_REPLY` for scores or texts that cannot be used.
 */
export function withAnswerCheck(model: Model): Model {
  return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    const answer = await call.proceed();
    const problem = problemOf(answer, call);
    if (problem !== undefined) throw unusable(problem, model);
    return isSound(answer) ? answer : mended(answer);
  });
}

type AnyAnswer = Partial<ModelResponse & ChoiceScores & TokenScores>;

function problemOf(answer: AnyAnswer, { kind, choices = [] }: ModelCall<CallRecord>): string | undefined {
  switch (kind) {
    case 'generate':
      return typeof answer.text === 'string' ? undefined : 'the answer has no text';
    case 'score-choices': {
      const scores = answer.logProbabilities;
      if (!Array.isArray(scores)) return 'there are no scores';
      if (scores.length !== choices.length) return `it scored ${scores.length} of ${choices.length} choices`;
      const wrong = scores.findIndex((score) => !Number.isFinite(score));
      return wrong < 0 ? undefined : `the score of "${choices[wrong]}" is ${scores[wrong]}`;
    }
    case 'score-tokens': {
      const wrong = answer.tokens?.find(({ logProbability }) => !Number.isFinite(logProbability));
      return wrong && `the score of the token "${wrong.text}" is ${wrong.logProbability}`;
    }
  }
}

function unusable(problem: string, model: Model): HoneError {
  return new HoneError(`${model.id} answered, but ${problem}.`, {
    code: 'HONE_MODEL_BAD_REPLY',
    hint: 'Ask again; if it stays, the model or what serves it is broken: take another.',
    facts: { modelId: model.id, endpoint: model.endpoint, retryable: !model.inProcess },
  });
}

function isSound({ usage, costUsd, latencyMs }: CallRecord): boolean {
  return (
    isCountOrUnknown(costUsd) &&
    isCountOrUnknown(latencyMs) &&
    latencyMs !== undefined &&
    isRecord(usage) &&
    isCountOrUnknown(usage.inputTokens) &&
    isCountOrUnknown(usage.outputTokens) &&
    isCountOrUnknown(usage.cachedInputTokens) &&
    isCountOrUnknown(usage.reasoningTokens)
  );
}

function isCountOrUnknown(count: unknown): boolean {
  return count === undefined || readCount(count) !== undefined;
}

function isRecord(usage: unknown): usage is Usage {
  return typeof usage === 'object' && usage !== null;
}

function mended<Answer extends CallRecord>(answer: Answer): Answer {
  const usage: Usage = isRecord(answer.usage) ? answer.usage : {};
  return {
    ...answer,
    costUsd: readCount(answer.costUsd),
    latencyMs: readCount(answer.latencyMs) ?? 0,
    usage: {
      inputTokens: readCount(usage.inputTokens),
      cachedInputTokens: readCount(usage.cachedInputTokens),
      outputTokens: readCount(usage.outputTokens),
      reasoningTokens: readCount(usage.reasoningTokens),
    },
  };
}
