import { HoneError } from '../base/errors.ts';

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
