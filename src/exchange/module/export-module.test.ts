import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import type { Message } from '../../model/model.ts';
import { chainOfThought } from '../../program/chain-of-thought.ts';
import { program } from '../../program/custom-program.ts';
import { pipeline } from '../../program/pipeline.ts';
import { predict } from '../../program/predict.ts';
import type { AnyProgram, Program } from '../../program/program.ts';
import { render } from '../../program/render-program.ts';
import { field } from '../../signature/field.ts';
import { signature } from '../../signature/shorthand.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { exportModule } from './export-module.ts';
import type { ModuleSdk } from './sdk-source.ts';

const sdks = ['ai-sdk', 'openai-sdk', 'anthropic-sdk'] as const;

/** Text that would be code in a template. */
const hostile = ['`', '$', '{process.exit(7)}', '`'].join('');
const triage = predict(
  signature("ticket, tier?: integer -> category: 'billing' | 'refunds'", {
    instructions: `Sort the "ticket": ${hostile} \\{{kept}} */\n\u2028 done.`,
  }),
  {
    name: 'sort-it',
    demos: [{ inputs: { ticket: 'money </category> {{tier}}', tier: 2 }, outputs: { category: 'refunds' } }],
  },
);
const slotted = predict(signature('name, mood? -> greeting', { instructions: 'Be {{mood}}' }), {
  userTemplate: 'Greet {{name}}',
});
const answering = predict(
  signature({
    inputs: { question: 'json' },
    outputs: {
      sure: field('number', { description: 'from 0 */ to 1' }),
      isShort: 'boolean',
      words: 'string[]',
      note: field('string', { optional: true }),
    },
  }),
  { format: 'json', temperature: 0.5 },
);
const two = pipeline([
  chainOfThought(signature('text -> gist'), { name: 'shorten' }),
  predict(signature("gist, text -> kind: 'fruit' | 'vegetable', why"), { name: 'class' }),
]);
const own = program(
  'own',
  {
    signature: signature('text -> gist'),
    steps: {
      one: predict(signature('text -> gist'), { name: 'one' }),
      two: predict(signature('gist -> end'), { name: 'two' }),
    },
  },
  async ({ inputs, steps }) => steps.one(inputs),
);
const programs: Readonly<Record<string, AnyProgram>> = { triage, slotted, answering, two, own };

interface ModuleStep {
  messages(inputs: JsonObject): readonly Message[];
  read(answer: string): JsonObject;
  run(inputs: JsonObject, client: unknown): Promise<JsonObject>;
}
type Loaded = Readonly<Record<string, ModuleStep>> & {
  readonly runPipeline: (inputs: JsonObject, client: unknown) => Promise<JsonObject>;
};

const load = async (of: AnyProgram, sdk: ModuleSdk = 'openai-sdk') =>
  (await createJiti(import.meta.url).evalModule(exportModule(of, { sdk }).text, {
    filename: `${import.meta.dirname}/exported-module.ts`,
    async: true,
  })) as Loaded;

describe('the messages of a module are those of render', () => {
  const texts = ['plain', '  spaced \n\t ', '', `{{tier}} \\{{x}} ${hostile} "'\\`, '</category>\u2028é𝄞'];

  test.each(texts)('for a ticket %j, with and without what may be absent', async (ticket) => {
    const { sortIt } = await load(triage);
    for (const inputs of [{ ticket }, { ticket, tier: 0 }]) {
      expect(sortIt?.messages(inputs)).toEqual(render(triage, { inputs })[0]?.messages);
    }
    const { answer } = await load(slotted);
    for (const inputs of [{ name: ticket }, { name: ticket, mood: ticket || 'x' }]) {
      expect(answer?.messages(inputs)).toEqual(render(slotted, { inputs })[0]?.messages);
    }
  });

  test('for values that are no texts, and for every step', async () => {
    const module = await load(answering);
    for (const question of [null, 3, ['a', { b: 'ü' }], { a: '{{question}}' }]) {
      expect(module.answer?.messages({ question })).toEqual(
        render(answering, { inputs: { question } })[0]?.messages,
      );
    }
    const { shorten, stepClass } = await load(two);
    const inputs = { text: 'T ', gist: 'G' };
    const rendered = render(two, { inputs });
    expect([shorten?.messages(inputs), stepClass?.messages(inputs)]).toEqual(
      rendered.map(({ messages }) => messages),
    );
  });
});

test('the answers are read, and what is no answer throws', async () => {
  const { sortIt } = await load(triage);
  expect(sortIt?.read(' “Refunds”. ')).toEqual({ category: 'refunds' });
  expect(() => sortIt?.read('refunds, or billing')).toThrow(/none of billing, refunds/);
  const { answer } = await load(answering);
  expect(answer?.read('```json\n{"sure": "0.5", "isShort": true, "words": ["a"]}\n```')).toEqual({
    sure: 0.5,
    isShort: true,
    words: ['a'],
    note: undefined,
  });
  expect(() => answer?.read('{"isShort": true, "words": []}')).toThrow(/has no sure/);
  expect(() => answer?.read('{"sure": "much", "isShort": true, "words": []}')).toThrow(/no number/);
  const { stepClass } = await load(two);
  expect(stepClass?.read('<kind>Fruit</kind>\n<why>\nit is <b>sweet</b>\n</why>')).toEqual({
    kind: 'fruit',
    why: 'it is <b>sweet</b>',
  });
  expect(() => stepClass?.read('fruit')).toThrow(/has no kind/);
});

describe('a pipeline runs in a module as it does here', () => {
  const answerTo = (messages: readonly Message[]) => {
    const asked = String(messages.at(-1)?.content);
    return asked.includes('Gist:')
      ? '<kind>fruit</kind>\n<why>sweet</why>'
      : '<reasoning>r</reasoning>\n<gist>an apple</gist>';
  };

  test.each(sdks)('with %s', async (sdk) => {
    const asked: (readonly Message[])[] = [];
    const clients = {
      'openai-sdk': {
        chat: {
          completions: {
            create: async ({ messages }: { messages: readonly Message[] }) => {
              asked.push(messages);
              return { choices: [{ message: { content: answerTo(messages) } }] };
            },
          },
        },
      },
      'anthropic-sdk': {
        messages: {
          create: async ({ system, messages }: { system?: string; messages: readonly Message[] }) => {
            asked.push([
              ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
              ...messages,
            ]);
            return { content: [{ type: 'text', text: answerTo(messages) }] };
          },
        },
      },
      'ai-sdk': aiModel((messages) => {
        asked.push(messages);
        return answerTo(messages);
      }),
    };
    const model = scriptedModel({ respond: ({ messages }) => answerTo(messages) });
    const inputs = { text: 'A red thing.' };
    const expected = await (two as unknown as Program).run(inputs, { model });
    const { runPipeline } = await load(two, sdk);
    expect(await runPipeline(inputs, clients[sdk])).toEqual(expected);
    expect(asked).toEqual(model.calls.map(({ request }) => request.messages));
  });
});

/** A model object of the AI SDK that answers what it is told to. */
function aiModel(respond: (messages: readonly Message[]) => string) {
  return {
    specificationVersion: 'v3',
    provider: 'test',
    modelId: 'test',
    supportedUrls: {},
    doGenerate: async ({ prompt }: { prompt: readonly { role: string; content: unknown }[] }) => {
      const messages = prompt.map(({ role, content }) => ({
        role,
        content:
          typeof content === 'string'
            ? content
            : (content as { text: string }[]).map(({ text }) => text).join(''),
      })) as readonly Message[];
      return {
        content: [{ type: 'text', text: respond(messages) }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } },
        warnings: [],
      };
    },
  };
}

test('says what the module does otherwise, and refuses what it cannot write out', () => {
  expect(exportModule(two, { sdk: 'ai-sdk' }).notes).toEqual([]);
  expect(exportModule(triage, { sdk: 'ai-sdk' }).notes.join()).toContain('scores choices');
  expect(exportModule(own, { sdk: 'ai-sdk' }).notes.join()).toContain('is code of its own');
  expect(exportModule(own, { sdk: 'ai-sdk' }).text).not.toContain('runOwn');
  const calibrated = { 'sort-it.calibration': { kind: 'calibration', offsets: { billing: 1 } } } as const;
  expect(exportModule(triage, { sdk: 'ai-sdk', candidate: calibrated }).notes.join()).toContain(
    'calibration',
  );
  const sets = { 'sort-it.demos': { kind: 'demos', sets: [{ demos: [] }, { demos: [] }] } } as const;
  expect(() => exportModule(triage, { sdk: 'ai-sdk', candidate: sets })).toThrow(/asks 2 prompts/);
  const channel = { 'sort-it.format': { kind: 'choice', value: 'channel' } } as const;
  expect(() => exportModule(triage, { sdk: 'ai-sdk', candidate: channel })).toThrow(/layout "channel"/);
});

describe('every module compiles with the types of its SDK', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hone-module-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('in a strict project, and wrong inputs do not', () => {
    const modules = resolve('node_modules');
    mkdirSync(join(folder, 'stubs'));
    // The part of the Messages API that a module uses, as its documentation has it.
    writeFileSync(
      join(folder, 'stubs/anthropic.d.ts'),
      `interface Body { model: string; max_tokens: number; temperature?: number; system?: string; stop_sequences?: string[]; messages: { role: 'user' | 'assistant'; content: string }[] }
type Block = { type: 'text'; text: string } | { type: 'tool_use'; name: string };
export default class Anthropic { messages: { create(body: Body, options?: { signal?: AbortSignal | null | undefined }): Promise<{ content: Block[] }> } }\n`,
    );
    for (const [name, of] of Object.entries(programs)) {
      for (const sdk of sdks)
        writeFileSync(join(folder, `${name}-${sdk}.ts`), exportModule(of, { sdk }).text);
    }
    writeFileSync(
      join(folder, 'use.ts'),
      `import { sortIt } from './triage-ai-sdk.ts';
import { runPipeline } from './two-openai-sdk.ts';
sortIt.messages({ ticket: 'x' });
const category: 'billing' | 'refunds' = sortIt.read('billing').category;
const outputs: Promise<{ readonly kind: 'fruit' | 'vegetable'; readonly why: string }> = runPipeline({ text: 'x' }, null as never);
// @ts-expect-error the input is called \`ticket\`
sortIt.messages({ tikcet: 'x' });
// @ts-expect-error it is a number
sortIt.messages({ ticket: 'x', tier: 'two' });
void category, outputs;\n`,
    );
    const options = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable'],
      module: 'esnext',
      moduleResolution: 'bundler',
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      types: [],
      paths: {
        ai: [`${modules}/ai`],
        openai: [`${modules}/openai`],
        '@anthropic-ai/sdk': ['./stubs/anthropic.d.ts'],
      },
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
    );
    const compiler = join(modules, 'typescript/bin/tsc');
    let said = '';
    try {
      execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    } catch (failed) {
      said = String((failed as { stdout?: string }).stdout);
    }
    expect(said).toBe('');
  }, 300_000);
});
