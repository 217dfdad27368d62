/** Evaluates `tokens` tokens with `threads` threads and gives the milliseconds it took. */
export interface ThreadTrial {
  step(tokens: number): Promise<number>;
  dispose(): Promise<void>;
}

export interface ChooseThreadsOptions {
  /** Cores of the machine, at least 1. */
  readonly cores: number;
  /** Prepares a trial with a number of threads. */
  start(threads: number): Promise<ThreadTrial>;
  readonly signal?: AbortSignal | undefined;
}

export interface ThreadChoice {
  readonly threads: number;
  /** Milliseconds a token took while measuring. */
  readonly msPerToken: number;
}

/** Tokens of one step while measuring. */
export const trialStepTokens = 16;
const trialSteps = 4;

/**
 * Times 64 tokens with 1, 2, 4, … and all cores and gives the fastest number of threads. A trial stops as soon
 * as it is slower than the best so far: on a busy machine one thread too many makes a step thirty times slower.
 */
export async function chooseThreads({ cores, start, signal }: ChooseThreadsOptions): Promise<ThreadChoice> {
  let best = { threads: 1, elapsedMs: Number.POSITIVE_INFINITY };
  for (const threads of threadCounts(cores)) {
    signal?.throwIfAborted();
    const trial = await start(threads);
    try {
      // The first step reads the weights from disk; it is no measure of anything.
      if (threads === 1) await trial.step(trialStepTokens);
      let elapsedMs = 0;
      for (let step = 0; step < trialSteps && elapsedMs < best.elapsedMs; step += 1) {
        signal?.throwIfAborted();
        elapsedMs += await trial.step(trialStepTokens);
      }
      if (elapsedMs < best.elapsedMs) best = { threads, elapsedMs };
    } finally {
      await trial.dispose();
    }
  }
  return { threads: best.threads, msPerToken: best.elapsedMs / (trialSteps * trialStepTokens) };
}

function threadCounts(cores: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

/** A step this many times slower than expected means that the machine has changed. */
const slowFactor = 4;
/** Steps of few tokens cost about as much as this many. */
const smallestStep = 16;
/** Milliseconds after which a choice below all cores is tried again, as the machine may be idle now. */
const retryMs = 60_000;
/** Milliseconds between two measurements at least. */
const restMs = 5_000;

/** Watches how long steps take and says when the number of threads should be measured again. */
export class ThreadWatch {
  readonly #cores: number;
  #choice: ThreadChoice;
  #chosenAt: number;
  #slow = false;

  constructor(cores: number, choice: ThreadChoice, now: number) {
    this.#cores = cores;
    this.#choice = choice;
    this.#chosenAt = now;
  }

  get threads(): number {
    return this.#choice.threads;
  }

  /** Takes over a new measurement. */
  choose(choice: ThreadChoice, now: number): void {
    this.#choice = choice;
    this.#chosenAt = now;
    this.#slow = false;
  }

  observe(tokens: number, elapsedMs: number): void {
    const expectedMs = this.#choice.msPerToken * Math.max(tokens, smallestStep);
    if (elapsedMs > slowFactor * expectedMs) this.#slow = true;
  }

  isDue(now: number): boolean {
    const age = now - this.#chosenAt;
    if (this.#cores === 1 || age < restMs) return false;
    return this.#slow || (this.#choice.threads < this.#cores && age >= retryMs);
  }
}
