import { checkMembers, shown } from '../base/check-members.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import type { CallCount, Program } from './program.ts';

const hint = 'Make it with predict(), pipeline(), program() or createProgram().';

/**
 * Checks what a caller gives as its program before a row is answered.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no program, and for one that cannot count its calls.
 */
export function checkProgram(program: unknown): void {
  checkMembers(program, { of: 'The program', members: { shape: 'object' }, hint });
  const { shape } = program as Program;
  checkMembers(shape, { of: "The program's shape", members: { name: 'text', version: 'text' }, hint });
  const of = `The program "${shape.name}"`;
  checkMembers(shape, {
    of,
    members: { inputs: 'list', outputs: 'list', steps: 'list', parameters: 'list' },
    hint,
  });
  checkMembers(program, {
    of,
    members: { signature: 'object', seed: 'object', calls: 'function', forward: 'function', run: 'function' },
    hint,
  });
  const calls = callsOf(program as Program, of);
  const isCount = (count: unknown) => Number.isFinite(count) && (count as number) >= 0;
  if (isCount(calls?.typical) && isCount(calls?.most)) return;
  throw new HoneError(`${of} counts its calls as ${shown(calls)}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Let `calls(candidate)` give { typical, most }: how often a row asks a model, as numbers.',
  });
}

function callsOf(program: Program, of: string): CallCount | undefined {
  try {
    return program.calls(program.seed);
  } catch (cause) {
    throw new HoneError(`${of}: \`calls\` threw: ${messageOf(cause)}`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Let `calls(candidate)` give { typical, most }: how often a row asks a model, as numbers.',
      cause,
    });
  }
}

/** What is wrong with a prediction, which types do not bind at run time; undefined when it can be used. */
export function faultOfPrediction(prediction: unknown): string | undefined {
  if (typeof prediction !== 'object' || prediction === null) return `\`forward\` gave ${shown(prediction)}`;
  const { status, outputs, trace, reason } = prediction as Readonly<Record<string, unknown>>;
  if (!Array.isArray(trace)) return 'the `trace` of its prediction is no list';
  if (status === 'completed') {
    return typeof outputs === 'object' && outputs !== null
      ? undefined
      : `the \`outputs\` of its prediction are ${shown(outputs)}`;
  }
  if (status !== 'failed') return `the \`status\` of its prediction is ${shown(status)}`;
  return typeof reason === 'string' ? undefined : 'its prediction has failed without a `reason`';
}
