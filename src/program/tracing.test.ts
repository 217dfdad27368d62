import type { Attributes, Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { majority } from './majority.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { programOfThought } from './program-of-thought.ts';
import { withTracing } from './tracing.ts';

interface Recorded {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Attributes;
  readonly events: string[];
  status?: string | undefined;
  ended: boolean;
}

/** A tracer that keeps its spans: the API alone, as an SDK would be asked. */
function recordingTracer() {
  const spans: Recorded[] = [];
  const tracer = {
    startSpan(name: string, { attributes = {} }: SpanOptions = {}, parent?: Context): Span {
      const own: Recorded = {
        name,
        parent:
          parent && (trace.getSpan(parent) as unknown as { recorded?: Recorded } | undefined)?.recorded?.name,
        attributes: { ...attributes },
        events: [],
        ended: false,
      };
      spans.push(own);
      const span = {
        recorded: own,
        setAttribute: (key: string, value: never) => {
          own.attributes[key] = value;
          return span;
        },
        setAttributes: (more: Attributes) => {
          Object.assign(own.attributes, more);
          return span;
        },
        addEvent: (event: string) => {
          own.events.push(event);
          return span;
        },
        setStatus: ({ message }: { readonly message?: string }) => {
          own.status = message;
          return span;
        },
        end: () => {
          own.ended = true;
        },
      };
      return span as unknown as Span;
    },
  } as Tracer;
  return { spans, tracer };
}

const first = predict(signature('question -> query'), { name: 'first' });
const second = predict(signature('query -> answer'), { name: 'second', models: ['large'] });
const both = pipeline([first, second], { name: 'both' });
const row = { question: 'secret?' };
const model = scriptedModel({
  id: 'openai/gpt-5-mini',
  replies: [{ text: 'yes', costUsd: 0.5, usage: { inputTokens: 7, outputTokens: 1 } }],
});

describe('a traced program', () => {
  test('is a span with one below it for each call, in the words of the conventions', async () => {
    const { spans, tracer } = recordingTracer();
    await withTracing(both, { tracer }).run(row, {
      models: { task: model, large: model },
      exampleId: 'row-1',
    });
    expect(spans.map(({ name, parent, ended }) => [name, parent, ended])).toEqual([
      ['invoke_agent both', undefined, true],
      ['chat gpt-5-mini', 'invoke_agent both', true],
      ['chat gpt-5-mini', 'invoke_agent both', true],
    ]);
    expect(spans[0]?.attributes).toMatchObject({ 'gen_ai.agent.name': 'both', 'hone.example.id': 'row-1' });
    expect(spans[2]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5-mini',
      'gen_ai.request.temperature': 0,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 1,
      'hone.cost_usd': 0.5,
      'hone.step': 'second',
      'hone.role': 'large',
    });
  });

  test('says nothing of what was asked and answered unless it is told to', async () => {
    const quiet = recordingTracer();
    await withTracing(first, { tracer: quiet.tracer }).run(row, { model });
    expect(JSON.stringify(quiet.spans)).not.toMatch(/secret|yes/);
    const open = recordingTracer();
    await withTracing(first, { tracer: open.tracer, content: true }).run(row, { model });
    expect(JSON.parse(String(open.spans[1]?.attributes['gen_ai.input.messages']))[1]).toEqual({
      role: 'user',
      parts: [{ type: 'text', content: 'Question: secret?' }],
    });
    expect(open.spans[1]?.attributes['gen_ai.output.messages']).toContain('"content":"yes"');
  });

  test('keeps rows apart that run at once, and every call under its own', async () => {
    const { spans, tracer } = recordingTracer();
    const vote = withTracing(majority(first, { samples: 3, name: 'vote' }), { tracer });
    await Promise.all([1, 2, 3].map((index) => vote.run({ question: String(index) }, { model })));
    expect(spans.filter(({ name }) => name === 'invoke_agent vote')).toHaveLength(3);
    expect(spans.filter(({ parent }) => parent === 'invoke_agent vote')).toHaveLength(9);
    expect(spans.every(({ ended }) => ended)).toBe(true);
  });

  test('shows failures, faults and tools', async () => {
    const failing = recordingTracer();
    const closed = predict(signature('question -> kind: "a" | "b"'));
    await withTracing(closed, { tracer: failing.tracer }).forward(row, { model });
    expect(failing.spans[0]).toMatchObject({
      attributes: { 'error.type': 'unreadable' },
      status: expect.any(String),
    });
    const down = recordingTracer();
    const gone = scriptedModel({
      replies: ['x'],
      failures: [new HoneError('down', { code: 'HONE_MODEL_SERVER' })],
    });
    const run = withTracing(closed, { tracer: down.tracer }).forward(row, { model: gone });
    await expect(run).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
    expect(down.spans.map(({ attributes, ended }) => [attributes['error.type'], ended])).toEqual([
      ['HONE_MODEL_SERVER', true],
      ['HONE_MODEL_SERVER', true],
    ]);
    const tools = recordingTracer();
    const code = programOfThought(signature('question -> answer'), { rounds: 1 });
    await withTracing(code, { tracer: tools.tracer }).forward(row, {
      model: scriptedModel({ replies: ['return 1;'] }),
    });
    expect(tools.spans[0]?.events).toEqual(['execute_tool javascript']);
  });

  test('is the same program to every run, and needs no SDK', async () => {
    const traced = withTracing(both);
    expect(traced.shape).toEqual(both.shape);
    await expect(traced.run(row, { models: { task: model, large: model } })).resolves.toEqual({
      answer: 'yes',
    });
  });
});
