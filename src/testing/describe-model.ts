import { HoneError } from '../base/errors.ts';
import type { Model, ModelRequest, ModelResponse } from '../model/model.ts';
import { describe, expect, it } from './test-runner.ts';

/** What the model behind the suite is to do next. */
export type ModelBehaviour =
  | { readonly kind: 'answer'; readonly text: string }
  /** An answer that is cut off by the limit of output tokens. */
  | { readonly kind: 'cut-off'; readonly text: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  /** Refuses because the account has no quota left. */
  | { readonly kind: 'quota-spent' }
  /** Keeps the answer back because of what it or the request says. */
  | { readonly kind: 'filtered' }
  /** An answer whose tokens are not counted: no usage, or one without numbers. */
  | { readonly kind: 'uncounted'; readonly text: string }
  /** Thinks until the limit of output tokens and leaves no text. */
  | { readonly kind: 'thought-only'; readonly reasoning: string }
  | { readonly kind: 'key-refused' }
  | { readonly kind: 'broken' }
  /** Never answers. */
  | { readonly kind: 'stalled' };

export interface DescribeModelOptions {
  /** Tests that cannot hold for this model, each with its reason. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[] | undefined;
}

const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Answer in one word.' },
    { role: 'user', content: 'The capital of France?' },
  ],
  maxOutputTokens: 20,
  temperature: 0,
};

/**
 * The contract of a Model as tests for vitest. `open` makes a fresh model that behaves as told.
 *
 * @example describeModel('my server', (behaviour) => openaiCompatible({ … }))
 */
export function describeModel(
  name: string,
  open: (behaviour: ModelBehaviour) => Model | Promise<Model>,
  { skip = [] }: DescribeModelOptions = {},
): void {
  const test = (title: string, run: () => Promise<void>) => {
    const skipped = skip.find((entry) => entry.test === title);
    if (skipped === undefined) it(title, run);
    else it.skip(`${title} (skipped: ${skipped.reason})`, run);
  };
  const using = async (behaviour: ModelBehaviour, work: (model: Model) => Promise<void>) => {
    const model = await open(behaviour);
    try {
      await work(model);
    } finally {
      await model.dispose?.();
    }
  };

  describe(`${name} as a Model`, () => {
    test('says who it is and where its answers come from, without credentials', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        expect(model.id).toMatch(/^[^/]+\/.+/);
        expect(model.endpoint).not.toBe('');
        expect(model.endpoint).not.toMatch(/:\/\/[^/]*@/);
      }));

    test('has a method for every capability that it claims', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        expect(model.scoreChoices !== undefined).toBe(model.capabilities.choiceScores);
        expect(model.scoreTokens !== undefined).toBe(model.capabilities.tokenScores);
      }));

    test('answers with text, finish reason, tokens and latency', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const response = await model.generate(request);
        expect(response.text).toBe('Paris');
        expect(response.finishReason).toBe('stop');
        expect(response.usage.inputTokens).toBeGreaterThan(0);
        expect(response.usage.outputTokens).toBeGreaterThan(0);
        expect(response.latencyMs).toBeGreaterThanOrEqual(0);
      }));

    test('answers are JSON, so that they can be stored and read again unchanged', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const response = await model.generate(request);
        expect(JSON.parse(JSON.stringify(response))).toEqual(response);
      }));

    test('takes the layout for plain completion, whatever it can do', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const response = await model.generate({ ...request, layout: 'completion' });
        expect(response.text).toBe('Paris');
      }));

    test('does not change the request', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const before = structuredClone(request);
        await model.generate(request);
        expect(request).toEqual(before);
      }));

    test('says that an answer was cut off by the limit', () =>
      using({ kind: 'cut-off', text: 'Par' }, async (model) => {
        const response = await model.generate(request);
        expect(response.finishReason).toBe('length');
        expect(response.text).toBe('Par');
      }));

    test('streams the same text that it answers with', () =>
      using({ kind: 'answer', text: 'Paris is the capital' }, async (model) => {
        if (model.stream === undefined) return;
        let text = '';
        let response: ModelResponse | undefined;
        for await (const delta of model.stream(request)) {
          if (delta.type === 'text-delta') text += delta.text;
          else response = delta.response;
        }
        expect(text).toBe('Paris is the capital');
        expect(response).toMatchObject({ text, finishReason: 'stop' });
      }));

    test('reports too many requests as retryable, with the time to wait', () =>
      using({ kind: 'rate-limited', retryAfterMs: 2_000 }, async (model) => {
        const error = await errorOf(model.generate(request));
        expect(error.code).toBe('HONE_MODEL_RATE_LIMITED');
        expect(error.facts).toMatchObject({ retryable: true, retryAfterMs: 2_000 });
      }));

    test('reports a spent quota as final, under the code of a limit', () =>
      using({ kind: 'quota-spent' }, async (model) => {
        const error = await errorOf(model.generate(request));
        expect(error.code).toBe('HONE_MODEL_RATE_LIMITED');
        expect(error.facts.retryable).toBe(false);
        expect(error.hint).toBeTruthy();
      }));

    test('answers with a filter as its finish reason when the contents were refused', () =>
      using({ kind: 'filtered' }, async (model) => {
        const response = await model.generate(request);
        expect(response.finishReason).toBe('content-filter');
        expect(response.text).toBe('');
      }));

    test('leaves tokens undefined that were not counted', () =>
      using({ kind: 'uncounted', text: 'Paris' }, async (model) => {
        const { text, usage } = await model.generate(request);
        expect(text).toBe('Paris');
        expect([usage.inputTokens, usage.outputTokens]).toEqual([undefined, undefined]);
      }));

    test('gives the thoughts where they are all there is', () =>
      using({ kind: 'thought-only', reasoning: 'France is a country' }, async (model) => {
        const response = await model.generate(request);
        expect(response.text).toBe('');
        expect(response.finishReason).toBe('length');
        expect(response.reasoning).toBe('France is a country');
      }));

    test('reports a refused key as final, with a hint', () =>
      using({ kind: 'key-refused' }, async (model) => {
        const error = await errorOf(model.generate(request));
        expect(error.code).toBe('HONE_MODEL_AUTHENTICATION');
        expect(error.facts.retryable).toBe(false);
        expect(error.hint).toBeTruthy();
      }));

    test('reports a broken server as retryable', () =>
      using({ kind: 'broken' }, async (model) => {
        const error = await errorOf(model.generate(request));
        expect(error.code).toBe('HONE_MODEL_SERVER');
        expect(error.facts.retryable).toBe(true);
      }));

    test('does nothing for a call that was aborted before it began', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const reason = new Error('not wanted any more');
        await expect(model.generate(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      }));

    test('ends a call with the reason of its signal while the answer is awaited', () =>
      using({ kind: 'stalled' }, async (model) => {
        const reason = new Error('not wanted any more');
        const controller = new AbortController();
        const call = model.generate(request, { signal: controller.signal });
        setImmediate(() => controller.abort(reason));
        await expect(call).rejects.toBe(reason);
      }));

    test('scores every choice with a finite log-probability, where it scores choices', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        const scores = await model.scoreChoices?.(request, ['Paris', 'Rome', 'Oslo']);
        if (scores === undefined) return;
        expect(scores.logProbabilities).toHaveLength(3);
        for (const score of scores.logProbabilities) {
          expect(Number.isFinite(score)).toBe(true);
          expect(score).toBeLessThanOrEqual(0);
        }
      }));

    test('can be disposed twice', () =>
      using({ kind: 'answer', text: 'Paris' }, async (model) => {
        await model.dispose?.();
      }));
  });
}

async function errorOf(call: Promise<unknown>): Promise<HoneError> {
  try {
    await call;
  } catch (thrown) {
    if (HoneError.isInstance(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('The call was expected to fail.');
}
