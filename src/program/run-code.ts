import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Runtime } from './program.ts';
import type { Sandbox, SandboxLimits, SandboxResult } from './sandbox.ts';
import type { TraceRecorder } from './trace-recorder.ts';

/** Where code is run, and on what. */
export interface CodeRun {
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits;
  readonly task: JsonObject;
  readonly runtime: Runtime;
  readonly recorder: TraceRecorder;
}

/** Runs code and notes it as a call of a tool; what failed is noted as its error. */
export async function runCode(
  code: string,
  { sandbox, limits, task, runtime, recorder }: CodeRun,
): Promise<SandboxResult> {
  let result: SandboxResult | undefined;
  try {
    await recorder.tool('javascript', { code }, async () => {
      result = await sandbox.run({ code, inputs: task, signal: runtime.signal }, limits);
      if (result.status === 'returned') return result.value;
      throw new Error(result.message);
    });
  } catch (thrown) {
    if (result === undefined) throw thrown;
  }
  return result as SandboxResult;
}

/** The code alone, of an answer that puts it between fences. */
export function withoutFences(text: string): string {
  const fenced = /```(?:js|javascript|ts|typescript)?[ \t]*\n([\s\S]*?)\n?```/u.exec(text);
  return fenced?.[1] ?? text;
}

/** @throws {HoneError} `HONE_OPTION_INVALID` for a limit that is no number above 0. */
export function checkLimits(name: string, limits: SandboxLimits): void {
  const wrong = Object.entries(limits).find(([, limit]) => limit !== undefined && !(Number(limit) > 0));
  if (wrong === undefined) return;
  throw new HoneError(`"${name}": \`${wrong[0]}\` is ${String(wrong[1])}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a number above 0.',
  });
}
