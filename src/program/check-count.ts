import { HoneError } from '../base/errors.ts';
import { unknownOption } from '../base/option-names.ts';

/**
 * Checks a number of runs before anything is asked.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when it is no whole number from `least` to 1,000.
 */
export function checkCount(
  count: number,
  { of, option, least = 1 }: { readonly of: string; readonly option: string; readonly least?: number },
): void {
  if (Number.isInteger(count) && count >= least && count <= 1_000) return;
  throw new HoneError(`${of}: \`${option}\` is ${count}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Give a whole number from ${least} to 1,000.`,
  });
}

/**
 * Checks how often each step is said to run.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for the name of no step, or what is no whole number from 1 to 1,000.
 */
export function checkTimes(
  times: Readonly<Record<string, number | undefined>>,
  { of, steps }: { readonly of: string; readonly steps: readonly string[] },
): void {
  for (const [step, count] of Object.entries(times)) {
    if (!steps.includes(step)) throw unknownOption({ of: `${of}: \`times\``, names: steps }, step);
    if (count !== undefined) checkCount(count, { of, option: `times.${step}` });
  }
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when a temperature is no number from 0 to 2. */
export function checkTemperature(temperature: number, of: string): void {
  if (temperature >= 0 && temperature <= 2) return;
  throw new HoneError(`${of}: \`temperature\` is ${temperature}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a number from 0 to 2.',
  });
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when the most tokens of an answer are no whole number from 1. */
export function checkTokens(tokens: number, of: string): void {
  if (Number.isInteger(tokens) && tokens >= 1) return;
  throw new HoneError(`${of}: \`maxOutputTokens\` is ${tokens}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a whole number from 1.',
  });
}
