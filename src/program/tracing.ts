import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { HoneError, messageOf } from '../base/errors.ts';
import { checkOptionNames } from '../base/option-names.ts';
import {
  type CallRecord,
  type Message,
  type Model,
  type ModelCall,
  type ModelResponse,
  wrapCalls,
} from '../model/model.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import { withAround } from './model-of-role.ts';
import type { AskedAs, Program } from './program.ts';
import type { TraceStep } from './trace.ts';

export interface TracingOptions {
  /** Where the spans go. @default the global provider's tracer of the name 'hone-ai' */
  readonly tracer?: Tracer | undefined;
  /** Whether the spans hold what was asked and answered, which may be private. @default false */
  readonly content?: boolean | undefined;
}

/**
 * A program whose rows are OpenTelemetry spans by the GenAI conventions: one for the row (`invoke_agent`), under the
 * span that is active, and one for each call of a model (`chat`) under it, with tokens, cost and what went wrong.
 * Tools and look-ups are events of the row. No SDK is needed or set up: without a provider nothing is recorded.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function withTracing<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: TracingOptions = {},
): Program<Inputs, Outputs> {
  checkOptionNames(options, { tracer: true, content: true }, 'withTracing');
  const { tracer = trace.getTracer('hone-ai'), content = false } = options;
  const { name } = program.shape;
  const { version: _, ...parts } = composed('tracing', [program]);
  return createProgram<Inputs, Outputs>({
    ...parts,
    name,
    // Being watched changes nothing of what it does: its answers and runs are those of the program itself.
    version: program.shape.version,
    signature: program.signature,
    calls: program.calls,
    forward: async (inputs, runtime) => {
      const parent = context.active();
      const row = tracer.startSpan(
        `invoke_agent ${name}`,
        {
          kind: SpanKind.INTERNAL,
          attributes: known({
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.agent.name': name,
            'hone.program.version': program.shape.version,
            'hone.candidate': hashCandidate(runtime.candidate),
            'hone.example.id': runtime.exampleId,
            'hone.draw': runtime.draw,
          }),
        },
        parent,
      );
      const inside = trace.setSpan(parent, row);
      const start = (model: Model, asked: AskedAs, call: ModelCall<CallRecord>) =>
        tracer.startSpan(
          `${operationOf(call)} ${modelName(model)}`,
          { kind: SpanKind.CLIENT, attributes: callAttributes(model, asked, { call, content }) },
          inside,
        );
      try {
        const prediction = await context.with(inside, () =>
          program.forward(
            inputs,
            withAround(runtime, (model, asked) => tracedModel(model, { asked, start, content })),
          ),
        );
        for (const step of prediction.trace) noteStep(row, step, content);
        if (prediction.status === 'failed') {
          row.setAttribute('error.type', prediction.fault ?? 'failed');
          row.setStatus({ code: SpanStatusCode.ERROR, message: prediction.reason });
        }
        return prediction;
      } catch (thrown) {
        noteFault(row, thrown);
        throw thrown;
      } finally {
        row.end();
      }
    },
  });
}

interface TracedOptions {
  readonly asked: AskedAs;
  readonly content: boolean;
  start(model: Model, asked: AskedAs, call: ModelCall<CallRecord>): Span;
}

function tracedModel(model: Model, { asked, content, start }: TracedOptions): Model {
  return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    const span = start(model, asked, call as ModelCall<CallRecord>);
    try {
      const answer = await call.proceed();
      span.setAttributes(answerAttributes(answer, content));
      return answer;
    } catch (thrown) {
      noteFault(span, thrown);
      throw thrown;
    } finally {
      span.end();
    }
  });
}

function operationOf({ kind, request }: ModelCall<CallRecord>): 'chat' | 'text_completion' {
  return kind === 'generate' && request.layout !== 'completion' ? 'chat' : 'text_completion';
}

function modelName({ id }: Model): string {
  return id.slice(id.indexOf('/') + 1);
}

function callAttributes(
  model: Model,
  { step, role }: AskedAs,
  { call, content }: { readonly call: ModelCall<CallRecord>; readonly content: boolean },
): Attributes {
  const { request, options } = call;
  return known({
    'gen_ai.operation.name': operationOf(call),
    'gen_ai.provider.name': model.id.split('/')[0],
    'gen_ai.request.model': modelName(model),
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.top_p': request.topP,
    'gen_ai.request.max_tokens': request.maxOutputTokens,
    'gen_ai.request.stop_sequences':
      request.stopSequences === undefined ? undefined : [...request.stopSequences],
    'gen_ai.request.seed': request.seed,
    'gen_ai.output.type': request.responseSchema === undefined ? 'text' : 'json',
    'gen_ai.input.messages': content ? JSON.stringify(request.messages.map(genAiMessage)) : undefined,
    'hone.step': step,
    'hone.role': role,
    'hone.draw': options.draw,
    'hone.call.kind': call.kind,
  });
}

/** A message in the form of the conventions. */
function genAiMessage({ role, content, toolCalls = [] }: Message) {
  const parts =
    typeof content === 'string'
      ? [{ type: 'text', content }]
      : content.map((part) =>
          part.type === 'text'
            ? { type: 'text', content: part.text }
            : { type: 'blob', mime_type: part.mediaType, modality: part.type },
        );
  const calls = toolCalls.map(({ id, name, arguments: given }) => ({
    type: 'tool_call',
    id,
    name,
    arguments: given,
  }));
  return { role, parts: [...parts, ...calls] };
}

function answerAttributes(answer: CallRecord, content: boolean): Attributes {
  const { text, finishReason } = answer as Partial<ModelResponse>;
  return known({
    'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
    'gen_ai.usage.input_tokens': answer.usage.inputTokens,
    'gen_ai.usage.output_tokens': answer.usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': answer.usage.cachedInputTokens,
    'gen_ai.output.messages':
      content && text !== undefined
        ? JSON.stringify([
            { role: 'assistant', parts: [{ type: 'text', content: text }], finish_reason: finishReason },
          ])
        : undefined,
    'hone.cost_usd': answer.costUsd,
    'hone.cached': answer.cached,
    'hone.retries': answer.retries,
  });
}

function noteStep(row: Span, step: TraceStep, content: boolean): void {
  if (step.kind === 'tool') {
    row.addEvent(
      `execute_tool ${step.name}`,
      known({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': step.name,
        'gen_ai.tool.call.arguments': content ? JSON.stringify(step.arguments) : undefined,
        'gen_ai.tool.call.result': content ? JSON.stringify(step.result) : undefined,
        'error.type': step.error === undefined ? undefined : 'tool_error',
      }),
    );
  } else if (step.kind === 'retrieve') {
    row.addEvent(
      'retrieval',
      known({
        'gen_ai.operation.name': 'retrieval',
        'hone.retrieval.passages': step.passages.length,
        'hone.retrieval.query': content ? step.query : undefined,
      }),
    );
  }
}

function noteFault(span: Span, thrown: unknown): void {
  span.setAttribute(
    'error.type',
    HoneError.isInstance(thrown) ? thrown.code : thrown instanceof Error ? thrown.name : '_OTHER',
  );
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(thrown) });
}

/** What is not known has no attribute, never an empty one. */
function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
