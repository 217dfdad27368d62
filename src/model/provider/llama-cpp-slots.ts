import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import { HoneError, messageOf } from '../../base/errors.ts';
import { batchTokens, type StepObserver, TokenTape } from './llama-cpp-tape.ts';

export interface SlotPoolOptions {
  readonly model: LlamaModel;
  /** Most prefixes that are kept evaluated, at least 1. */
  readonly slots: number;
  /** Most bytes that the kept prefixes may take; one is kept in any case. */
  readonly memoryBytes: number;
  /** How many threads a new context gets. */
  readonly threads: () => number;
  readonly monotonic: () => number;
  readonly observe: StepObserver;
}

export interface PreparedSlot {
  /** Evaluated up to the end of the prefix, and no further. */
  readonly tape: TokenTape;
  /** How many tokens of the prefix were evaluated before. */
  readonly cachedTokens: number;
  /** Tokens that the prompt, the answer and one spare token may take. */
  readonly contextTokens: number;
}

export interface SlotRequest {
  readonly prefix: readonly Token[];
  /** Tokens of the whole prompt, prefix included. */
  readonly promptTokens: number;
  /** Tokens that come after the prompt and must fit. */
  readonly answerTokens: number;
  /** Further tokens that may come and are cut where the model's context ends. @default 0 */
  readonly optionalTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Slot {
  readonly context: LlamaContext;
  readonly tape: TokenTape;
  readonly threads: number;
  /** The tokens evaluated for sure; undefined while that is uncertain. */
  prefix: string | undefined;
}

/** Smallest context, so that a few longer rows do not make a new one each. */
const smallestContext = 1024;

/**
 * Keeps the evaluated state of the prefixes used last, each in a context of its own. State is used again only
 * when the whole prefix is the same, never for a longer or shorter match, so that results do not depend on
 * what was asked before.
 */
export class SlotPool {
  readonly #options: SlotPoolOptions;
  /** The one used last comes last. */
  #slots: Slot[] = [];

  constructor(options: SlotPoolOptions) {
    this.#options = options;
  }

  /** Gives a slot that is evaluated up to the end of the prefix. */
  async prepare({
    prefix,
    promptTokens,
    answerTokens,
    optionalTokens = 0,
    signal,
  }: SlotRequest): Promise<PreparedSlot> {
    const available = this.#options.model.trainContextSize;
    const needed = promptTokens + answerTokens + 1;
    if (needed > available) throw overflow({ needed, available });
    const size = contextSize(Math.min(needed + optionalTokens, available), available);
    const key = prefix.join(' ');
    const slot = await this.#take(key, size, signal);
    const cached = slot.prefix === key;
    slot.prefix = undefined;
    await slot.tape.rewind(cached ? prefix.length : 0, signal);
    if (!cached) await slot.tape.append(prefix, signal);
    slot.prefix = key;
    return {
      tape: slot.tape,
      cachedTokens: cached ? prefix.length : 0,
      contextTokens: slot.context.contextSize,
    };
  }

  /** Frees every context. */
  async dispose(): Promise<void> {
    const slots = this.#slots;
    this.#slots = [];
    for (const slot of slots) await slot.context.dispose();
  }

  async #take(key: string, size: number, signal: AbortSignal | undefined): Promise<Slot> {
    const holder = this.#slots.find((slot) => slot.prefix === key);
    const found = holder ?? (this.#isFull() ? this.#slots[0] : undefined);
    if (found && this.#fits(found, size)) {
      this.#slots = [...this.#slots.filter((slot) => slot !== found), found];
      return found;
    }
    if (found) await this.#drop(found);
    const created = await this.#create(size, signal);
    this.#slots.push(created);
    while (this.#slots.length > 1 && this.#usedBytes() > this.#options.memoryBytes) {
      const oldest = this.#slots[0];
      if (oldest) await this.#drop(oldest);
    }
    return created;
  }

  #fits({ context, threads }: Slot, size: number): boolean {
    return context.contextSize >= size && threads === this.#options.threads();
  }

  #isFull(): boolean {
    const { slots, memoryBytes } = this.#options;
    const used = this.#usedBytes();
    const average = used / Math.max(1, this.#slots.length);
    return this.#slots.length >= slots || (this.#slots.length > 0 && used + average > memoryBytes);
  }

  #usedBytes(): number {
    return this.#slots.reduce(
      (sum, { context }) => sum + context.memoryUsage.ram + context.memoryUsage.vram,
      0,
    );
  }

  async #drop(slot: Slot): Promise<void> {
    this.#slots = this.#slots.filter((other) => other !== slot);
    await slot.context.dispose();
  }

  async #create(size: number, signal: AbortSignal | undefined): Promise<Slot> {
    const { model, monotonic, observe } = this.#options;
    const threads = this.#options.threads();
    try {
      const context = await model.createContext({
        contextSize: size,
        batchSize: batchTokens,
        threads,
        ...attentionOptions(model),
        createSignal: signal,
      });
      const tape = new TokenTape(context.getSequence(), { monotonic, observe });
      return { context, tape, threads, prefix: undefined };
    } catch (cause) {
      signal?.throwIfAborted();
      throw new HoneError(`No memory for a context of ${size} tokens: ${messageOf(cause)}`, {
        code: 'HONE_MODEL_CONTEXT_OVERFLOW',
        hint: 'Shorten the prompt, use fewer demos, or choose a smaller model.',
        cause,
        facts: { needed: size },
      });
    }
  }
}

/** Every context of a model has these: flash attention changes the bits, and on a CPU it is a tenth slower. */
export function attentionOptions({ llama }: Pick<LlamaModel, 'llama'>): { readonly flashAttention?: false } {
  return llama.gpu === false ? { flashAttention: false } : {};
}

function contextSize(needed: number, available: number): number {
  let size = smallestContext;
  while (size < needed) size *= 2;
  return Math.min(size, available);
}

function overflow({ needed, available }: { readonly needed: number; readonly available: number }): HoneError {
  return new HoneError(
    `The prompt and its answer need ${needed} tokens, but the local model's context holds ${available}.`,
    {
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
      hint: 'Shorten the prompt or the row, or use fewer demos.',
      facts: { needed, available },
    },
  );
}
