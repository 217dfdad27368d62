import { AsyncLocalStorage } from 'node:async_hooks';
import { canonicalJson } from '../base/canonical-json.ts';
import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { recordOf } from '../model/middleware/meter.ts';
import type { Model, ModelRequest, ModelResponse } from '../model/model.ts';
import { outputText, plainRequest, wholeRequest } from '../model/provider/ai-sdk-app-call.ts';
import type { AiSdkAppCall, AiSdkResult } from '../model/provider/ai-sdk-model.ts';
import { aiSdkResult } from '../model/provider/ai-sdk-result.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { askedOf, swapPrompt } from './app-prompt.ts';
import type { Runtime } from './program.ts';
import type { PredictTraceStep, Trace } from './trace.ts';
import { createTraceRecorder, type TraceRecorder } from './trace-recorder.ts';

/** One row that an app is answering: what its wrapped models find, however deep in its code they are called. */
export interface AppRow {
  /** @throws {HoneError} What became of a call that nobody answered afterwards; see `unansweredFault`. */
  ask(prompt: string, version: string, call: AiSdkAppCall): Promise<AiSdkResult>;
  /** Calls so far. */
  readonly calls: number;
  /** The fault of a question that nobody answered afterwards: the row is lost, whatever the app made of it. */
  readonly unansweredFault: HoneError | undefined;
  trace(): Trace;
}

/** The only ambient value of Hone: an app's function has no other way to be told for whom it works. */
const currentRow = new AsyncLocalStorage<AppRow>();

export function appRow(): AppRow | undefined {
  return currentRow.getStore();
}

export function inAppRow<Result>(row: AppRow, work: () => Result): Result {
  return currentRow.run(row, work);
}

export interface AppRowOptions {
  /** Of the program, for messages. */
  readonly name: string;
  readonly candidate: Candidate;
  readonly runtime: Runtime;
  /** The app's own text of each of its prompts. */
  readonly texts: ReadonlyMap<string, string>;
  /** Who answers a prompt. */
  modelOf(prompt: string): Model | Promise<Model>;
}

export function openAppRow({ name, candidate, runtime, texts, modelOf }: AppRowOptions): AppRow {
  const recorder = createTraceRecorder();
  const asked = new Map<string, number>();
  let faults: readonly LostCall[] = [];
  const seenTools = new Set<string>();
  let calls = 0;

  /** Asked alike twice, a prompt answers twice, and each answer is stored on its own. */
  const drawOf = (prompt: string, request: ModelRequest): string | undefined => {
    const key = `${prompt} ${canonicalJson(request as unknown as Json)}`;
    const times = (asked.get(key) ?? 0) + 1;
    asked.set(key, times);
    return times === 1 ? runtime.draw : `${runtime.draw ?? '0'}/${times}`;
  };

  return {
    get calls() {
      return calls;
    },
    get unansweredFault() {
      return faults[0]?.fault;
    },
    trace: recorder.trace,
    async ask(prompt, version, call) {
      calls += 1;
      const own = texts.get(prompt);
      if (own === undefined) throw notListed(prompt, name);
      // What was there before the first call is the history of another conversation.
      const isFirst = calls === 1;
      noteTools(call, { seen: seenTools, recorder: isFirst ? undefined : recorder });
      const place = recorder.open();
      const exampleId = runtime.exampleId;
      const swapped = sampled(swapPrompt(call, { prompt, own, candidate, exampleId }), runtime);
      const model = await modelOf(prompt);
      const request = requestFor(model, { call: swapped, version });
      const base = {
        kind: 'predict',
        id: prompt,
        step: prompt,
        inputs: { prompt: askedOf(call) },
        messages: request.messages,
      } as const;
      const draw = drawOf(prompt, request);
      const began = calls;
      const question = askedOf(call);
      try {
        const signal = anySignal(runtime.signal, call.abortSignal);
        const response = await model.generate(request, { signal, draw });
        faults = faults.filter((lost) => !isMadeGood(lost, { prompt, question, began }));
        place.fill([{ ...base, ...saidBy(response), calls: [recordOf(response)] }]);
        return (
          (response.providerResult as unknown as AiSdkResult | undefined) ?? aiSdkResult(response, version)
        );
      } catch (thrown) {
        place.fill([{ ...base, calls: [] }]);
        if (HoneError.isInstance(thrown))
          faults = [...faults, { prompt, question, at: calls, fault: thrown }];
        throw thrown;
      }
    },
  };
}

interface LostCall {
  readonly prompt: string;
  /** What the user said last. */
  readonly question: string;
  /** How many calls had begun when it was lost. */
  readonly at: number;
  readonly fault: HoneError;
}

/** Whether an app asked again: the same question afterwards, or another where the first was too long. */
function isMadeGood(
  lost: LostCall,
  { prompt, question, began }: { readonly prompt: string; readonly question: string; readonly began: number },
): boolean {
  if (lost.prompt !== prompt || began <= lost.at) return false;
  return lost.question === question || lost.fault.code === 'HONE_MODEL_CONTEXT_OVERFLOW';
}

function saidBy({ text, toolCalls = [] }: ModelResponse): Pick<PredictTraceStep, 'outputs' | 'text'> {
  if (text !== '') return { outputs: { reply: text }, text };
  return { text: toolCalls.length === 0 ? '' : JSON.stringify(toolCalls) };
}

/** Samples of an answer at temperature 0 would all be one. */
function sampled(call: AiSdkAppCall, { samplingTemperature }: Runtime): AiSdkAppCall {
  return samplingTemperature !== undefined && call.temperature === 0
    ? { ...call, temperature: samplingTemperature }
    : call;
}

function requestFor(
  model: Model,
  { call, version }: { readonly call: AiSdkAppCall; readonly version: string },
): ModelRequest {
  if (model.capabilities.aiSdkCalls === version) return wholeRequest(call, version);
  const { request, lacking } = plainRequest(call);
  if (lacking.length === 0) return request;
  throw new HoneError(`${model.id} cannot be asked as the app asks its own model: ${lacking.join(', ')}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: "Leave `model` out, so that the app's own model answers, or give an AI SDK model of the same version.",
    facts: { model: model.id },
  });
}

/** What the tools of the app gave since the last call: it ran them itself, between two calls. */
function noteTools(
  { prompt }: AiSdkAppCall,
  { recorder, seen }: { readonly recorder: TraceRecorder | undefined; readonly seen: Set<string> },
): void {
  const inputs = new Map<string, unknown>();
  for (const { content } of prompt) {
    for (const part of typeof content === 'string' ? [] : content) {
      const { toolCallId, toolName = '', output } = part;
      if (toolCallId === undefined) continue;
      if (part.type === 'tool-call') inputs.set(toolCallId, part.input);
      if (part.type !== 'tool-result' || seen.has(toolCallId)) continue;
      seen.add(toolCallId);
      const given = inputs.get(toolCallId);
      const text = outputText(output);
      const isError = output?.type.startsWith('error') === true;
      recorder?.open().fill([
        {
          kind: 'tool',
          id: toolName,
          name: toolName,
          arguments: isObject(given) ? given : { input: (given ?? null) as Json },
          ...(isError ? { error: text } : { result: text }),
        },
      ]);
    }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const present = signals.filter((signal) => signal !== undefined);
  return present.length < 2 ? present[0] : AbortSignal.any([...new Set(present)]);
}

function notListed(prompt: string, program: string): HoneError {
  return new HoneError(`The app asks the prompt "${prompt}", which the program "${program}" does not list.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give its wrapped model to appProgram too: models: [ … ]. Then it is counted, and its text can be improved.',
    facts: { prompt },
  });
}
