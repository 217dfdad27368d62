import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type {
  CallOptions,
  ChoiceScores,
  Model,
  ModelDelta,
  ModelPrice,
  ModelRequest,
  ModelResponse,
  Usage,
} from '../model/model.ts';
import { estimateRequestTokens, estimateTokens } from '../model/token-count.ts';

/** A text, or any part of a response. */
export type ScriptedReply = string | Partial<ModelResponse>;

export interface ScriptedModelOptions {
  /** @default 'scripted/model' */
  readonly id?: string | undefined;
  /** @default 'scripted:' */
  readonly endpoint?: string | undefined;
  /** Answers in order, from the start again after the last. Give these or `respond`. */
  readonly replies?: readonly ScriptedReply[] | undefined;
  /** Answers by what is asked; the same question must get the same answer. */
  readonly respond?:
    | ((request: ModelRequest, call: { readonly draw: string }) => ScriptedReply | Promise<ScriptedReply>)
    | undefined;
  /** The log-probability of each choice. Left out: the model scores no choices. */
  readonly scoreChoices?:
    | ((
        request: ModelRequest,
        choices: readonly string[],
        call: { readonly draw: string },
      ) => readonly number[])
    | undefined;
  /** How long an answer takes on the clock, in milliseconds. @default 0 */
  readonly latencyMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Of each answer. @default an estimate from the texts */
  readonly usage?: Usage | undefined;
  /** Thrown by the calls in this order, before anything is answered; undefined lets a call pass. */
  readonly failures?: readonly (unknown | undefined)[] | undefined;
  /** Whether `calls` keeps every call; off for very many. @default true */
  readonly keepCalls?: boolean | undefined;
  /** @default 0 for input and output */
  readonly price?: ModelPrice | undefined;
}

export interface ScriptedCall {
  readonly kind: 'generate' | 'score-choices';
  readonly request: ModelRequest;
  readonly choices?: readonly string[] | undefined;
  readonly draw: string;
}

export interface ScriptedModel extends Model {
  /** What was asked, in order of arrival; empty with `keepCalls: false`. */
  readonly calls: readonly ScriptedCall[];
  /** How often it was asked. */
  readonly callCount: number;
  stream(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelDelta>;
}

/** A model that answers what it is told to: deterministic, and it remembers what it was asked. */
export function scriptedModel(options: ScriptedModelOptions): ScriptedModel {
  const {
    id = 'scripted/model',
    latencyMs = 0,
    clock = systemClock,
    replies,
    respond,
    failures = [],
  } = options;
  if ((replies === undefined) === (respond === undefined) && options.scoreChoices === undefined) {
    throw new HoneError('A scripted model takes either `replies` or `respond`.', {
      code: 'HONE_OPTION_INVALID',
    });
  }
  const calls: ScriptedCall[] = [];
  let callCount = 0;

  /** @returns the number of the call, from 0. */
  const arrive = async (call: ScriptedCall, { signal }: CallOptions): Promise<number> => {
    signal?.throwIfAborted();
    const index = callCount;
    callCount += 1;
    if (options.keepCalls !== false) calls.push(call);
    if (latencyMs > 0) await clock.sleep(latencyMs, signal);
    const failure = failures[index];
    if (failure !== undefined) throw failure;
    return index;
  };

  const replyTo = async (request: ModelRequest, index: number, draw: string): Promise<ScriptedReply> => {
    if (respond !== undefined) return respond(request, { draw });
    const failed = failures.slice(0, index).filter((failure) => failure !== undefined).length;
    const reply = replies?.[(index - failed) % replies.length];
    if (reply !== undefined) return reply;
    throw new HoneError(`${id} has no reply.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give `replies` or `respond`.',
    });
  };

  const generate = async (request: ModelRequest, call: CallOptions = {}): Promise<ModelResponse> => {
    const draw = call.draw ?? '0';
    const index = await arrive({ kind: 'generate', request, draw }, call);
    const reply = await replyTo(request, index, draw);
    const { text = '', ...rest } = typeof reply === 'string' ? { text: reply } : reply;
    const usage = options.usage ?? {
      inputTokens: estimateRequestTokens(request),
      outputTokens: estimateTokens(text),
    };
    return { text, finishReason: 'stop', usage, latencyMs, ...rest };
  };

  const { scoreChoices } = options;
  const score = async (
    request: ModelRequest,
    choices: readonly string[],
    call: CallOptions = {},
  ): Promise<ChoiceScores> => {
    const draw = call.draw ?? '0';
    await arrive({ kind: 'score-choices', request, choices, draw }, call);
    const usage = options.usage ?? { inputTokens: estimateRequestTokens(request) };
    return { logProbabilities: scoreChoices?.(request, choices, { draw }) ?? [], usage, latencyMs };
  };

  return {
    id,
    endpoint: options.endpoint ?? 'scripted:',
    capabilities: {
      choiceScores: scoreChoices !== undefined,
      tokenScores: false,
      jsonSchema: false,
      tools: true,
      completion: true,
    },
    price: options.price ?? { input: 0, output: 0 },
    calls,
    get callCount() {
      return callCount;
    },
    generate,
    async *stream(request, call) {
      const response = await generate(request, call);
      for (const text of response.text.match(/\S+\s*|\s+/g) ?? []) yield { type: 'text-delta', text };
      yield { type: 'finish', response };
    },
    ...(scoreChoices && { scoreChoices: score }),
  };
}
