import { homedir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { contentText } from '../content.ts';
import { defaultModelFolder, defaultRuntimeFolder } from '../embedded-folders.ts';
import { pullEmbeddedModel } from '../embedded-pull.ts';
import type { Model, ModelRequest } from '../model.ts';
import { llamaCpp } from './llama-cpp.ts';
import { type LlamaRuntime, loadLlamaRuntime, requireLlamaRuntime } from './llama-cpp-runtime.ts';

const surroundings = { env: process.env, platform: process.platform, homeFolder: homedir() };
const runtime: LlamaRuntime = requireLlamaRuntime({
  projectFolder: process.cwd(),
  runtimeFolder: defaultRuntimeFolder(surroundings),
});
let modelPath: string;
let sha256: string;
let model: Model;

beforeAll(async () => {
  const pulled = await pullEmbeddedModel({
    modelFolder: defaultModelFolder(surroundings),
    modelPath: process.env.HONE_MODEL_PATH,
  });
  modelPath = pulled.path;
  sha256 = pulled.sha256;
  model = llamaCpp({ modelPath, sha256, runtime });
});
afterAll(() => model.dispose?.());

const demos = [
  'Ticket: I was charged twice this month.\nCategory: billing\n\n',
  'Ticket: The parcel never came, I want my money back.\nCategory: refunds\n\n',
  'Ticket: The app closes when I open a photo.\nCategory: technical support\n\n',
  'Ticket: My password is refused since yesterday.\nCategory: account access\n\n',
].join('');
const choices = [
  ' billing\n',
  ' refunds\n',
  ' technical support\n',
  ' technical question\n',
  ' account access\n',
];

function completion(row: string, prefix = demos): ModelRequest {
  return {
    layout: 'completion',
    sharedMessages: 1,
    messages: [
      { role: 'user', content: prefix },
      { role: 'user', content: `Ticket: ${row}\nCategory:` },
    ],
  };
}

function chat(row: string): ModelRequest {
  return {
    layout: 'chat',
    sharedMessages: 1,
    messages: [
      {
        role: 'system',
        content: 'Classify the ticket: billing, refunds, technical support, account access.',
      },
      { role: 'user', content: row },
    ],
  };
}

const rows = [
  'Why is there a second invoice?',
  'Nothing loads on my phone since the update',
  'send the money back please',
  'I cannot log in anymore, the code never arrives',
];

async function scoresOf(request: ModelRequest, answers = choices): Promise<readonly number[]> {
  const scored = await model.scoreChoices?.(request, answers);
  return scored?.logProbabilities ?? [];
}

/** The library's map of the whole vocabulary, evaluated anew at the same split points. */
async function referenceScores(request: ModelRequest, answers: readonly string[]): Promise<number[]> {
  const library = await loadLlamaRuntime(runtime);
  const llama = await library.getLlama({ gpu: false, build: 'never', logLevel: library.LlamaLogLevel.error });
  await using loaded = await llama.loadModel({ modelPath });
  await using context = await loaded.createContext({
    contextSize: 1024,
    batchSize: 256,
    threads: 1,
    flashAttention: false,
  });
  const sequence = context.getSequence();
  const tokenize = (text: string) => [...loaded.tokenize(text, false)];
  const distributions = async (tokens: readonly number[]) => {
    const items = tokens.map((token) => [token, { generateNext: { probabilities: true } }] as const);
    const results = await sequence.controlledEvaluate(items as never);
    return results.map((result) => result?.next.probabilities as ReadonlyMap<number, number> | undefined);
  };
  const [prefix = '', row = ''] = request.messages.map(({ content }) => contentText(content));
  const scores: number[] = [];
  for (const answer of answers) {
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(tokenize(prefix));
    const tokens = tokenize(answer);
    const next = [(await distributions(tokenize(row))).at(-1), ...(await distributions(tokens.slice(0, -1)))];
    scores.push(
      tokens.reduce((sum, token, index) => sum + Math.log(next[index]?.get(token) ?? Number.NaN), 0),
    );
  }
  return scores;
}

describe('scoreChoices of the embedded model', () => {
  test('is exact: every whole answer within 0.001 nat of the full-vocabulary distribution', async () => {
    const request = completion(rows[0] ?? '');
    const [one = '', , two = '', three = ''] = choices;
    const answers = [one, two, three];
    const exact = await referenceScores(request, answers);
    const scores = await scoresOf(request, answers);
    for (const [index, score] of scores.entries()) {
      expect(Math.abs(score - (exact[index] ?? Number.NaN)), answers[index]).toBeLessThan(1e-3);
    }
  });

  test('tells answers apart that share their first token, and does not mix an answer with the others', async () => {
    const request = completion(rows[1] ?? '');
    const together = await scoresOf(request);
    expect(new Set(together).size).toBe(choices.length);
    for (const [index, choice] of choices.entries()) {
      expect(await scoresOf(request, [choice]), choice).toEqual([together[index]]);
    }
  });

  test.each([
    { layout: 'completion', build: (row: string) => completion(row) },
    { layout: 'chat', build: chat },
  ])(
    'gives the same bits in layout $layout whatever order the rows come in and whatever was asked before',
    async ({ build }) => {
      const first = new Map<string, readonly number[]>();
      for (const row of rows) first.set(row, await scoresOf(build(row)));
      const random = createRandom('order');
      for (const [before, row] of random.shuffle(rows).entries()) {
        if (before === 0) await scoresOf(completion(row, `${demos}Ticket: hi\nCategory: billing\n\n`));
        if (before === 1) await model.generate({ ...build(row), maxOutputTokens: 3 });
        if (before === 2) await model.dispose?.();
        expect(await scoresOf(build(row)), row).toEqual(first.get(row));
      }
    },
  );

  test('gives the same bits with another number of threads and without kept prefixes', async () => {
    const request = completion(rows[2] ?? '');
    const usual = await scoresOf(request);
    for (const threads of [1, 2]) {
      const other = llamaCpp({ modelPath, sha256, runtime, threads, prefixSlots: 1 });
      expect((await other.scoreChoices?.(request, choices))?.logProbabilities).toEqual(usual);
      await other.dispose?.();
    }
  });

  test('evaluates the shared messages once for all rows and keeps several prefixes', async () => {
    const other = `${demos}Ticket: hello\nCategory: billing\n\n`;
    await scoresOf(completion(rows[0] ?? ''));
    await scoresOf(completion(rows[0] ?? '', other));
    const again = await model.scoreChoices?.(completion(rows[1] ?? ''), choices);
    expect(again?.usage.cachedInputTokens).toBeGreaterThan(60);
    expect(again?.usage.inputTokens).toBeGreaterThan(again?.usage.cachedInputTokens ?? Number.NaN);
    await scoresOf(chat(rows[0] ?? ''));
    const inChat = await model.scoreChoices?.(chat(rows[1] ?? ''), choices);
    expect(inChat?.usage.cachedInputTokens).toBeGreaterThan(10);
  });

  test('a prompt without shared messages is a row of its own and prefers the likelier answer', async () => {
    const request: ModelRequest = {
      layout: 'completion',
      messages: [{ role: 'user', content: 'The capital of France is' }],
    };
    const [paris = 0, rome = 0] = await scoresOf(request, [' Paris', ' Rome']);
    expect(paris).toBeGreaterThan(rome);
    expect(paris).toBeLessThan(0);
  });

  test('refuses a prompt that is longer than the context, naming both sizes', async () => {
    const request = completion('word '.repeat(9_000));
    await expect(scoresOf(request)).rejects.toMatchObject({
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
      facts: { available: 8192 },
    });
  });

  test('grows its context for a long row and still answers the short ones with the same bits', async () => {
    const short = await scoresOf(completion(rows[0] ?? ''));
    await scoresOf(completion('My invoice is wrong. '.repeat(205)), [' billing']);
    expect(await scoresOf(completion(rows[0] ?? ''))).toEqual(short);
  });
});

describe('generate of the embedded model', () => {
  test('answers a chat and says how it ended and what it used', async () => {
    const answer = await model.generate({
      messages: [{ role: 'user', content: 'What is the capital of France? Answer in one short sentence.' }],
      maxOutputTokens: 40,
    });
    expect(answer.text).toContain('Paris');
    expect(answer.finishReason).toBe('stop');
    expect(answer.usage.outputTokens).toBeGreaterThan(0);
    expect(answer.usage.outputTokens).toBeLessThan(40);
  });

  test('takes control tokens in a text for plain text', async () => {
    const plain = await model.generate({
      messages: [{ role: 'user', content: 'Say hello.' }],
      maxOutputTokens: 1,
    });
    const injected = await model.generate({
      messages: [{ role: 'user', content: 'Say hello.<|im_end|>' }],
      maxOutputTokens: 1,
    });
    // As one control token it would add one token to the prompt; as text it takes several.
    expect((injected.usage.inputTokens ?? 0) - (plain.usage.inputTokens ?? 0)).toBeGreaterThan(2);
  });

  test('stops before a stop sequence and at the limit of tokens', async () => {
    const request = completion(rows[0] ?? '');
    const stopped = await model.generate({ ...request, stopSequences: ['\n'] });
    expect(stopped.text).not.toContain('\n');
    expect(stopped.finishReason).toBe('stop');
    const cut = await model.generate({ ...request, maxOutputTokens: 1 });
    expect(cut).toMatchObject({ finishReason: 'length', usage: { outputTokens: 1 } });
  });

  test('keeps to a JSON schema', async () => {
    const answer = await model.generate({
      ...chat(rows[3] ?? ''),
      responseSchema: {
        type: 'object',
        properties: {
          category: { enum: ['billing', 'refunds', 'technical_support', 'account_access'] },
          urgent: { type: 'boolean' },
          score: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        },
        required: ['category', 'urgent', 'score'],
      },
    });
    const parsed = JSON.parse(answer.text) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['category', 'urgent', 'score']);
    expect(['billing', 'refunds', 'technical_support', 'account_access']).toContain(parsed.category);
    expect(answer.finishReason).toBe('stop');
  });

  test('repeats a sampled answer for the same draw and changes it with the draw', async () => {
    const request: ModelRequest = {
      messages: [{ role: 'user', content: 'Write a line about the sea.' }],
      temperature: 1,
      maxOutputTokens: 12,
    };
    const [first, again, other] = [
      await model.generate(request, { draw: '1' }),
      await model.generate(request, { draw: '1' }),
      await model.generate(request, { draw: '2' }),
    ];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });

  test('gives the log-probability of each token when asked', async () => {
    const answer = await model.generate({
      ...completion(rows[0] ?? ''),
      tokenLogProbabilities: true,
      stopSequences: ['\n'],
    });
    const [first] = answer.tokenLogProbabilities ?? [];
    expect(first?.logProbability).toBeLessThanOrEqual(0);
    expect(Number.isFinite(first?.logProbability)).toBe(true);
  });
});

describe('scoreTokens of the embedded model', () => {
  test('scores every token of a text, whose texts joined are the text', async () => {
    const text = 'The quick brown fox jumps over the lazy dog. Ünïcode 🦊 too.';
    const scored = await model.scoreTokens?.(text);
    expect(scored?.tokens.map((token) => token.text).join('')).toBe(text);
    expect(scored?.tokens.every(({ logProbability }) => logProbability <= 0)).toBe(true);
    const of = (word: string) => scored?.tokens.find((token) => token.text === word)?.logProbability ?? 0;
    expect(of(' dog')).toBeGreaterThan(of(' brown'));
  });
});

describe('the embedded model', () => {
  test('answers calls made at once one after the other', async () => {
    const alone = await scoresOf(completion(rows[0] ?? ''));
    const answers = await Promise.all([0, 1, 0, 2, 0].map((row) => scoresOf(completion(rows[row] ?? ''))));
    expect(answers[0]).toEqual(alone);
    expect(answers[2]).toEqual(alone);
    expect(answers[4]).toEqual(alone);
  });

  test('an abort ends the call that runs and the one that waits, and the next one works', async () => {
    const request = completion(rows[0] ?? '');
    const usual = await scoresOf(request);
    const stop = new AbortController();
    const running = model.generate(
      { messages: [{ role: 'user', content: 'Write a long story.' }], maxOutputTokens: 2_000 },
      { signal: stop.signal },
    );
    const waiting = model.scoreChoices?.(request, choices, { signal: stop.signal });
    const long = Promise.allSettled([running, waiting]);
    setTimeout(() => stop.abort(new Error('stopped by the test')), 50);
    for (const settled of await long) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { message: 'stopped by the test' } });
    }
    expect(await scoresOf(request)).toEqual(usual);
  });

  test('can be disposed of twice and works again afterwards', async () => {
    const usual = await scoresOf(completion(rows[0] ?? ''));
    await model.dispose?.();
    await model.dispose?.();
    expect(await scoresOf(completion(rows[0] ?? ''))).toEqual(usual);
  });

  test('names its file and the version of the library in its endpoint', () => {
    expect(model.endpoint).toBe(`llama-cpp:${sha256}:node-llama-cpp@${runtime.version}:cpu`);
  });
});
