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
const trialSteps = 5;

/**
 * Times 80 tokens with 1, 2, 4, … and all cores and gives the number of threads whose usual step is fastest:
 * the median, since one step that the machine disturbed says nothing. A trial stops as soon as it has taken
 * twice as long as the best one: on a busy machine one thread too many makes a step thirty times slower.
 */
export async function chooseThreads({ cores, start, signal }: ChooseThreadsOptions): Promise<ThreadChoice> {
  let best = { threads: 1, usualMs: Number.POSITIVE_INFINITY, elapsedMs: Number.POSITIVE_INFINITY };
  for (const threads of threadCounts(cores)) {
    signal?.throwIfAborted();
    const trial = await start(threads);
    try {
      // The first step reads the weights from disk; it is no measure of anything.
      if (threads === 1) await trial.step(trialStepTokens);
      const steps: number[] = [];
      let elapsedMs = 0;
      while (steps.length < trialSteps && elapsedMs < 2 * best.elapsedMs) {
        signal?.throwIfAborted();
        const stepMs = await trial.step(trialStepTokens);
        steps.push(stepMs);
        elapsedMs += stepMs;
      }
      const usualMs = medianOf(steps);
      if (usualMs < best.usualMs) best = { threads, usualMs, elapsedMs };
    } finally {
      await trial.dispose();
    }
  }
  return { threads: best.threads, msPerToken: best.usualMs / trialStepTokens };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
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
const retryMs = 20_000;
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
