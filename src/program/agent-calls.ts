import { canonicalJson } from '../base/canonical-json.ts';
import { mapConcurrently } from '../base/concurrency.ts';
import type { JsonObject } from '../base/json.ts';
import { beginningOf } from '../base/plain-text.ts';
import type { ToolCall } from '../model/model.ts';
import { outputsOfObjects } from '../prompt/read-outputs.ts';
import { validateOutputs } from '../prompt/validate-outputs.ts';
import type { Signature } from '../signature/signature.ts';
import { callTool, readArguments, type Tool, type ToolOutcome } from './tool.ts';
import type { ToolTraceStep } from './trace.ts';
import type { TracePlace, TraceRecorder } from './trace-recorder.ts';

/** The call that ends an agent. */
export const submitName = 'submit';

export interface AgentCallsOptions {
  readonly signature: Signature;
  readonly tools: ReadonlyMap<string, Tool>;
  /** Most calls at once. */
  readonly parallel: number;
  /** How often the same call is made. */
  readonly mostRepeats: number;
  /** Most characters of a result that the model is shown. */
  readonly resultCharacters: number;
  readonly recorder: TraceRecorder;
  readonly signal: AbortSignal | undefined;
}

/** What one call gave. */
export interface PerformedCall {
  readonly call: ToolCall;
  /** What the model is told. */
  readonly text: string;
  /** What was submitted, where it can be used. */
  readonly submitted?: JsonObject | undefined;
  /** What the tool threw, or that it took too long. */
  readonly failure?: string | undefined;
}

/** Makes the calls of one row, those of one round together. */
export interface AgentCalls {
  /** @param from The id of the step that asked for them. @throws What ends the row: its abort, the fault of a service. */
  perform(calls: readonly ToolCall[], from: string): Promise<readonly PerformedCall[]>;
}

export function agentCalls(options: AgentCallsOptions): AgentCalls {
  const { tools, parallel, mostRepeats, resultCharacters, recorder, signal } = options;
  const made = new Map<string, number>();

  const outcomeOf = async (call: ToolCall, given: JsonObject | undefined): Promise<ToolOutcome> => {
    const used = tools.get(call.name);
    if (used === undefined) {
      const names = [...tools.keys(), submitName].join(', ');
      return { status: 'refused', error: `There is no tool "${call.name}". There are: ${names}.` };
    }
    if (given === undefined) {
      return { status: 'refused', error: 'The arguments are no JSON object. Write them as one.' };
    }
    const key = `${call.name} ${canonicalJson(given)}`;
    const times = (made.get(key) ?? 0) + 1;
    made.set(key, times);
    if (times > mostRepeats) {
      const error = `This was called with the same arguments ${mostRepeats} times already. Do something else, or submit.`;
      return { status: 'refused', error };
    }
    return callTool(used, given, signal);
  };

  const performOne = async (call: ToolCall, place: TracePlace, from: string): Promise<PerformedCall> => {
    if (call.name === submitName) return submit(call, options.signature);
    const given = readArguments(call.arguments);
    const outcome = await outcomeOf(call, given);
    const { name } = call;
    const step: ToolTraceStep = {
      kind: 'tool',
      id: name,
      name,
      arguments: given ?? { text: call.arguments },
    };
    if (outcome.status === 'done') {
      place.fill([{ ...step, result: outcome.result }], { from });
      const { result } = outcome;
      const text = typeof result === 'string' ? result : JSON.stringify(result);
      return { call, text: clipped(text, resultCharacters) };
    }
    place.fill([{ ...step, error: outcome.error }], { from });
    const text = `Error: ${clipped(outcome.error, resultCharacters)}`;
    return { call, text, ...(outcome.status === 'failed' && { failure: outcome.error }) };
  };

  return {
    async perform(calls, from) {
      // Places are taken first, so that the trace does not depend on which tool is done first.
      const work = calls.map((call) => ({ call, place: recorder.open() }));
      const performed: PerformedCall[] = [];
      const each = ({ call, place }: (typeof work)[number]) => performOne(call, place, from);
      for await (const done of mapConcurrently(work, each, { limit: parallel })) performed.push(done);
      return performed;
    },
  };
}

async function submit(call: ToolCall, signature: Signature): Promise<PerformedCall> {
  const given = readArguments(call.arguments);
  if (given === undefined)
    return { call, text: 'Error: The arguments are no JSON object. Write them as one.' };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const read = outputsOfObjects([{ value: present, repeated: [] }], signature, 'strict');
  const checked = read.status === 'parsed' ? await validateOutputs(read, signature) : read;
  if (checked.status === 'parsed') return { call, text: 'Submitted.', submitted: checked.outputs };
  return { call, text: `Error: this cannot be submitted: ${checked.reason}` };
}

function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const shown = beginningOf(text, most);
  return `${shown} … (${text.length - shown.length} more characters)`;
}
