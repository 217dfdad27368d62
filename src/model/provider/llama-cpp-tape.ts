import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { HoneError } from '../../base/errors.ts';

/**
 * Tokens evaluated in one go. It is fixed, because log-probabilities depend in the last bits, and beyond, on
 * how tokens were batched; and it bounds how long an abort waits.
 */
export const batchTokens = 256;

/** A token to evaluate and which tokens' log-probabilities are wanted after it. */
export interface TapeItem {
  readonly token: Token;
  readonly wanted: readonly Token[];
}

/** Called after each decoded batch with its size and the milliseconds it took. */
export type StepObserver = (tokens: number, elapsedMs: number) => void;

export interface TokenTapeOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly monotonic: () => number;
  readonly observe?: StepObserver | undefined;
}

/**
 * The evaluated state of one sequence: tokens are appended in segments and taken off at the end. Each segment
 * is batched from its own start, so the same segments give the same bits, whatever lay on the tape before.
 */
export class TokenTape {
  readonly #sequence: LlamaContextSequence;
  readonly #monotonic: () => number;
  readonly #observe: StepObserver | undefined;
  #batches: (readonly Token[])[] = [];

  constructor(sequence: LlamaContextSequence, { monotonic, observe }: TokenTapeOptions) {
    this.#sequence = sequence;
    this.#monotonic = monotonic;
    this.#observe = observe;
  }

  /** How many tokens are evaluated. */
  get length(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.length, 0);
  }

  /** The sequence itself, for generation; what is generated is taken off by the next {@link rewind}. */
  get sequence(): LlamaContextSequence {
    return this.#sequence;
  }

  /** Appends a segment whose answers nobody wants. */
  async append(tokens: readonly Token[], signal?: AbortSignal | undefined): Promise<void> {
    await this.score(
      tokens.map((token) => ({ token, wanted: [] })),
      signal,
    );
  }

  /**
   * Appends a segment and gives, for each of its items, the natural log-probability of each wanted token as
   * the next one, over the whole vocabulary.
   */
  async score(
    items: readonly TapeItem[],
    signal?: AbortSignal | undefined,
  ): Promise<readonly ReadonlyMap<Token, number>[]> {
    const scores: ReadonlyMap<Token, number>[] = [];
    for (let start = 0; start < items.length; start += batchTokens) {
      signal?.throwIfAborted();
      const batch = items.slice(start, start + batchTokens);
      const before = this.#monotonic();
      const results = await this.#sequence.controlledEvaluate(batch.map(toInput));
      this.#observe?.(batch.length, this.#monotonic() - before);
      this.#batches.push(batch.map((item) => item.token));
      for (const [index, { wanted }] of batch.entries()) scores.push(readScores(results[index], wanted));
    }
    return scores;
  }

  /**
   * Takes everything after the first `length` tokens off, without evaluating anything anew where the model
   * allows that.
   */
  async rewind(length: number, signal?: AbortSignal | undefined): Promise<void> {
    const { nextTokenIndex } = this.#sequence;
    if (nextTokenIndex > length) {
      await this.#sequence.eraseContextTokenRanges([{ start: length, end: nextTokenIndex }]);
    }
    const kept: (readonly Token[])[] = [];
    let remaining = length;
    for (const batch of this.#batches) {
      if (remaining <= 0) break;
      kept.push(batch.slice(0, remaining));
      remaining -= batch.length;
    }
    this.#batches = kept;
    if (this.#sequence.nextTokenIndex === length) return;
    // Recurrent models cannot forget single tokens: the same batches are evaluated again.
    await this.#sequence.clearHistory();
    this.#batches = [];
    for (const batch of kept) await this.append(batch, signal);
  }
}

function toInput({
  token,
  wanted,
}: TapeItem): Parameters<LlamaContextSequence['controlledEvaluate']>[0][number] {
  if (wanted.length === 0) return token;
  // At temperature 0 the selected token is the most likely one, so that its logit and the total weight
  // normalise the others without a map of the whole vocabulary.
  const logits = { filter: { tokens: [...wanted], includeSelected: true } };
  return [token, { generateNext: { token: true, totalLogitWeight: true, logits } }];
}

type EvaluationResult = Awaited<ReturnType<LlamaContextSequence['controlledEvaluate']>>[number];

function readScores(result: EvaluationResult, wanted: readonly Token[]): ReadonlyMap<Token, number> {
  const scores = new Map<Token, number>();
  if (wanted.length === 0) return scores;
  const { token, logits, totalLogitWeight } = result?.next ?? {};
  const top = token === undefined || token === null ? undefined : logits?.get(token);
  for (const candidate of wanted) {
    const logit = logits?.get(candidate);
    if (logit === undefined || top === undefined || totalLogitWeight === undefined) {
      throw new HoneError('The local model gave no log-probability for a token that was asked for.', {
        code: 'HONE_MODEL_BAD_REPLY',
        hint: 'Use the version of node-llama-cpp that `hone models pull` installs.',
      });
    }
    scores.set(candidate, logit - top - Math.log(totalLogitWeight));
  }
  return scores;
}
