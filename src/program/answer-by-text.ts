import type { JsonObject } from '../base/json.ts';
import { setOwn } from '../base/own-property.ts';
import type { CallRecord, Message, ModelRequest, ModelResponse } from '../model/model.ts';
import type { Adapter, RenderedPrompt } from '../prompt/adapter.ts';
import { adapterOf } from '../prompt/adapters.ts';
import type { DemoSet } from '../prompt/candidate.ts';
import { choicesOf, type Signature } from '../signature/signature.ts';
import type { Answered, Question } from './question.ts';
import { type ResponseReading, readResponse } from './read-response.ts';
import type { PredictTraceStep } from './trace.ts';

type Parsed = Extract<ResponseReading, { status: 'parsed' }>;
type Unparsable = Extract<ResponseReading, { status: 'unparsable' }>;

/** One demo set's answer: what was read, every call, and the last raw text. */
interface Reading {
  readonly result: ResponseReading;
  readonly responses: readonly ModelResponse[];
  readonly text: string;
  /** What was asked first. */
  readonly messages: readonly Message[];
}

/**
 * Answers by generating text and reading it tolerantly. An answer that lacks fields is followed by one
 * question for the missing ones. With several demo sets each is asked: closed outputs go by majority (ties to
 * the earlier set), open ones to the first set that could be read.
 */
export async function answerByText(question: Question): Promise<Answered> {
  const readings: Reading[] = [];
  for (const set of question.demoSets) readings.push(await readAnswer(question, set));
  const { signature, inputs } = question.parts;
  const calls: CallRecord[] = [];
  const parsed: Parsed[] = [];
  for (const { result, responses } of readings) {
    for (const response of responses) calls.push(recordOf(response));
    if (result.status === 'parsed') parsed.push(result);
  }
  const { name } = question.settings;
  const messages = readings[0]?.messages;
  const step = { kind: 'predict', id: name, step: name, inputs, messages, calls } as const;
  const [first] = parsed;
  const [reading] = readings;
  if (first !== undefined) {
    const outputs = parsed.length === 1 ? first.outputs : vote(parsed, signature);
    return {
      step: { ...step, outputs, text: reading?.text, parseStep: first.step } satisfies PredictTraceStep,
    };
  }
  const unparsable = reading?.result as Unparsable;
  return {
    step: { ...step, text: reading?.text },
    failure: { reason: unparsable.reason, fault: unparsable.fault, text: reading?.text ?? '' },
  };
}

async function readAnswer(question: Question, set: DemoSet): Promise<Reading> {
  const adapter = adapterOf(set.format ?? question.format);
  const prompt = adapter.render({ ...question.parts, demos: set.demos });
  const response = await question.model.generate(requestOf(question, prompt), question.call);
  const result = await readResponse(adapter, response, question.parts.signature);
  const { messages } = prompt;
  if (result.status === 'parsed' || !question.reask || !result.mayAskAgain) {
    const final = withoutOptional(result, question.parts.signature);
    return { result: final, responses: [response], text: response.text, messages };
  }
  return askAgain(question, { adapter, prompt, response, result });
}

/** Asks for the missing fields alone, with the first answer in view. */
async function askAgain(
  question: Question,
  first: {
    readonly adapter: Adapter;
    readonly prompt: RenderedPrompt;
    readonly response: ModelResponse;
    readonly result: Unparsable;
  },
): Promise<Reading> {
  const { adapter, prompt, response, result } = first;
  const { signature } = question.parts;
  const missing = signature.outputs.filter(({ name }) => result.missing.includes(name));
  const rest = { ...signature, outputs: missing };
  const repeat: RenderedPrompt = {
    messages: [
      ...prompt.messages,
      { role: 'assistant', content: response.text },
      adapter.renderReask(result.missing, signature),
    ],
    sharedMessages: prompt.sharedMessages,
    ...(prompt.layout !== undefined && { layout: prompt.layout }),
    ...(prompt.stopSequences !== undefined && { stopSequences: prompt.stopSequences }),
  };
  const second = await question.model.generate(requestOf(question, repeat), question.call);
  const completed = await readResponse(adapter, second, rest);
  const responses = [response, second];
  const { messages } = prompt;
  if (completed.status === 'unparsable') {
    const outputs = { ...result.partial, ...completed.partial };
    const left = withoutOptional({ ...result, partial: outputs, missing: completed.missing }, signature);
    return { result: left, responses, text: response.text, messages };
  }
  const outputs = { ...result.partial, ...completed.outputs };
  return { result: { status: 'parsed', outputs, step: 're-asked' }, responses, text: second.text, messages };
}

/** An answer that lacks nothing but what may be absent is an answer. */
function withoutOptional(result: ResponseReading, { outputs }: Signature): ResponseReading {
  if (result.status === 'parsed' || Object.keys(result.partial).length === 0) return result;
  const isOptional = (name: string) => outputs.find((field) => field.name === name)?.optional === true;
  return result.missing.every(isOptional)
    ? { status: 'parsed', outputs: result.partial, step: 'aliases' }
    : result;
}

function requestOf({ settings }: Question, prompt: RenderedPrompt): ModelRequest {
  return { ...prompt, temperature: settings.temperature, maxOutputTokens: settings.maxOutputTokens };
}

function recordOf({ usage, costUsd, latencyMs, cached, retries }: ModelResponse): CallRecord {
  return { usage, costUsd, latencyMs, cached, retries };
}

/** The most frequent value of each closed output, ties to the earlier set; open outputs of the first set. */
function vote(parsed: readonly Parsed[], signature: Signature): JsonObject {
  const outputs: Record<string, JsonObject[string]> = { ...parsed[0]?.outputs };
  for (const field of signature.outputs) {
    if (choicesOf(field) === undefined) continue;
    const votes = new Map<JsonObject[string], number>();
    for (const { outputs: each } of parsed)
      votes.set(each[field.name], (votes.get(each[field.name]) ?? 0) + 1);
    const [winner] = [...votes].reduce((most, next) => (next[1] > most[1] ? next : most));
    setOwn(outputs, field.name, winner);
  }
  return outputs;
}
