import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { recordOf } from '../model/middleware/meter.ts';
import type {
  Message,
  Model,
  ModelRequest,
  ModelResponse,
  ToolCall,
  ToolDefinition,
} from '../model/model.ts';
import { noAnswerOf } from '../model/no-answer.ts';
import { estimateRequestTokens } from '../model/token-count.ts';
import { adapterOf } from '../prompt/adapters.ts';
import { rowText, systemText } from '../prompt/prompt-text.ts';
import { objectSchemaOf } from '../signature/json-schema.ts';
import type { Signature } from '../signature/signature.ts';
import { agentCalls, submitName } from './agent-calls.ts';
import { type AgentTurn, historyMessages, mostShortening } from './agent-history.ts';
import { type AgentProtocol, nativeProtocol, textProtocol } from './agent-protocol.ts';
import type { Prediction, Runtime } from './program.ts';
import { readResponse } from './read-response.ts';
import type { Tool } from './tool.ts';
import type { PredictTraceStep } from './trace.ts';
import { createTraceRecorder } from './trace-recorder.ts';

/** How an agent works, with every default written out. */
export interface AgentSettings {
  readonly name: string;
  readonly mostSteps: number;
  readonly calls: 'auto' | 'native' | 'text';
  readonly parallel: number;
  readonly mostRepeats: number;
  readonly onToolError: 'tell' | 'fail';
  readonly historyTokens: number;
  readonly resultCharacters: number;
  readonly temperature: number;
  readonly maxOutputTokens: number;
}

/** One row for an agent. */
export interface AgentRow {
  readonly settings: AgentSettings;
  readonly signature: Signature;
  readonly tools: ReadonlyMap<string, Tool>;
  /** The tools as the candidate describes them. */
  readonly definitions: readonly ToolDefinition[];
  readonly instructions: string;
  readonly inputs: JsonObject;
  readonly model: Model;
  readonly runtime: Runtime;
}

/** What ends an agent: an answer, or why there is none. */
type End =
  | { readonly status: 'submitted'; readonly outputs: JsonObject }
  | {
      readonly status: 'failed';
      readonly reason: string;
      readonly fault: 'unreadable' | 'refusal' | 'content-filter';
    };

/** Answers one row: rounds of calls until an answer is submitted, then one round that may do nothing else. */
export async function runAgent(row: AgentRow): Promise<Prediction> {
  const { settings, signature, definitions, inputs, model, runtime } = row;
  const { name, mostSteps } = settings;
  const protocol = protocolOf(model, settings);
  const submit = submitTool(signature);
  const recorder = createTraceRecorder();
  const performer = agentCalls({ ...settings, ...row, recorder, signal: runtime.signal });
  const turns: AgentTurn[] = [];
  const task = taskMessages(row, protocol.rules([...definitions, submit]));
  let shortening = 0;
  let rounds = 0;
  let last = '';

  /** Asks once; a history that is too long is shortened, by its estimated size or by what the provider says. */
  const ask = async (tools: readonly ToolDefinition[], extra: readonly Message[] = []): Promise<Asked> => {
    rounds += 1;
    const place = recorder.open();
    const id = rounds === 1 ? name : `${name}#${rounds}`;
    const base = { kind: 'predict', id: name, step: name, inputs } as const;
    while (true) {
      const most = mostShortening(turns);
      const request = requestOf([...historyMessages(task, turns, shortening), ...extra], {
        settings: sampled(settings, runtime),
        offered: protocol.request(tools),
      });
      if (shortening < most && estimateRequestTokens(request) > settings.historyTokens) {
        shortening += 1;
        continue;
      }
      const { messages } = request;
      try {
        const response = await model.generate(request, { signal: runtime.signal, draw: runtime.draw });
        const calls = protocol.calls(response, rounds);
        last = response.text === '' ? JSON.stringify(response.toolCalls ?? []) : response.text;
        const step: PredictTraceStep = { ...base, messages, text: last, calls: [recordOf(response)] };
        place.fill([step]);
        return { response, calls, id, answered: (outputs) => place.fill([{ ...step, outputs }]) };
      } catch (thrown) {
        if (isOverflow(thrown) && shortening < most) {
          shortening += Math.ceil((most - shortening) / 2);
          continue;
        }
        place.fill([{ ...base, messages, calls: [] }]);
        throw thrown;
      }
    }
  };

  const work = async (): Promise<End> => {
    let isSilent = false;
    while (rounds < mostSteps && !isSilent) {
      const asked = await ask([...definitions, submit]);
      const { response, calls } = asked;
      const none = noAnswerOf(response);
      if (none?.fault === 'refusal' || none?.fault === 'content-filter') {
        return { status: 'failed', reason: none.reason, fault: none.fault };
      }
      isSilent = calls.length === 0;
      const performed = await performer.perform(calls, asked.id);
      const answer = performed.find(({ submitted }) => submitted !== undefined);
      if (answer?.submitted !== undefined) {
        asked.answered(answer.submitted);
        return { status: 'submitted', outputs: answer.submitted };
      }
      const failed = performed.find(({ failure }) => failure !== undefined);
      if (failed !== undefined && settings.onToolError === 'fail') {
        const reason = `The tool "${failed.call.name}" failed: ${failed.failure}`;
        return { status: 'failed', reason, fault: 'unreadable' };
      }
      const results = performed.map(({ call, text }) => protocol.result(call, text));
      // Some providers refuse a message that says nothing.
      const saysNothing = isSilent && response.text.trim() === '';
      if (!saysNothing) turns.push({ said: protocol.said(response, calls), results });
    }
    return lastChance(isSilent);
  };

  /** One more question, whose only tool is to submit; a text that holds the outputs is taken as well. */
  const lastChance = async (isSilent: boolean): Promise<End> => {
    const left = isSilent ? '' : 'No steps are left. ';
    const content = `${left}Call "${submitName}" now with your best answer.`;
    const asked = await ask([submit], [{ role: 'user', content }]);
    const performed = await performer.perform(
      asked.calls.filter((call) => call.name === submitName),
      asked.id,
    );
    const outputs =
      performed.find(({ submitted }) => submitted !== undefined)?.submitted ??
      (await outputsInText(asked.response, signature));
    if (outputs !== undefined) {
      asked.answered(outputs);
      return { status: 'submitted', outputs };
    }
    const why = performed[0]?.text.replace(/^Error: /u, ' ') ?? '';
    return {
      status: 'failed',
      reason: `No answer was submitted in ${mostSteps} steps.${why}`,
      fault: 'unreadable',
    };
  };

  const end = await work();
  const trace = recorder.trace();
  if (end.status === 'submitted') return { status: 'completed', outputs: end.outputs, trace };
  return { ...end, text: last, step: name, trace };
}

interface Asked {
  readonly response: ModelResponse;
  readonly calls: readonly ToolCall[];
  /** Of its step in the trace. */
  readonly id: string;
  /** Notes what was read from it. */
  answered(outputs: JsonObject): void;
}

function protocolOf(model: Model, { calls, name }: AgentSettings): AgentProtocol {
  const { tools, jsonSchema } = model.capabilities;
  if (calls === 'text' || (calls === 'auto' && !tools)) return textProtocol({ schema: jsonSchema && !tools });
  if (tools) return nativeProtocol;
  throw new HoneError(`The agent "${name}" is to call tools natively, and ${model.id} knows none.`, {
    code: 'HONE_OPTION_INVALID',
    hint: "Leave `calls` out, or set it to 'text': then tools are described in words.",
    facts: { model: model.id },
  });
}

function submitTool(signature: Signature): ToolDefinition {
  return {
    name: submitName,
    description: 'Gives the answer and ends the work.',
    parameters: objectSchemaOf(signature.outputs),
  };
}

function taskMessages({ signature, instructions, inputs }: AgentRow, rules: string): readonly Message[] {
  const parts = { signature, instructions, demos: [], inputs };
  const system = [systemText(parts), rules].filter((text) => text !== '').join('\n\n');
  return [
    { role: 'system', content: system },
    { role: 'user', content: rowText(parts, inputs) },
  ];
}

function requestOf(
  messages: readonly Message[],
  {
    settings: { temperature, maxOutputTokens },
    offered,
  }: { readonly settings: AgentSettings; readonly offered: Partial<ModelRequest> },
): ModelRequest {
  return { messages, sharedMessages: 1, temperature, maxOutputTokens, ...offered };
}

/** Samples of an answer at temperature 0 would all be one. */
function sampled(settings: AgentSettings, { samplingTemperature }: Runtime): AgentSettings {
  return samplingTemperature === undefined || settings.temperature > 0
    ? settings
    : { ...settings, temperature: samplingTemperature };
}

function isOverflow(thrown: unknown): boolean {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_MODEL_CONTEXT_OVERFLOW';
}

async function outputsInText(response: ModelResponse, signature: Signature): Promise<JsonObject | undefined> {
  for (const format of ['json', 'chat'] as const) {
    const read = await readResponse(adapterOf(format), response, signature);
    if (read.status === 'parsed') return read.outputs;
  }
  return undefined;
}
